"""Tests that the benchmark runs on a few documents and that its tables show the measured values."""

import json
import os
import subprocess
import sys

import pytest

from . import report
from .fixture_data import entries
from .search import ROOT
from .texts import text

pytestmark = pytest.mark.embedded

ELSEWHERE = ("DATABASE_URL", "ELASTICSEARCH_URL", "DJANGO_SETTINGS_MODULE", "DATA_DIR")


def test_the_benchmark_measures_every_engine_on_the_same_documents():
    environment = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    command = [sys.executable, "-m", "tests.bench.search", "--documents", "120", "--repetitions", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = {line.split("|")[1].strip(): line.split("|")[2:-1] for line in done.stdout.splitlines() if "|" in line}
    assert float(rows["search p95, ms"][0].split("(")[0]) > 0
    assert float(rows["indexed, documents a second"][0].replace(",", "")) > 0
    embedded, wagtail = (float(cell.strip(" %")) for cell in rows["queries without hits"])
    assert embedded < wagtail < 100


def test_publishers_at_work_see_no_error():
    environment = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    command = [sys.executable, "-m", "tests.bench.writers", "--publishers", "4", "--seconds", "8", "--pause", "0.1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "visible errors: 0" in done.stdout


def test_readers_get_complete_answers_while_the_index_is_rebuilt():
    environment = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    command = [sys.executable, "-m", "tests.bench.readers", "--readers", "4", "--seconds", "6", "--documents", "120"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "errors: 0" in done.stdout


def test_a_document_is_the_same_however_many_there_are():
    entry = next(each for each in entries() if each.number == 299)
    assert entry.languages == next(each for each in entries() if each.content == entry.content).languages
    written = text(entry.content, entry.language)
    assert written == text(entry.content, entry.language)
    assert 150 < sum(len(paragraph.split()) for paragraph in written.paragraphs) < 650


def test_tables_take_the_place_of_older_ones_of_the_same_database(tmp_path, monkeypatch):
    document = tmp_path / "benchmarks.md"
    document.write_text(report.DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(report, "DOCUMENT", document)
    for tables in ("| old |", "| new |"):
        report.write(tables, "SQLite")
        report.write(f"{tables} there", "PostgreSQL 15")
    written = document.read_text(encoding="utf-8")
    assert "| old |" not in written
    assert written.count("| new |") == 2
    assert written.index("| new |") < written.index("| new | there")


def test_answers_that_were_given_up_count_as_at_least_the_limit():
    slow = {"search": [6.0] * 20, "suggest": [0.1] * 20, "kinds": {"one word": [6.0] * 20}, "queries": 20}
    slow |= {"without_hits": 0.0, "rate": 100.0, "index_memory": 1.0, "memory": 1.0}
    quick = json.loads(json.dumps(slow)) | {"search": [0.06] * 20, "rebuild": 3.0}
    slower = quick | {"search": [0.09] * 20}
    results = {("wagtail", 10): slow, ("embedded", 10): quick, ("wagtail", 20): slow, ("embedded", 20): slower}
    tables = report.report(results, "SQLite")
    assert "| search p95, ms | 60.0 (< 0.012) | > 5000 |" in tables
    assert "| search p95 grows by a factor of | 1.50 | 1.00 |" in tables


def test_a_slow_search_that_ran_few_queries_has_a_table_too():
    quick = {"search": [0.06] * 20, "suggest": [0.1] * 20, "kinds": {"one word": [0.06] * 10, "phrase": [0.06] * 10}}
    quick |= {"queries": 20, "without_hits": 0.0, "rate": 100.0, "index_memory": 1.0, "memory": 1.0, "rebuild": 3.0}
    slow = quick | {"search": [4.0], "kinds": {"phrase": [4.0]}, "queries": 1}
    tables = report.report({("wagtail", 10): slow, ("embedded", 10): quick}, "SQLite")
    assert "| phrase | 60.0 (0.015) | 4000.0 |" in tables
    assert "| one word |" not in tables

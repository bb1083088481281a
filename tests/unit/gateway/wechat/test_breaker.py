"""The circuit breaker of calls to WeChat."""

from gateway.wechat.breaker import FAILURES_MOST, PAUSE_S, Breaker


def failed(times: int) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        assert breaker.admit(0.0)
        breaker.record_failure(0.0)
    return breaker


def test_failures_in_a_row_open_it():
    admitted = [failed(times).admit(PAUSE_S - 1) for times in (FAILURES_MOST - 1, FAILURES_MOST)]

    assert admitted == [True, False]


def test_an_answer_between_them_starts_the_row_again():
    breaker = failed(FAILURES_MOST - 1)
    breaker.record_success()
    breaker.record_failure(0.0)

    assert not breaker.is_open


def test_after_the_pause_one_call_at_a_time_finds_out():
    breaker = failed(FAILURES_MOST)

    admitted = [breaker.admit(PAUSE_S), breaker.admit(PAUSE_S)]

    assert admitted == [True, False]


def test_who_finds_an_answer_closes_it():
    breaker = failed(FAILURES_MOST)
    breaker.admit(PAUSE_S)
    breaker.record_success()

    assert (breaker.is_open, breaker.admit(PAUSE_S), breaker.admit(PAUSE_S)) == (False, True, True)


def test_who_finds_none_opens_it_again_at_once():
    breaker = failed(FAILURES_MOST)
    breaker.admit(PAUSE_S)
    breaker.record_failure(PAUSE_S)

    assert (breaker.admit(2 * PAUSE_S - 1), breaker.admit(2 * PAUSE_S)) == (False, True)


def test_who_goes_away_without_finding_out_leaves_it_to_the_next():
    breaker = failed(FAILURES_MOST)
    breaker.admit(PAUSE_S)
    breaker.record_cancelled()

    assert breaker.admit(PAUSE_S)


def test_spent_quota_shuts_it_for_as_long_as_said():
    breaker = Breaker()
    breaker.open_for(0.0, 600.0)

    assert (breaker.admit(599.0), breaker.admit(600.0)) == (False, True)

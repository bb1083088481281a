"""Contract of the store of codes for signing in: the same tests run on the database and on the tests' collection.

class TestMemorySignInCodes(SignInCodeContract):
    @pytest.fixture
    def codes(self) -> SignInCodes: ...
"""

from services.moderation.sign_in_codes import (
    HOUR_MS,
    LIFE_MS,
    MOST_AN_HOUR,
    MOST_OF_ALL_AN_HOUR,
    MOST_TRIES,
    WAIT_MS,
    SignInCodes,
)
from shared.decider import Refused

MANY = Refused("sign-in-codes-many", "staff")
NOW = 10 * HOUR_MS


def request(codes: SignInCodes, account: str = "jin", staff: str = "jin", now: int = NOW) -> str:
    """Ask for a code and return the name of the request."""
    made = codes.request(account, staff, now=now)
    assert isinstance(made, str), made
    return made


def sent(codes: SignInCodes, now: int = NOW) -> str:
    """Hand the next code to the sender, and return it."""
    due = codes.take_due(now=now)
    assert due is not None
    return due.code


class SignInCodeContract:
    """The tests that every store of codes must pass. A subclass provides an empty one by the fixture `codes`."""

    def test_code_signs_in_once(self, codes: SignInCodes) -> None:
        name = request(codes)
        code = sent(codes)

        assert (len(code), code.isdecimal()) == (6, True)
        assert [codes.use(name, code, now=NOW + 1) for _ in range(2)] == ["jin", None]

    def test_code_is_handed_to_the_sender_once(self, codes: SignInCodes) -> None:
        request(codes)
        sent(codes)

        assert codes.take_due(now=NOW) is None

    def test_code_that_was_not_sent_signs_nobody_in(self, codes: SignInCodes) -> None:
        name, other = request(codes), request(codes, "ju", "ju")
        code = sent(codes)

        assert codes.use(other, code, now=NOW) is None
        assert codes.use(name, code, now=NOW) == "jin"

    def test_code_lasts_five_minutes(self, codes: SignInCodes) -> None:
        early, late = request(codes), request(codes, "ju", "ju")
        first, second = sent(codes), sent(codes)

        used = [codes.use(early, first, now=NOW + LIFE_MS - 1), codes.use(late, second, now=NOW + LIFE_MS)]

        assert used == ["jin", None]

    def test_code_that_waited_too_long_is_not_sent(self, codes: SignInCodes) -> None:
        request(codes)

        assert codes.take_due(now=NOW + LIFE_MS) is None

    def test_right_code_is_too_late_after_the_last_try(self, codes: SignInCodes) -> None:
        name = request(codes)
        code = sent(codes)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"

        tried = [codes.use(name, wrong, now=NOW) for _ in range(MOST_TRIES)]

        assert (tried, codes.use(name, code, now=NOW)) == ([None] * MOST_TRIES, None)

    def test_request_for_an_account_without_a_code_looks_like_any_other_and_is_never_sent(
        self, codes: SignInCodes
    ) -> None:
        name = request(codes, "nobody", "")
        again = codes.request("nobody", "", now=NOW)

        assert (len(name), again, codes.take_due(now=NOW)) == (32, MANY, None)
        assert codes.use(name, "000000", now=NOW) is None

    def test_account_gets_a_code_a_minute_and_five_an_hour(self, codes: SignInCodes) -> None:
        early = [codes.request("jin", "jin", now=NOW + at) for at in (0, WAIT_MS - 1)]
        later = [codes.request("jin", "jin", now=NOW + n * WAIT_MS) for n in range(1, MOST_AN_HOUR + 1)]

        assert [isinstance(each, str) for each in (*early, *later)] == [
            True,
            False,
            *[True] * (MOST_AN_HOUR - 1),
            False,
        ]
        assert isinstance(codes.request("jin", "jin", now=NOW + HOUR_MS + WAIT_MS), str)

    def test_campaign_sends_so_many_an_hour_and_no_more(self, codes: SignInCodes) -> None:
        for n in range(MOST_OF_ALL_AN_HOUR):
            request(codes, f"a{n}", "")

        assert codes.request("jin", "jin", now=NOW) == MANY

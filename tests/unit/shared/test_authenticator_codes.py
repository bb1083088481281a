"""Codes of authenticator apps: which half minute a code is of, and that each is let in once."""

import pytest

from shared.authenticator_codes import UsedCodes, address, step_of
from tests.memory_documents import MemoryDatabase

#: The secret of RFC 6238, appendix B ("12345678901234567890" in base32), with the last six digits of its codes.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_standard(at: int, code: str):
    assert step_of(SECRET, code, now_s=at) == at // 30


@pytest.mark.parametrize(("late_s", "counts"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_clock_of_the_telephone_may_be_half_a_minute_off(late_s: int, counts: bool):
    assert (step_of(SECRET, "005924", now_s=1_234_567_890 + late_s) is not None) == counts


@pytest.mark.parametrize("code", ["", "5924", "００５９２４", "0059240", "00592a", "123456"])
def test_anything_else_is_no_code(code: str):
    assert step_of(SECRET, code, now_s=1_234_567_890) is None


def test_code_is_let_in_once_and_none_before_it_any_more():
    used = UsedCodes(MemoryDatabase())

    let_in = [used.use(which, step) for which, step in (("a", 7), ("a", 7), ("a", 6), ("b", 7), ("a", 8), ("a", 8))]

    assert let_in == [True, False, False, True, True, False]


def test_address_names_the_campaign_and_the_account():
    assert address(SECRET, account="olga", issuer="百家") == (
        f"otpauth://totp/%E7%99%BE%E5%AE%B6:olga?secret={SECRET}&issuer=%E7%99%BE%E5%AE%B6"
    )

"""How cadres of a unit come to their accounts: invitation, joining, signing in, leaving."""

from typing import Any

import pytest

from services.submission.events import CadreInvited, CadreJoined, CadreRemoved
from services.submission.invitations import (
    INVITATION_MS,
    MOST_CADRES,
    InviteCadres,
    JoinUnit,
    RemoveCadre,
    invite,
    join,
    remove,
)
from services.submission.state import SubmissionState, evolve
from shared.decider import Refused
from shared.events import Sealed
from tests.unit.submission.hosted import Town

PASSWORD = "five green lamps"
NAME, SECRET = Sealed("p.a"), Sealed("p.b")


def folded(state: SubmissionState, decided: Any) -> SubmissionState:
    assert not isinstance(decided, Refused), decided
    for event in decided:
        state = evolve(state, event)
    return state


def invited(town: Town, unit: str = "U1") -> str:
    """Issue an invitation for a unit, and return its text."""
    answer = town.ok("invite_units", "olga", "organiser", units=[unit])
    return next(each["invitation"] for each in answer["invitations"] if each["unit"] == unit)


def joined(town: Town, name: str = "王芳", unit: str = "U1") -> dict[str, Any]:
    return town.ok("join_unit", "anyone", unit=unit, invitation=invited(town, unit), name=name, password=PASSWORD)


# Decisions


@pytest.fixture
def state(town: Town) -> SubmissionState:
    """The state of submission with a roll of three units."""
    found: SubmissionState = town.state_of("submission")
    return found


def test_invitation_opens_one_account(state: SubmissionState):
    events = invite(InviteCadres(("U1",), "i-1", "olga", 10), state)
    assert events == [CadreInvited("U1", "i-1", 10 + INVITATION_MS, "olga", 10)]
    state = folded(state, events)

    joining = JoinUnit("U1", "i-1", NAME, SECRET, frozenset(), 20)
    state = folded(state, join(joining, state))

    assert dict(state.cadres_of("U1")) == {"U1.1": CadreJoined("U1", "U1.1", NAME, SECRET, "i-1", 20)}
    assert join(joining, state) == Refused("invitation-spent", "invitation")


def test_later_invitation_replaces_the_open_one_and_the_same_changes_nothing(state: SubmissionState):
    for name in ("i-1", "i-2"):
        state = folded(state, invite(InviteCadres(("U1",), name, "olga", 10), state))

    assert invite(InviteCadres(("U1",), "i-1", "olga", 20), state) == []
    refused = Refused("invitation-spent", "invitation")
    assert join(JoinUnit("U1", "i-1", NAME, SECRET, frozenset(), 20), state) == refused
    assert join(JoinUnit("U1", "i-2", NAME, SECRET, frozenset(), 10 + INVITATION_MS), state) == refused
    assert join(JoinUnit("U1", "i-2", NAME, SECRET, frozenset(), 9 + INVITATION_MS), state) != refused


def test_invitations_are_issued_together_or_not_at_all(state: SubmissionState):
    decided = invite(InviteCadres(("U1", "U9"), "i-1", "olga", 10), state)

    assert decided == Refused("unit-unknown", "units", {"unit": "U9"})


def test_unit_has_so_many_cadres_and_no_more_and_a_number_is_never_given_twice(state: SubmissionState):
    for n in range(MOST_CADRES):
        state = folded(state, invite(InviteCadres(("U1",), f"i-{n}", "olga", 10), state))
        state = folded(state, join(JoinUnit("U1", f"i-{n}", NAME, SECRET, frozenset(state.cadres_of("U1")), 20), state))

    full = Refused("cadres-full", "units", {"unit": "U1", "most": MOST_CADRES})
    assert invite(InviteCadres(("U1",), "i-x", "olga", 30), state) == full
    state = folded(state, remove(RemoveCadre("U1", "U1.3", "olga", 40), state))
    state = folded(state, invite(InviteCadres(("U1",), "i-y", "olga", 50), state))
    state = folded(state, join(JoinUnit("U1", "i-y", NAME, SECRET, frozenset(state.cadres_of("U1")), 60), state))
    assert ("U1.3" in state.cadres_of("U1"), f"U1.{MOST_CADRES + 1}" in state.cadres_of("U1")) == (False, True)


def test_cadre_whose_name_was_not_compared_with_those_of_all_others_does_not_join(state: SubmissionState):
    state = folded(state, invite(InviteCadres(("U1",), "i-1", "olga", 10), state))
    state = folded(state, join(JoinUnit("U1", "i-1", NAME, SECRET, frozenset(), 20), state))
    state = folded(state, invite(InviteCadres(("U1",), "i-2", "olga", 30), state))

    assert join(JoinUnit("U1", "i-2", NAME, SECRET, frozenset(), 40), state) == Refused("busy")


def test_removing_a_cadre_twice_is_the_same_as_once_and_an_unknown_one_is_refused(state: SubmissionState):
    state = folded(state, invite(InviteCadres(("U1",), "i-1", "olga", 10), state))
    state = folded(state, join(JoinUnit("U1", "i-1", NAME, SECRET, frozenset(), 20), state))

    removed = remove(RemoveCadre("U1", "U1.1", "olga", 30), state)
    assert removed == [CadreRemoved("U1", "U1.1", "olga", 30)]
    assert remove(RemoveCadre("U1", "U1.1", "olga", 40), folded(state, removed)) == []
    assert remove(RemoveCadre("U1", "U1.2", "olga", 40), state) == Refused("cadre-unknown", "cadre")


# Calls


def test_cadre_joins_signs_in_and_leaves(town: Town):
    session = joined(town)
    assert (session["unit"], session["cadre"], session["name"]) == ("U1", "王芳", "石家庄第一机床厂工会")
    signed_in = town.ok("cadre_login", "anyone", unit="ｕ1", name=" 王 芳 ".replace(" 芳", "芳"), password=PASSWORD)
    assert town.ok("use_session", "gateway", "operator", session=signed_in["session"]) == {"person": "U1"}

    rows = town.ok("cadres", "U1", "unit")["cadres"]
    assert [(each["cadre"], each["name"]) for each in rows] == [("U1.1", "王芳")]
    town.ok("remove_cadre", "U1", "unit", cadre="U1.1")

    assert town.no("use_session", "gateway", "operator", session=signed_in["session"]) == "session-ended"
    assert town.no("cadre_login", "anyone", unit="U1", name="王芳", password=PASSWORD) == "login-refused"


def test_session_by_access_code_goes_on_when_a_cadre_leaves(town: Town):
    first = town.ok("unit_login", "anyone", unit="U1", access="k3mwp82q")["session"]
    joined(town)
    town.ok("remove_cadre", "olga", "organiser", cadre="U1.1")

    assert town.ok("use_session", "gateway", "operator", session=first) == {"person": "U1"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"invitation": "A" * 16}, "invitation-spent", id="another text"),
        pytest.param({"unit": "U2"}, "invitation-spent", id="another unit"),
        pytest.param({"unit": "U77"}, "invitation-spent", id="a unit that is not on the roll"),
        pytest.param({"password": "1234567890"}, "password-weak", id="a weak password"),
        pytest.param({"name": "李 强"}, "cadre-name-taken", id="the name of another cadre but for a blank"),
    ],
)
def test_joining_is_refused_with_its_reason_and_stays_possible(town: Town, change: dict[str, str], code: str):
    joined(town, "李强")
    sound = {"unit": "U1", "invitation": invited(town), "name": "王芳", "password": PASSWORD}

    assert town.no("join_unit", "anyone", **(sound | change)) == code
    assert town.ok("join_unit", "anyone", **sound)["cadre"] == "王芳"


def test_all_units_without_anybody_who_can_sign_in_are_invited_once(town: Town):
    town.import_roll(
        "code,name,level,type,city,employer,access_code\n"
        "V1,甲工会,grassroots,state,保定,甲厂,\nV2,乙工会,grassroots,state,保定,乙厂,k3mwp82q\n"
        "V3,丙工会,county,state,保定,丙厂,\nV4,丁工会,grassroots,state,保定,丁厂,\n"
    )

    first = town.ok("invite_units", "olga", "organiser")
    again = town.ok("invite_units", "olga", "organiser")

    assert [each["unit"] for each in first["invitations"]] == ["V1", "V4"]
    assert (first["issued"], again["issued"]) == (2, 0)
    assert first["invitations"] == again["invitations"]
    assert len({each["invitation"] for each in first["invitations"]}) == 2


def test_cadre_invites_a_colleague_of_the_same_unit_alone(town: Town):
    joined(town)

    invitation = town.ok("invite_colleague", "U1", "unit")

    assert invitation["unit"] == "U1"
    colleague = {"unit": "U1", "invitation": invitation["invitation"], "name": "李强", "password": PASSWORD}
    assert town.ok("join_unit", "anyone", **colleague)["cadre"] == "李强"
    assert town.no("remove_cadre", "U2", "unit", cadre="U1.1") == "cadre-unknown"


def test_forgotten_cadre_cannot_sign_in_and_has_no_name(town: Town):
    joined(town)
    town.vault.forget(["cadre.U1.1"])

    assert [each["name"] for each in town.ok("cadres", "U1", "unit")["cadres"]] == ["已删除 (deleted)"]
    assert town.no("cadre_login", "anyone", unit="U1", name="王芳", password=PASSWORD) == "login-refused"


def test_cadre_signs_in_by_the_wechat_account_that_was_linked_in_a_session_of_the_cadre(town: Town):
    session = joined(town)["session"]
    town.ok("link_cadre", "U1", "unit", session=session, account="w" * 24)

    found = town.ok("wechat_login", "gateway", "operator", account="w" * 24)
    assert (found["unit"], found["cadre"]) == ("U1", "王芳")
    town.ok("link_cadre", "U1", "unit", session=session, account="x" * 24)
    assert town.no("wechat_login", "gateway", "operator", account="w" * 24) == "wechat-not-linked"
    town.ok("remove_cadre", "U1", "unit", cadre="U1.1")
    assert town.no("wechat_login", "gateway", "operator", account="x" * 24) == "wechat-not-linked"


def test_session_by_access_code_and_that_of_another_unit_link_no_wechat_account(town: Town):
    session = joined(town)["session"]
    by_code = town.ok("unit_login", "anyone", unit="U1", access="k3mwp82q")["session"]

    assert town.no("link_cadre", "U1", "unit", session=by_code, account="w" * 24) == "cadre-unknown"
    assert town.no("link_cadre", "U2", "unit", session=session, account="w" * 24) == "cadre-unknown"
    assert town.no("wechat_login", "gateway", "operator", account="w" * 24) == "wechat-not-linked"

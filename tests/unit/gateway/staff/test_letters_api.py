"""Letters by the API: the gateway in front of the real moderation service, over a ledger in memory."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from services.submission.events import EntrySubmitted
from shared.commit import Head, form
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.town import Visitor
from tests.unit.submission.hosted import Town

METHODS = (
    "letters", "letter", "message_counts", "letter_audiences", "draft_letters", "approve_letters", "withdraw_letters",
    "resume_letters",
)  # fmt: skip
NUMBERS = itertools.count()


class Desk:
    """The API of letters, as people of several roles call it."""

    def __init__(self, visitor: Visitor, town: Town) -> None:
        self.town, self._visitor = town, visitor
        for role in ("organiser", "auditor", "moderator"):
            visitor.token(role)  # all at once: the gateway reads the list of staff now and then, not at each request
        for method in METHODS:
            visitor.town.answers["moderation", method] = lambda call, method=method: town.forward(
                "moderation", method, call
            )

    def get(self, path: str, *, role: str = "organiser") -> Any:
        return self._visitor.request("GET", f"/letters{path}", role=role)

    def post(self, path: str, body: Any, *, role: str = "organiser") -> Any:
        return self._visitor.request("POST", f"/letters{path}", role=role, json=body, key=f"letters-{next(NUMBERS)}")

    def states(self) -> dict[str, int]:
        return {name: count for name, count in self.get("/counts").json().items() if count}


@pytest.fixture
def desk(visitor: Visitor, tmp_path: Path) -> Desk:
    """Return the API of a campaign with two approved entries, whose letters wait."""
    town = Town(tmp_path)
    now = town.open(CAMPAIGN_FILE.read_text())["now"]
    town.appoint("mo", "莫", "moderator")
    handed = [
        EntrySubmitted(f"{unit}-1", 1, unit, "state", f"题{unit}", "", "", ("home",), None, (), None, now - 9,
                       unit_name=f"{unit}工会")
        for unit in ("U1", "U2")
    ]  # fmt: skip
    town.ledger.insert(form(Head("submission"), handed, commands=[], stamp=stamp()))
    for entry in ("U1-1", "U2-1"):
        town.ok("approve", "mo", "moderator", entry=entry, version=1)
    return Desk(visitor, town)


def test_letters_are_listed_and_approved_as_they_were_read(desk: Desk) -> None:
    found = desk.get("?state=proposed&limit=1").json()
    (first,) = found["letters"]
    rest = desk.get(f"?after={found['next']}").json()["letters"]
    read = [{"letter": each["letter"], "digest": each["digest"]} for each in (first, *rest)]

    assert (found["total"], first["kind"], [each["unit"] for each in rest]) == (2, "approved", ["U2"])
    assert desk.post("/approval", {"letters": read}).json()["approved"] == 2
    assert desk.states() == {"unaddressed": 2, "open": 2}
    assert desk.get(f"/one?letter={first['letter']}").json()["state"] == "unaddressed"


def test_letter_with_another_digest_is_not_approved_nor_is_any_beside_it(desk: Desk) -> None:
    first, other = desk.get("").json()["letters"]
    read = [{"letter": first["letter"], "digest": first["digest"]}, {"letter": other["letter"], "digest": "0" * 16}]
    answer = desk.post("/approval", {"letters": read})

    assert (answer.status_code, answer.json()["code"]) == (409, "letter-changed")
    assert desk.states() == {"proposed": 2}


def test_empty_list_sends_nothing(desk: Desk) -> None:
    answers = [desk.post(path, {"letters": []}) for path in ("/approval", "/withdrawal", "/retry")]

    assert [each.json()["code"] for each in answers] == ["letters-empty"] * 3


def test_broadcast_is_proposed_to_the_units_of_a_group_and_dropped(desk: Desk) -> None:
    (group,) = [each for each in desk.get("/audiences").json()["audiences"] if each["code"] == "approved"]
    to = [f"contact.{unit}" for unit in group["units"]]
    drafted = desk.post("/drafts", {"kind": "broadcast", "to": to, "title": "延长一天", "words": "点赞延长。"}).json()
    names = [each["letter"] for each in desk.get("?kind=broadcast").json()["letters"]]

    assert (drafted["letters"], names) == (2, [f"{drafted['batch']}/{each}" for each in to])
    assert desk.post("/withdrawal", {"letters": names}).json()["withdrawn"] == 2
    assert desk.states() == {"proposed": 2, "withdrawn": 2}


def test_failed_letter_is_tried_again(desk: Desk) -> None:
    desk.town.ok("set_message_contact", "U1", "unit", contact="contact.U1", email="li@example.cn")
    letter = desk.get("").json()["letters"][0]
    desk.post("/approval", {"letters": [{"letter": letter["letter"], "digest": letter["digest"]}]})
    (due,) = desk.town.ok("due_deliveries", "clock", "operator", channels=["email"])["due"]
    begun = {name: due[name] for name in ("letter", "channel", "attempt", "channels")}
    desk.town.ok("begin_delivery", "clock", "operator", **begun)
    ended = {name: due[name] for name in ("letter", "attempt", "channels")}
    desk.town.ok("end_delivery", "clock", "operator", **ended, state="failed", code="550")

    (failed,) = desk.get("?state=failed").json()["letters"]
    assert [(each["channel"], each["code"]) for each in failed["attempts"]] == [("email", "550")]
    assert "li@example.cn" not in str(failed)
    assert desk.post("/retry", {"letters": [failed["letter"]]}).json()["resumed"] == 1
    assert desk.states() == {"proposed": 1, "waiting": 1, "open": 1}


def test_auditor_reads_and_does_not_act(desk: Desk) -> None:
    assert len(desk.get("", role="auditor").json()["letters"]) == 2
    assert desk.post("/approval", {"letters": []}, role="auditor").status_code == 403
    assert desk.get("", role="moderator").status_code == 403

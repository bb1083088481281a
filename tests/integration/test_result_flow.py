"""The result on the real engines, from a rehearsal to a certificate that a disqualification revokes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.moderation import events as desk
from services.ranking import events as own
from services.ranking import queries
from services.ranking.rebuild import rebuild_and_compare
from shared.projection import ProjectionStore
from tests.integration.processes import running_services
from tests.integration.temporary_campaign import Place
from tests.unit.ranking.stories import END, until_judged

pytestmark = pytest.mark.slow

WORDS, CONTACT = "张三丰的材料是假的。", "13877770000"
ORGANISER, GATEWAY, ANYBODY = ("organiser",), ("operator",), ()


@contextmanager
def ranking_service(place: Place) -> Iterator[Callable[..., dict[str, Any]]]:
    """Start the ranking service on the judged campaign; yield a function that calls it."""
    for log, commits in until_judged(seed=place.keys.lot).items():
        place.append(log, *commits)
    with running_services(place, "ranking") as (caller, _):

        def call(method: str, *, actor: str = "o1", roles: tuple[str, ...] = ORGANISER, **body: Any) -> Any:
            seen = {"moderation": place.ledger.head("moderation")}
            return caller.call("ranking", method, body, actor=actor, roles=roles, at_least=seen)

        yield call


def sign_result(call: Callable[..., Any]) -> str:
    """Propose a result and sign it by two; return the proposal."""
    proposed = call("propose_result")["ok"]
    ours = {"proposal": proposed["proposal"], "digest": proposed["digest"]}
    for by in ("o1", "o2"):
        assert "ok" in call("sign_result", actor=by, **ours)
    return str(ours["proposal"])


def store_table(place: Place) -> None:
    """Store the table that public views are made of, as the projector does."""
    store = ProjectionStore(place.database)
    store.keep(queries.current(place.ledger, store))


def publish_result(call: Callable[..., Any]) -> Any:
    """Propose a result, sign it by two and publish it; return the answer."""
    return call("publish_result", proposal=sign_result(call))["ok"]


def test_result_is_published_at_the_time_that_it_was_given(place: Place) -> None:
    nine = END + 3_600_000
    with ranking_service(place) as call:
        proposal = sign_result(call)
        assert call("schedule_release", proposal=proposal, at=nine)["ok"]["release_at"] == nine
        place.append("moderation", [desk.ClockMoved(nine - 1, by="o1")])
        assert call("release_due", actor="clock", roles=GATEWAY)["refused"]["code"] == "release-not-due"

        place.append("moderation", [desk.ClockMoved(nine, by="o1")])
        assert "ok" in call("release_due", actor="clock", roles=GATEWAY)
        assert call("release_due", actor="clock", roles=GATEWAY)["refused"]["code"] == "release-not-due"

    (found,) = [each for each in place.events("ranking") if isinstance(each, own.ResultPublished)]
    assert (found.proposal, found.by, found.at) == (proposal, "o1", nine)


def test_previews_write_nothing_and_tell_what_then_happens(place: Place) -> None:
    with ranking_service(place) as call:
        before = place.ledger.head("ranking")
        rehearsed = call("rehearse_result")["ok"]
        without = call("result_without", entry="u2-1")["ok"]
        unknown = call("result_without", entry="u5-1")["refused"]["code"]
        assert place.ledger.head("ranking") == before

        proposed = call("propose_result")["ok"]
        place.append("moderation", [desk.EntryDisqualified("u2-1", "made up", by="o1", at=END)])
        then = call("rehearse_result")["ok"]

    assert (rehearsed["proposal"], rehearsed["digest"], rehearsed["obstacles"]) == ("P1", proposed["digest"], [])
    assert unknown == "entry-unknown"
    assert (without["digest_now"], without["digest"]) == (proposed["digest"], then["digest"])
    assert without["changes"] == then["changes"]
    assert [(each["entry"], each["kind"]) for each in without["changes"]] == [("u1-1", "came"), ("u2-1", "went")]


def test_notice_objection_final_certificate_and_its_revocation(place: Place) -> None:
    with ranking_service(place) as call:
        assert call("file_objection", roles=GATEWAY, words=WORDS)["refused"]["code"] == "result-not-published"
        until = publish_result(call)["notice_until"]
        filed = call("file_objection", roles=GATEWAY, words=WORDS, contact=CONTACT, entry="u2-1")["ok"]
        number = filed["objection"]
        assert call("finalise_result", proposal="P1")["refused"]["code"] == "notice-running"

        place.append("moderation", [desk.ClockMoved(until, by="o1")])
        assert call("file_objection", roles=GATEWAY, words="late")["refused"] == {
            "code": "objection-late",
            "field": None,
            "detail": {"until": until},
        }
        store_table(place)
        assert call("finalise_result", proposal="P1")["refused"]["detail"] == {"objections": [number]}
        (read,) = call("objections")["ok"]["objections"]
        assert (read["words"], read["contact"]) == (WORDS, CONTACT)
        call("decide_objection", objection=number, upheld=False, words="已核实。")
        told = call("objection", roles=ANYBODY, objection=number)["ok"]
        assert (told["state"], told["answer"]["words"], "words" in told) == ("dismissed", "已核实。", False)

        assert call("issue_certificates")["refused"]["code"] == "result-not-final"
        store_table(place)
        assert "ok" in call("finalise_result", proposal="P1")
        issued = call("issue_certificates")["ok"]
        assert (issued["issued"], issued["valid"], issued["without"]) == (2, 2, 0)
        listed = {each["entry"]: each["certificate"] for each in call("certificates")["ok"]["certificates"]}
        checked = call("certificate", roles=ANYBODY, certificate=listed["u2-1"])["ok"]
        assert (checked["status"], checked["title"], checked["unit"]) == ("valid", "title u2-1 v2", "unit 2")

        place.append("moderation", [desk.EntryDisqualified("u2-1", "made up", by="o1", at=until + 1)])
        fallen = call("certificate", roles=ANYBODY, certificate=listed["u2-1"])["ok"]
        assert (fallen["status"], fallen["why"], fallen["since"]) == ("revoked", "disqualified", until + 1)
        assert call("result")["ok"]["outdated"] == ["u2-1"]
        views = call("views", roles=ANYBODY)["ok"]["views"]
        assert (views["result"]["data"]["outdated"], views["result"]["data"]["is_final"]) == (True, True)
        assert publish_result(call)["notice_until"] > until
        assert call("result")["ok"]["outdated"] == []

    stored = repr([commit.document for commit in place.commits("ranking")])
    assert [said for said in (WORDS, CONTACT) if said in stored] == []
    assert number in stored
    assert len([each for each in place.events("ranking") if isinstance(each, own.ResultPublished)]) == 2
    assert rebuild_and_compare(place.settings, source="ledger").equal

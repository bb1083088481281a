"""The shell of ranking, from judged entries to certificates: every answer is one that the gateway's routes declare."""

import base64
import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from services.moderation.events import ClockMoved, EntryDisqualified
from services.ranking import queries
from services.ranking.domain import RankingDecider
from services.ranking.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.ranking.read_model.projection import RankingProjection
from services.ranking.service import RankingService
from services.scoring.events import JudgeAppointed
from services.voting.events import LikesHeld
from shared.commit import Head, form
from shared.decider import CommandEnvelope, Outcome
from shared.events import Sealed
from shared.group import GroupCommit
from shared.keys import Keys
from shared.projection import ProjectionStore, Projector, advance
from shared.stamps import stamp, wall_ms
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.memory_vault import memory_vault
from shared.testing.trusted_callers import TrustedCallers
from shared.writer import LogWriter
from tests.declared_answers import check_reply, forwarding_routes
from tests.unit.ranking.memory_database import MemoryDatabase, store_table
from tests.unit.ranking.stories import (
    DAY,
    END,
    SEED,
    START,
    until_judged,
)

KEYS = Keys(*(bytes([k]) * 32 for k in range(5)), lot=SEED)


class MemoryLog:
    """What `shared.hosting.EventLog` gives a service, without engines."""

    def __init__(self, more: Mapping[str, list[object]]) -> None:
        self.callers = TrustedCallers()
        self.keys, self.ledger, self.database, self.vault = KEYS, MemoryLedger(), MemoryDatabase(), memory_vault()
        self._heads: dict[str, Head] = {}
        for log, batches in until_judged().items():
            for events in [*batches, *([more[log]] if log in more else [])]:
                self.append(log, *events)
        self.group = GroupCommit(LogWriter(OWN_LOG, RankingDecider(), stamp=stamp), self.ledger)
        self.group.catch_up([OWN_LOG, *FOLLOWED_LOGS])

    def append(self, log: str, *events: object) -> None:
        """Store a commit of another service."""
        head = self._heads.get(log, Head(log))
        document = form(head, events, commands=[], stamp=stamp())
        self.ledger.insert(document)
        self._heads[log] = head.after(document)

    @property
    def state(self) -> Any:
        return self.group.state

    def submit(self, order: CommandEnvelope, *, timeout_s: float) -> Outcome:
        return self.group.submit(order, timeout_s=timeout_s)

    def wait(self, at_least: Mapping[str, int], *, timeout_s: float) -> None:
        assert timeout_s > 0
        self.group.catch_up(list(at_least))


class Office:
    """The service, and a way to call it that compares each answer with the document."""

    def __init__(self, **more: list[object]) -> None:
        """Build the office; `more` holds events by log, which follow those of the story."""
        self.service, self._ids = RankingService(), itertools.count()
        self.service.log = MemoryLog(more)  # type: ignore[assignment]
        self.asked: set[str] = set()

    def call(self, method: str, *, by: str = "o1", role: str = "organiser", at: int = END + DAY, **body: Any) -> Any:
        call = {
            "id": f"c{next(self._ids)}", "actor": by, "roles": [role], "at": at,
            "deadline": wall_ms() + 60_000, "body": body,
        }  # fmt: skip
        answer = getattr(self.service, method)(call)
        check_reply("ranking", method, answer)
        self.asked.add(method)
        return answer

    def ok(self, method: str, **how: Any) -> dict[str, Any]:
        answer = self.call(method, **how)
        assert "ok" in answer, (method, answer)
        found: dict[str, Any] = answer["ok"]
        return found

    def publish(self) -> str:
        """The proposal, signed by two and published; what the digest is then."""
        proposed = self.ok("propose_result")
        for by in ("o1", "o2"):
            self.ok("sign_result", by=by, proposal=proposed["proposal"], digest=proposed["digest"])
        self.ok("publish_result", proposal=proposed["proposal"])
        return str(proposed["proposal"])


@pytest.fixture
def office() -> Office:
    return Office()


def test_result_that_is_published_already_is_answered_with_its_own_digest(office: Office):
    office.call("fix_cohort")
    proposal = office.publish()
    published = office.ok("result")["digest"]
    office.service.log.append("moderation", EntryDisqualified("u1-1", "copied", "m", END + DAY))
    office.service.log.group.catch_up(["moderation"])

    again = office.ok("publish_result", proposal=proposal)

    assert again["digest"] == published


def test_every_answer_on_the_way_to_certificates_is_declared(office: Office):
    office.call("fix_cohort")
    for method in (
        "result",
        "table",
        "methods",
        "stability",
        "rule_sheet",
        "rehearse_result",
        "scenarios",
        "certificates",
    ):
        office.ok(method)
    now, then = office.ok("table"), office.ok("table", as_of=START + 1)
    assert (now["heads"], then["heads"] == now["heads"], then["cut"] == now["heads"]) == (now["cut"], True, False)
    office.ok("result_without", entry="u1-1")
    office.ok("explanation", entry="u1-1", other={"as_of": END + 4})
    change = {"without_judges": ["j1"], "weights": "40/60"}
    office.ok("recount", **change)
    office.ok("save_scenario", name="fewer", reason="why", **change)
    office.ok("scenario", scenario="fewer")
    office.ok("scenarios")
    proposal = office.publish()
    office.call("schedule_release", proposal=proposal, at=END + 2 * DAY)
    filed = office.ok("file_objection", role="operator", words="words", contact=None, entry="u1-1")
    office.ok("objection", role="voter", objection=filed["objection"])
    office.ok("objections")
    office.ok("result")
    office.ok("awaited_final")
    office.ok("decide_objection", objection=filed["objection"], upheld=False, words="no")
    office.ok("decide_objections", objections=[filed["objection"]], upheld=False, words="still no")
    office.ok("explanation", role="voter", entry="u1-1")
    office.ok("open_exhibition")
    office.ok("take_down", entry="u2-1", reason="rights")
    until = office.ok("result")["notice_until"]
    assert office.call("finalise_result", proposal=proposal, at=until)["refused"]["code"] == "views-building"
    store_table(office.service.log)
    office.ok("finalise_result", proposal=proposal, at=until)
    due = office.ok("certificates_due", at=until, entries=None)["certificates"]
    texts = office.ok("certificate_texts")["certificates"]
    assert [(each["entry"], each["title"], each["unit"], each["type"]) for each in due] == [
        (each["entry"], each["title"], each["unit"], each["type"]) for each in texts
    ]
    issued = office.ok("issue_certificates", at=until, entries=None)
    (first, *_) = office.ok("certificates")["certificates"]
    office.ok("certificate", role="voter", certificate=first["certificate"])
    office.ok("revoke_certificate", certificate=first["certificate"], reason="a slip", at=until)

    published = {method for service, method in forwarding_routes() if service == "ranking"}
    assert issued["issued"] > 0
    assert published <= office.asked


def test_published_views_are_behind_from_the_oldest_commit_on_that_they_lack(office: Office):
    log = office.service.log
    store = ProjectionStore(log.database)
    now = queries.current(log.ledger, store)

    def behind() -> int | None:
        return queries.behind_s(log.ledger, store, tuple(now.cut), wall_ms() + 60_000)

    assert behind() is None
    store.keep(now)
    assert behind() == 0
    log.append("moderation", ClockMoved(END + DAY, by="o1"))
    assert (behind() or 0) // 60 == 1


def test_published_views_are_being_built_while_a_log_that_has_waited_is_not_begun(office: Office):
    log = office.service.log
    store = ProjectionStore(log.database)
    now = queries.current(log.ledger, store)
    building = Projector(RankingProjection())
    advance(building, log.ledger, {"moderation": now.cut["moderation"]})
    store.keep(building)

    assert queries.behind_s(log.ledger, store, tuple(now.cut), wall_ms() + 60_000) is None


def test_held_likes_are_named_by_entry_to_organisers_alone(office: Office):
    office.service.log.append("vote.cases", LikesHeld("case", "u3-1", ("vote.0/3/0",), "burst", at=START))

    assert office.ok("held_likes") == {"entries": [{"entry": "u3-1", "likes": ["vote.0/3/0"]}]}
    assert office.call("held_likes", role="auditor")["refused"]["code"] == "role-missing"


def test_marks_in_conflict_are_named_to_whoever_proposes_and_signs_a_result():
    later = JudgeAppointed("j1", Sealed("c1.n"), "", "", ("u2",), by="o1", at=END)
    office = Office(scoring=[later])
    expected = [{"entry": "u2-1", "judge": "j1", "why": "declared"}]

    assert office.ok("rehearse_result")["conflicted_marks"] == expected
    proposed = office.ok("propose_result")
    assert proposed["conflicted_marks"] == expected
    assert office.ok("result")["conflicted_marks"] == expected
    signed = office.ok("sign_result", proposal=proposed["proposal"], digest=proposed["digest"])
    assert signed["conflicted_marks"] == expected
    assert office.ok("awaited_final")["conflicted_marks"] == expected


def test_unit_gets_the_explanation_of_its_own_entry_once_the_result_is_published(office: Office):
    office.call("fix_cohort")
    early = office.call("complaint_pack", by="u1", role="unit", entry="u1-1")
    office.publish()
    own = office.ok("complaint_pack", by="u1", role="unit", entry="u1-1")
    foreign = office.call("complaint_pack", by="u2", role="unit", entry="u1-1")
    whole = office.ok("complaint_pack", entry="u1-1")

    assert early["refused"]["code"] == "result-not-published"
    assert foreign["refused"]["code"] == "not-yours"
    assert own["name"].endswith("-explanation.zip")
    assert len(base64.b64decode(own["zip"])) < len(base64.b64decode(whole["zip"]))

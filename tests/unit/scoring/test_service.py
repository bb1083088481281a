"""Tests of scoring's RPC methods, on a real writer over the ledger in memory: calls in, replies out."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from services.moderation import events as desk
from services.scoring.domain import ScoringDecider
from services.scoring.service import ScoringService
from services.submission.events import EntrySubmitted
from shared.commit import Head, form
from shared.decider import CommandEnvelope, Outcome
from shared.group import GroupCommit
from shared.keys import Keys
from shared.personal import DELETED, PersonalFields
from shared.stamps import stamp, wall_ms
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.memory_vault import memory_vault
from shared.testing.trusted_callers import TrustedCallers
from shared.vault import Vault
from shared.writer import LogWriter
from tests.declared_answers import check_reply
from tests.unit.scoring.stories import (
    ENTRIES,
    JUDGES,
    MARKS,
    NOON,
    START,
    fixed,
    handed_in,
    independent,
    opened,
    staffed,
)

KEYS = Keys(*(bytes([k]) * 32 for k in range(6)))
ids = itertools.count()


class MemoryLog:
    """The interface of `shared.hosting.EventLog` that services use, without engines."""

    def __init__(self, logs: Mapping[str, tuple[object, ...]], vault: Vault | None = None) -> None:
        self.callers = TrustedCallers()
        self.keys, self.ledger, self.vault = KEYS, MemoryLedger(), vault or memory_vault()
        for log, facts in logs.items():
            self.ledger.insert(form(Head(log), facts, commands=[], stamp=stamp()))
        self.group = GroupCommit(LogWriter("scoring", ScoringDecider(), stamp=stamp), self.ledger)
        self.group.catch_up([*logs])

    @property
    def state(self) -> Any:
        return self.group.state

    def submit(self, order: CommandEnvelope, *, timeout_s: float) -> Outcome:
        return self.group.submit(order, timeout_s=timeout_s)

    def wait(self, at_least: Mapping[str, int], *, timeout_s: float) -> None:
        assert timeout_s > 0
        for log, n in at_least.items():
            self.group.catch_up([log], at_least=n)


RpcCall = Callable[..., dict[str, Any]]


def rpc_on(*extra: object, facts: tuple[object, ...] | None = None, vault: Vault | None = None) -> RpcCall:
    """Return a service that has read the campaign, and a function that calls it."""
    desk_log = (*opened(), *staffed(), *extra) if facts is None else facts
    roll = handed_in()
    logs: dict[str, tuple[object, ...]] = {
        "moderation": (*desk_log, *(each for each in roll if isinstance(each, desk.EntryApproved))),
        "submission": tuple(each for each in roll if not isinstance(each, desk.EntryApproved)),
        "ranking": (fixed(),),
        "scoring": independent(),
    }
    service = ScoringService()
    service.log = MemoryLog(logs, vault)

    def rpc(method: str, actor: str, role: str, /, **body: Any) -> dict[str, Any]:
        call = {
            "id": body.pop("id", f"c{next(ids)}"),
            "actor": actor,
            "roles": [role],
            "at": body.pop("at", NOON),
            "deadline": wall_ms() + 120_000,
            "seen": body.pop("seen", {}),
            "body": body,
        }
        answer: dict[str, Any] = getattr(service, method)(call)
        check_reply("scoring", method, answer)
        return answer

    return rpc


@pytest.fixture
def vault() -> Vault:
    return memory_vault()


@pytest.fixture
def rpc(vault: Vault) -> RpcCall:
    """Return the calling function, with five judges appointed."""
    rpc = rpc_on(vault=vault)
    for each in JUDGES:
        rpc("appoint_judge", "olga", "organiser", judge=each, name=f"专家{each}", employer="", city="")
    return rpc


@pytest.fixture
def under_way(rpc: RpcCall) -> RpcCall:
    """Return the calling function, with all entries assigned."""
    rpc("assign", "olga", "organiser")
    return rpc


def first_of(rpc: RpcCall, judge: str) -> str:
    entry: str = rpc("my_assignments", judge, "judge")["ok"]["entries"][0]["entry"]
    return entry


def test_name_of_a_judge_is_stored_sealed_and_shown_to_the_organiser(rpc: RpcCall):
    shown = rpc("progress", "olga", "organiser")["ok"]["judges"][0]

    assert shown["name"] == "专家ann"


def test_appointing_again_with_the_same_name_writes_nothing(rpc: RpcCall):
    first = rpc("appoint_judge", "olga", "organiser", judge="ann", name="专家ann", employer="", city="")
    mended = rpc("appoint_judge", "olga", "organiser", judge="ann", name="专家安", employer="", city="")

    assert first["n"] + 1 == mended["n"]
    assert rpc("progress", "olga", "auditor")["ok"]["judges"][0]["name"] == "专家安"


def test_name_is_sealed_with_the_judges_own_key():
    log = MemoryLog({"moderation": (*opened(), *staffed())})
    service = ScoringService()
    service.log = log
    service.appoint_judge(
        {
            "id": "1",
            "actor": "olga",
            "roles": ["operator"],
            "at": NOON,
            "deadline": wall_ms() + 120_000,
            "body": {"judge": "ann", "name": "安", "employer": "", "city": ""},
        }
    )

    commit = log.ledger.get("scoring", 1)

    assert commit is not None
    (event,) = commit.events()
    assert "安" not in str(event)
    assert event.name.startswith("p.staff.ann.")  # type: ignore[attr-defined]
    assert PersonalFields(log.vault, KEYS.campaign).open(event.name).decode() == "安"  # type: ignore[attr-defined]


def test_assignment_answers_the_new_readings(rpc: RpcCall):
    proposed = rpc("propose_assignment", "olga", "organiser")["ok"]
    done = rpc("assign", "olga", "organiser")

    assert 12 == proposed["missing"] == done["ok"]["assigned"]
    assert {each["judge"]: each["then"] for each in proposed["judges"]} == {
        each["judge"]: each["entries"] for each in done["ok"]["judges"]
    }
    assert rpc("assign", "olga", "organiser")["ok"] == {
        "assigned": 0,
        "judges": [],
        "conflicted_marks": [],
        "repeated": False,
    }


def test_judge_marks_revises_and_hands_in(under_way: RpcCall):
    entry = first_of(under_way, "ann")

    given = under_way("give_score", "ann", "judge", entry=entry, marks=MARKS, words=" 好\r\n ")
    revised = under_way("give_score", "ann", "judge", entry=entry, marks={**MARKS, "form": 71}, at=NOON + 1)

    assert tuple(given["ok"][each] for each in ("state", "total", "words", "at")) == ("marked", "81.00", "好", NOON)
    assert ("81.20", None, given["n"] + 1) == (revised["ok"]["total"], revised["ok"]["words"], revised["n"])
    early = under_way("submit_sheet", "ann", "judge")
    assert early["refused"]["code"] == "sheet-incomplete"
    for left in early["refused"]["detail"]["entries"]:
        under_way("give_score", "ann", "judge", entry=left, marks=MARKS)
    done = under_way("submit_sheet", "ann", "judge")["ok"]
    assert (done["judge"], done["submitted_at"]) == ("ann", NOON)
    late = under_way("give_score", "ann", "judge", entry=entry, marks=MARKS, at=NOON + 2)
    assert late["refused"]["code"] == "sheet-submitted"


def test_same_command_id_gets_its_first_answer(under_way: RpcCall):
    entry = first_of(under_way, "ann")

    first = under_way("give_score", "ann", "judge", id="k", entry=entry, marks=MARKS)
    again = under_way("give_score", "ann", "judge", id="k", entry=entry, marks=MARKS)

    assert (first["n"], True) == (again["n"], again["ok"]["repeated"])


def test_blank_reason_of_a_recusal_is_refused(under_way: RpcCall):
    logs = under_way("declare_conflict", "ann", "judge", entry=first_of(under_way, "ann"), reason=" \n")

    assert logs["refused"]["code"] == "reason-missing"


def test_reason_of_a_recusal_is_sealed_with_the_judges_own_key():
    log = MemoryLog({"moderation": (*opened(), *staffed()), "submission": handed_in(), "ranking": (fixed(),)})
    service = ScoringService()
    service.log = log
    envelope = {"actor": "ann", "roles": ["judge", "operator"], "at": NOON, "deadline": wall_ms() + 120_000}
    service.appoint_judge({**envelope, "id": "1", "body": {"judge": "ann", "name": "安", "employer": "", "city": ""}})

    service.declare_conflict({**envelope, "id": "2", "body": {"entry": "U1-1", "reason": "内弟在那里"}})

    commit = log.ledger.get("scoring", 2)
    assert commit is not None
    reason = commit.events()[0].reason  # type: ignore[attr-defined]
    assert reason.startswith("p.staff.ann.")
    assert PersonalFields(log.vault, KEYS.campaign).open(reason).decode() == "内弟在那里"


def test_forgotten_judge_is_shown_as_deleted_with_all_work_in_place(vault: Vault, under_way: RpcCall):
    entry = first_of(under_way, "ann")
    under_way("give_score", "ann", "judge", entry=entry, marks=MARKS)
    before = under_way("progress", "olga", "auditor")["ok"]

    vault.forget(["staff.ann"])
    after = under_way("progress", "olga", "auditor")["ok"]

    assert [each["name"] for each in after["judges"]] == [
        DELETED if each["judge"] == "ann" else each["name"] for each in before["judges"]
    ]
    nameless = [[{**each, "name": ""} for each in logs["judges"]] for logs in (before, after)]
    assert nameless[0] == nameless[1]
    assert len(under_way("marks_of_entry", "olga", "auditor", entry=entry)["ok"]["marks"]) == 1


def test_recusal_says_whether_another_judge_reads(under_way: RpcCall):
    entry = first_of(under_way, "ann")

    logs = under_way("declare_conflict", "ann", "judge", entry=entry, reason="旧同事")

    assert {"entry": entry, "reassigned": True, "short": False, "repeated": False} == logs["ok"]
    assert under_way("my_entry", "ann", "judge", entry=entry)["refused"]["code"] == "not-assigned"


def test_excluded_mark_leaves_the_entry_short_until_it_is_assigned_again(under_way: RpcCall):
    entry = first_of(under_way, "ann")
    under_way("give_score", "ann", "judge", entry=entry, marks=MARKS)

    logs = under_way("exclude_score", "olga", "organiser", judge="ann", entry=entry, reason="未看视频")

    assert {"judge": "ann", "entry": entry, "short": True, "repeated": False} == logs["ok"]
    assert under_way("assign", "olga", "organiser")["ok"]["assigned"] == 1
    assert [
        each["excluded"] for each in under_way("marks_of_entry", "olga", "auditor", entry=entry)["ok"]["marks"]
    ] == [True]


def test_one_entry_comes_with_the_rubric(under_way: RpcCall):
    logs = under_way("my_entry", "ann", "judge", entry=first_of(under_way, "ann"))["ok"]

    assert (logs["state"], logs["version"], logs["marks"]) == ("open", 1, None)
    assert {"content", "form", "quality"} == {each["code"] for each in logs["rubric"]}


def test_same_key_with_another_mark_is_refused_and_the_first_stands(under_way: RpcCall):
    """The id is built as in the gateway: the key, a dot, and a hash of the content."""
    entry, key = first_of(under_way, "ann"), "k" * 32

    under_way("give_score", "ann", "judge", id=f"{key}.{'a' * 16}", entry=entry, marks=MARKS)
    other = under_way("give_score", "ann", "judge", id=f"{key}.{'b' * 16}", entry=entry, marks={**MARKS, "form": 1})

    assert other["refused"]["code"] == "idempotency-key-reused"
    assert under_way("my_entry", "ann", "judge", entry=entry)["ok"]["marks"] == MARKS


def test_draft_is_kept_for_its_judge_and_ends_with_the_mark(under_way: RpcCall):
    entry = first_of(under_way, "ann")

    saved = under_way("save_draft", "ann", "judge", entry=entry, marks={"form": 9}, words=" 待看\r\n")
    given = under_way("give_score", "ann", "judge", entry=entry, marks=MARKS, at=NOON + 1)

    assert saved["ok"]["state"] == "open"
    assert saved["ok"]["draft"] == {"marks": {"form": 9}, "words": "待看", "at": NOON}
    assert (given["ok"]["state"], given["ok"]["draft"]) == ("marked", None)
    assert "draft" not in str(under_way("marks_of_entry", "olga", "organiser", entry=entry))


def test_late_judges_entries_move_and_the_reason_is_sealed_with_the_judges_own_key():
    log = MemoryLog({"moderation": (*opened(), *staffed()), "submission": handed_in(), "ranking": (fixed(),)})
    service = ScoringService()
    service.log = log
    envelope = {"actor": "olga", "roles": ["organiser"], "at": NOON, "deadline": wall_ms() + 120_000}
    for each in JUDGES:
        service.appoint_judge(
            {**envelope, "id": each, "body": {"judge": each, "name": "安", "employer": "", "city": ""}}
        )
    service.assign({**envelope, "id": "2", "body": {}})

    logs = service.reassign({**envelope, "id": "3", "body": {"judge": "ann", "reason": "住院"}})["ok"]

    commit = log.ledger.get("scoring", len(JUDGES) + 2)
    assert commit is not None
    moved = commit.events()[0]
    assert logs["moved"] == logs["assigned"] == len(moved.entries)  # type: ignore[attr-defined]
    assert moved.reason.startswith("p.staff.ann.")  # type: ignore[attr-defined]
    assert "住院" not in str(commit.events())
    assert service.my_assignments({**envelope, "id": "4", "actor": "ann", "roles": ["judge"]})["ok"]["entries"] == []


def test_reassigning_a_stranger_makes_no_key(rpc: RpcCall, vault: Vault):
    logs = rpc("reassign", "olga", "organiser", judge="zoe", reason="病假")

    assert logs["refused"]["code"] == "judge-unknown"
    assert not vault.holds("staff.zoe")


def test_clock_calls_third_readings_at_the_campaigns_own_time():
    data = opened(min_marks=2, third_reading="10")
    moved = desk.ClockMoved(NOON + 600_000, "olga")
    rpc = rpc_on(facts=(*data, *staffed(), moved))
    for each in JUDGES:
        rpc("appoint_judge", "olga", "organiser", judge=each, name="专", employer="", city="")
    rpc("assign", "olga", "organiser")
    entry = first_of(rpc, "ann")
    readers = [each for each in JUDGES if "ok" in rpc("my_entry", each, "judge", entry=entry)]
    for judge, points in zip(readers, (90, 60), strict=True):
        rpc("give_score", judge, "judge", entry=entry, marks={**MARKS, "content": points})

    logs = rpc("assign_third_readings", "clock", "operator", at=0)["ok"]

    assert (logs["called"], logs["assigned"]) == (1, 1)
    assert logs["judges"][0]["judge"] not in readers
    assert rpc("assign_third_readings", "clock", "operator", at=0)["ok"]["called"] == 0


@pytest.mark.parametrize(
    ("method", "role", "body"),
    [
        ("save_draft", "organiser", {"entry": "U1-1", "marks": {}}),
        ("reassign", "judge", {"judge": "ann", "reason": "r"}),
        ("reassign", "auditor", {"judge": "ann", "reason": "r"}),
        ("assign_third_readings", "judge", {}),
        ("assign_third_readings", "auditor", {}),
        ("appoint_judge", "judge", {"judge": "ann", "name": "n", "employer": "", "city": ""}),
        ("assign", "judge", {}),
        ("assign", "auditor", {}),
        ("give_score", "organiser", {"entry": "U1-1", "marks": {}}),
        ("declare_conflict", "organiser", {"entry": "U1-1", "reason": "r"}),
        ("submit_sheet", "moderator", {}),
        ("exclude_score", "auditor", {"judge": "ann", "entry": "U1-1", "reason": "r"}),
        ("my_assignments", "organiser", {}),
        ("my_entry", "unit", {"entry": "U1-1"}),
        ("progress", "judge", {}),
        ("propose_assignment", "judge", {}),
        ("marks_of_entry", "judge", {"entry": "U1-1"}),
    ],
)
def test_roles_that_do_not_fit_are_refused(under_way: RpcCall, method: str, role: str, body: dict[str, Any]):
    assert under_way(method, "ann", role, **body)["refused"]["code"] == "role-missing"


@pytest.mark.parametrize(
    ("method", "role", "body", "path"),
    [
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": 80.5}}, "/marks/form"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": "80"}}, "/marks/form"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": float("nan")}}, "/marks/form"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": float("inf")}}, "/marks/form"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": None}}, "/marks/form"),
        ("save_draft", "judge", {"entry": "U1-1", "marks": {"form": 80.5}}, "/marks/form"),
        ("save_draft", "judge", {"entry": "U1-1", "marks": {}, "words": "x" * 2001}, "/words"),
        ("reassign", "organiser", {"judge": "ann", "reason": ""}, "/reason"),
        ("reassign", "organiser", {"judge": "ann", "reason": "r", "entries": []}, "/entries"),
        ("reassign", "organiser", {"judge": "ann", "reason": "r", "entries": "U1-1"}, "/entries"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": True}}, "/marks/form"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {"form": 10**30}}, "/marks/form"),
        ("give_score", "judge", {"entry": "U1-1", "marks": [80]}, "/marks"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {}, "words": "x" * 2001}, "/words"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {}, "words": "\ud800"}, "/words"),
        ("give_score", "judge", {"entry": "U1-1", "marks": {}, "judge": "bob"}, "/judge"),
        ("give_score", "judge", {"marks": {}}, "/entry"),
        ("declare_conflict", "judge", {"entry": "U1-1", "reason": ""}, "/reason"),
        ("assign", "organiser", {"seed": ""}, "/seed"),
        ("assign", "organiser", {"seed": 7}, "/seed"),
        ("submit_sheet", "judge", {"at_once": True}, "/at_once"),
        ("appoint_judge", "organiser", {"judge": "a\x00", "name": "n", "employer": "", "city": ""}, "/judge"),
        ("appoint_judge", "organiser", {"judge": "a", "name": "n", "employer": None, "city": ""}, "/employer"),
    ],
)
def test_malformed_bodies_are_invalid(under_way: RpcCall, method: str, role: str, body: dict[str, Any], path: str):
    answer = under_way(method, "ann", role, **body)

    assert [path] == list(answer["invalid"])


def test_domain_refusals_come_through(under_way: RpcCall):
    logs = under_way("give_score", "ann", "judge", entry="U9-1", marks=MARKS)

    assert logs["refused"] == {"code": "entry-unknown", "field": "entry", "detail": {"entry": "U9-1"}}


@pytest.mark.parametrize("method", ["my_assignments", "progress", "propose_assignment"])
def test_queries_before_there_is_a_campaign_are_refused(method: str):
    role = "judge" if method == "my_assignments" else "organiser"

    assert rpc_on(facts=staffed())(method, "ann", role)["refused"]["code"] == "campaign-not-open"


def test_first_call_that_names_what_it_has_seen_waits_for_it():
    log = MemoryLog({})
    log.ledger.insert(form(Head("moderation"), (*opened(), *staffed()), commands=[], stamp=stamp()))
    service = ScoringService()
    service.log = log

    logs = service.progress(
        {
            "id": "1",
            "actor": "olga",
            "roles": ["organiser"],
            "at": START,
            "deadline": wall_ms() + 120_000,
            "seen": {"moderation": 1},
        }
    )

    assert logs["ok"]["cohort"] is None


def test_judges_view_holds_no_likes_and_no_other_judge(under_way: RpcCall):
    logs = str(under_way("my_assignments", "ann", "judge"))

    assert "like" not in logs
    assert not [each for each in JUDGES if f"'{each}'" in logs and each != "ann"]


def test_every_entry_of_the_stories_is_handed_in():
    assert set(ENTRIES) == {each.entry for each in handed_in() if isinstance(each, EntrySubmitted)}

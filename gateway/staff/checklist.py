"""The campaign as a checklist of phases: what is done, what blocks the next step, who must act, and by when.

Pure: it only reads what the services answered. Promises: a step is done, waits for its time, can be done now, or is
blocked by one that can be done now, which is named. A step whose time has passed is over, though it was never done.
What a service did not answer is unknown, never done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DONE, NOW, BLOCKED, LATER, OVER, UNKNOWN = "done", "now", "blocked", "later", "over", "unknown"
STATES = (DONE, NOW, BLOCKED, LATER, OVER, UNKNOWN)
# Who acts.
ORGANISERS, MODERATORS, UNITS, VOTERS, JUDGES, CLOCK = (
    "organisers", "moderators", "units", "voters", "judges", "clock",
)  # fmt: skip
ACTORS = (ORGANISERS, MODERATORS, UNITS, VOTERS, JUDGES, CLOCK)
PHASES = ("prepare", "submission", "likes", "judging", "result", "notice", "awards")
ENOUGH_ORGANISERS = ENOUGH_SIGNATURES = 2
Answer = Mapping[str, Any] | None  # None: the service did not answer


@dataclass(frozen=True, slots=True)
class Facts:
    """What the services answered, and the campaign time in ms. `public` is the public view of the campaign."""

    at: int
    campaign: Mapping[str, Any]
    public: Mapping[str, Any]
    staff: Answer = None
    roll: Answer = None
    rehearsed: Answer = None
    queue: Answer = None
    work: Answer = None
    complaints: Answer = None
    judging: Answer = None
    result: Answer = None
    awaited: Answer = None
    certificates: Answer = None
    exhibited: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `until` is the instant in ms by which it has to be done, if there is one.

    `counts` fills the step's note, `blocked_by` is the code of another step, and `path` is the page where one acts.
    """

    code: str
    state: str
    who: str
    until: int | None = None
    path: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    blocked_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody has to act now."""
        return self.state == NOW


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase with its steps; `state` is DONE when all are done, NOW if one can be done or is blocked, else LATER."""

    code: str
    steps: tuple[Step, ...]

    @property
    def state(self) -> str:
        """How far the phase is."""
        states = {each.state for each in self.steps}
        if states <= {DONE, OVER}:
            return DONE
        return LATER if states <= {LATER, BLOCKED, UNKNOWN} else NOW


def checklist(facts: Facts) -> tuple[Phase, ...]:
    """Return the phases with their steps, in the order of the campaign."""
    found: dict[str, Step] = {}
    for step in (*_prepare(facts), *_submission(facts)):
        found[step.code] = step
    for more in (_shortlist, _likes, _judging, _result, _notice, _awards):
        for step in more(facts, found):
            found[step.code] = step
    return tuple(Phase(name, tuple(found[each] for each in STEPS[name])) for name in PHASES)


def open_steps(phases: Iterable[Phase], who: str) -> tuple[Step, ...]:
    """Return the steps that these people can do now, the one that is due first at the head."""
    steps = [step for phase in phases for step in phase.steps if step.is_open and step.who == who]
    return tuple(sorted(steps, key=lambda step: (step.until is None, step.until or 0)))


#: The steps of each phase.
STEPS: Mapping[str, Sequence[str]] = {
    "prepare": ("organisers", "roll", "invitations", "rehearsal", "rules"),
    "submission": ("hand-in", "review", "work", "shortlist"),
    "likes": ("likes", "polls"),
    "judging": ("cohort", "judges", "assignment", "marks"),
    "result": ("proposal", "signatures", "publication"),
    "notice": ("notice", "objections", "complaints", "final"),
    "awards": ("exhibition", "certificates"),
}


def _window(facts: Facts, name: str) -> tuple[int, int]:
    window = facts.campaign["windows"][name]
    return int(window["start"]), int(window["end"])


def _running(facts: Facts, name: str) -> str:
    start, end = _window(facts, name)
    return LATER if facts.at < start else NOW if facts.at < end else DONE


def _prepare(facts: Facts) -> list[Step]:
    opens, closes = _window(facts, "submission")
    people = [] if facts.staff is None else facts.staff["staff"]
    able = sum(each["has_password"] and "organiser" in each["roles"] for each in people)
    roll = facts.roll
    missing = 0 if roll is None else max(0, roll["eligible"] - roll["reachable"])
    return [
        Step(
            "organisers",
            _state_of(facts.staff, is_done=able >= ENOUGH_ORGANISERS),
            ORGANISERS,
            opens,
            "/organiser/staff",
            {"count": able},
        ),
        Step(
            "roll",
            _state_of(roll, is_done=roll is not None and roll["eligible"] > 0),
            ORGANISERS,
            opens,
            "/organiser/roll",
            {"units": 0 if roll is None else roll["units"], "eligible": 0 if roll is None else roll["eligible"]},
        ),
        Step(
            "invitations",
            OVER
            if missing and facts.at >= closes
            else _state_of(roll, is_done=roll is not None and roll["eligible"] > 0 and not missing),
            ORGANISERS,
            closes,
            "/organiser/roll/invitations",
            {"missing": missing},
        ),
        _rehearsal(facts),
        Step(
            "rules",
            DONE if facts.campaign["rules_locked"] else NOW,
            ORGANISERS,
            _window(facts, "likes")[0],
            "/organiser/campaign",
        ),
    ]


def _rehearsal(facts: Facts) -> Step:
    """Return the step of rehearsing the rules in force; it is over when likes begin under them."""
    last = None if facts.rehearsed is None else facts.rehearsed["in_force"]
    is_done = last is not None and last["digest"] is not None
    state, begins = _state_of(facts.rehearsed, is_done=is_done), _window(facts, "likes")[0]
    return Step(
        "rehearsal",
        OVER if state == NOW and facts.at >= begins else state,
        ORGANISERS,
        begins,
        "/organiser/campaign?step=check",
        {"findings": len(last["findings"]) if last is not None and is_done else 0},
    )


def _submission(facts: Facts) -> list[Step]:
    _, closes = _window(facts, "submission")
    deadline, running = _window(facts, "likes")[0], _running(facts, "submission")
    pending = 0 if facts.queue is None else int(facts.queue["pending"])
    others = (
        0
        if facts.work is None
        else sum(int(count) for kind, count in facts.work["counts"].items() if kind != "complaint")
    )
    return [
        Step("hand-in", running, UNITS, closes),
        Step(
            "review",
            _still(facts.queue, running, is_open=pending > 0),
            MODERATORS,
            deadline,
            "/desk/moderation",
            {"pending": pending},
        ),
        Step(
            "work",
            _still(facts.work, running, is_open=others > 0),
            MODERATORS,
            None,
            "/desk/moderation/work",
            {"count": others},
        ),
    ]


def _shortlist(facts: Facts, before: Mapping[str, Step]) -> list[Step]:
    done = bool(facts.campaign["shortlist_confirmed"])
    return [
        _after(
            Step("shortlist", DONE if done else NOW, ORGANISERS, _window(facts, "likes")[0], "/organiser/shortlist"),
            before,
            ("hand-in", "review", "rules"),
        )
    ]


def _likes(facts: Facts, before: Mapping[str, Step]) -> list[Step]:
    likes, closes = _running(facts, "likes"), _window(facts, "likes")[1]
    partitions = int(facts.public.get("likes", {}).get("partitions", 1))
    closed = len(facts.public.get("polls_closed", ())) >= partitions
    return [
        _after(Step("likes", likes, VOTERS, closes), before, ("shortlist",)),
        _after(Step("polls", DONE if closed else _due(likes), CLOCK, closes), before, ("shortlist",)),
    ]


def _judging(facts: Facts, before: Mapping[str, Step]) -> list[Step]:
    opens, closes = _window(facts, "judging")
    report, fixed = facts.judging, bool(facts.public.get("cohort_fixed"))
    judges = [] if report is None else report["judges"]
    short = 0 if report is None else len(report["short"])
    left = sum(each["left"] for each in judges)
    enough = report is not None and sum(each["active"] for each in judges) >= report["minimum"]
    cohort = _after(Step("cohort", DONE if fixed else NOW, CLOCK, opens), before, ("polls",))
    assigned = fixed and report is not None and bool(judges) and not short
    so_far = {**before, "cohort": cohort}
    steps = [
        cohort,
        Step(
            "judges",
            _state_of(report, is_done=enough),
            ORGANISERS,
            opens,
            "/organiser/judging/judges",
            {"count": len(judges)},
        ),
    ]
    so_far["judges"] = steps[-1]
    assignment = Step(
        "assignment",
        _state_of(report, is_done=assigned),
        ORGANISERS,
        opens,
        "/organiser/judging/assignment",
        {"short": short},
    )
    steps.append(_after(assignment, so_far, ("judges", "cohort")))
    so_far["assignment"] = steps[-1]
    complete = report is not None and bool(report["complete"])
    marks = Step(
        "marks",
        _state_of(report, is_done=complete),
        JUDGES,
        int(report["window_end"]) if report is not None else closes,
        "/organiser/judging",
        {"left": left, "judges": sum(each["left"] > 0 for each in judges)},
    )
    return [*steps, _after(marks, so_far, ("assignment",))]


def _result(facts: Facts, before: Mapping[str, Step]) -> list[Step]:
    result, due = facts.result, _window(facts, "exhibition")[0]
    proposed = result is not None and result["proposal"] is not None
    published = result is not None and result["published_proposal"] is not None
    signed = len(result["standing_signatures"]) if result is not None and proposed else 0
    is_signed = proposed and signed >= ENOUGH_SIGNATURES
    page = "/organiser/result"
    proposal = _after(Step("proposal", _state_of(result, is_done=proposed), ORGANISERS, due, page), before, ("marks",))
    so_far = {**before, "proposal": proposal}
    signatures = _after(
        Step("signatures", _state_of(result, is_done=is_signed or published), ORGANISERS, due, page, {"have": signed}),
        so_far,
        ("proposal",),
    )
    so_far["signatures"] = signatures
    publication = Step("publication", _state_of(result, is_done=published), ORGANISERS, due, page)
    return [proposal, signatures, _after(publication, so_far, ("signatures",))]


def _notice(facts: Facts, before: Mapping[str, Step]) -> list[Step]:
    awaited = facts.awaited
    published = awaited is not None and awaited["published_proposal"] is not None
    until = int(awaited["notice_until"]) if awaited is not None and published else None
    final = awaited is not None and published and awaited["final_at"] is not None
    is_over = until is not None and facts.at >= until
    objections = int(awaited["open_objections"]) if awaited is not None and published else 0
    letters = 0 if facts.complaints is None else int(facts.complaints["open"])
    notice = _after(Step("notice", DONE if is_over else NOW, CLOCK, until), before, ("publication",))
    so_far = {**before, "notice": notice}
    answers = Step(
        "objections",
        NOW if objections else DONE if is_over or final else LATER,
        ORGANISERS,
        until,
        "/organiser/notice",
        {"open": objections},
    )
    so_far["objections"] = _after(answers, before, ("publication",))
    so_far["complaints"] = Step(
        "complaints",
        _state_of(facts.complaints, is_done=not letters),
        MODERATORS,
        until,
        "/desk/moderation/complaints",
        {"open": letters},
    )
    items = len(awaited["obstacles"]) if awaited is not None and published else 0
    last = Step("final", DONE if final else NOW, ORGANISERS, None, "/organiser/final", {"open": items})
    wait = ("publication", "notice", "objections")
    return [notice, so_far["objections"], so_far["complaints"], _after(last, so_far, wait)]


def _awards(facts: Facts, before: Mapping[str, Step]) -> list[Step]:
    opens = _window(facts, "exhibition")[0]
    listed = facts.certificates
    without = 0 if listed is None else int(listed["without"])
    issued = listed is not None and listed["valid"] > 0 and not without
    opened = Step("exhibition", DONE if facts.exhibited else NOW, ORGANISERS, opens, "/organiser/exhibition")
    papers = Step(
        "certificates",
        DONE if issued else NOW,
        ORGANISERS,
        None,
        "/organiser/certificates",
        {"without": without},
    )
    return [_after(opened, before, ("publication",)), _after(papers, before, ("final",))]


def _state_of(answer: Answer, *, is_done: bool) -> str:
    return UNKNOWN if answer is None else DONE if is_done else NOW


def _still(answer: Answer, running: str, *, is_open: bool) -> str:
    """Return the state of work that comes as long as a window runs."""
    if answer is None:
        return UNKNOWN
    return NOW if is_open else DONE if running == DONE else LATER


def _due(running: str) -> str:
    """Return the state of what the clock does by itself once a window is over."""
    return NOW if running == DONE else LATER


def _after(step: Step, before: Mapping[str, Step], needs: Sequence[str]) -> Step:
    """Return the step as it is, or as waiting for the first of the steps that it needs and that is not done.

    It is blocked if that step can be done now; else it comes later.
    """
    if step.state in (DONE, UNKNOWN):
        return step
    blocking = next((before[name] for name in needs if before[name].state != DONE), None)
    if blocking is None:
        return step
    state = BLOCKED if blocking.state == NOW else LATER
    return Step(step.code, state, step.who, step.until, step.path, step.counts, blocking.code)

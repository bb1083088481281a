"""Schemas of HTTP bodies and queries. The services apply the rules of the competition.

Sizes are generous on purpose: submission itself refuses a text of 3,001 characters, with its own code; the gateway only
refuses a text that no service should ever see.
"""

from gateway.http.fields import (
    QUERY_MAX_CHARS,
    Choice,
    Code,
    Flag,
    Many,
    One,
    Shape,
    Table,
    Text,
    Whole,
    digest,
    instant,
)

ROLE_WORDS = ("moderator", "judge", "organiser", "auditor", "operator")


class Nothing(Shape):
    """An empty body."""


class Page(Shape):
    after = Code()
    limit = Whole(1, 200, query=True)


# sessions


class SignIn(Shape):
    staff = Text(100, least=1)
    password = Text(200, least=1)
    unit = Text(100, least=1)
    access_code = Text(100, least=1)


class Voters(Shape):
    openids = Many(Text(128, least=1), 1000, least=1, required=True)
    door = Choice("dev", "wechat", "text", "web", "mini")


class PageUrl(Shape):
    url = Text(2_000, least=1, required=True)


class LoginCode(Shape):
    code = Code(required=True)


# likes


class LikeTickets(Shape):
    count = Whole(1, 100, query=True)
    entry = Code()


class Challenge(Shape):
    hard = Whole(0, 1, query=True)


# public


class Board(Shape):
    """At most one of the filters."""

    type = Code()
    theme = Code()
    city = Text(QUERY_MAX_CHARS, least=1)


class Exhibition(Board):
    """Any combination of the filters."""


class Entries(Shape):
    type = Code()
    theme = Code()
    city = Text(QUERY_MAX_CHARS, least=1)
    q = Text(QUERY_MAX_CHARS, least=1)
    after = Code()
    limit = Whole(1, 500, query=True)


# complaints


class Complaint(Shape):
    kind = Choice("complaint", "suggestion", required=True)
    entry = Code(allow_none=True)
    words = Text(2_000, least=1, required=True)
    contact = Text(200, allow_none=True)


class Complaints(Page):
    state = Choice("open", "answered")


class ComplaintAnswer(Shape):
    words = Text(2_000, least=1, required=True)


# unit


class FileName(Shape):
    sha256 = digest(required=True)
    name = Text(200, allow_none=True)


class HandIn(Shape):
    title = Text(2_000, required=True)
    profile = Text(20_000, required=True)
    text = Text(40_000, required=True)
    themes = Many(Text(60), 50, required=True)
    h5 = Text(2_000, allow_none=True)
    files = Many(One(FileName), 200, required=True)
    consent = Text(200, allow_none=True)


class Draft(Shape):
    entry = Code(allow_none=True)
    title = Text(2_000, allow_none=True)
    profile = Text(20_000, allow_none=True)
    text = Text(40_000, allow_none=True)
    themes = Many(Text(60), 50, allow_none=True)
    h5 = Text(2_000, allow_none=True)
    files = Many(One(FileName), 200, allow_none=True)
    consent = Text(200, allow_none=True)


class Withdrawal(Shape):
    reason = Text(2_000, allow_none=True)


# moderation


class Queue(Page):
    type = Code()
    theme = Code()


class Approval(Shape):
    version = Whole(1, 100_000, required=True)
    grade = Whole(0, 100, allow_none=True)


class Remark(Shape):
    item = Text(100, least=1, required=True)
    words = Text(2_000, least=1, required=True)


class Return(Shape):
    version = Whole(1, 100_000, required=True)
    remarks = Many(One(Remark), 100, required=True)
    until = instant(required=True)


class Rejection(Shape):
    version = Whole(1, 100_000, required=True)
    reason = Text(2_000, required=True)


class Reason(Shape):
    reason = Text(2_000, required=True)


class TypeCorrection(Shape):
    type = Code(required=True)
    reason = Text(2_000, required=True)


# organiser


class RollName(Shape):
    roll = Code()


class Roll(Shape):
    csv = Text(6_000_000, required=True)


class Clock(Shape):
    now = instant(required=True)


class Window(Shape):
    window = Choice("submission", "likes", "judging", "exhibition", required=True)
    start = instant(required=True)
    end = instant(required=True)
    reason = Text(2_000, required=True)


class RulesLock(Shape):
    rule_hash = digest(required=True)
    seed_commitment = digest(allow_none=True)


class RulesVersion(Shape):
    file = Text(200_000, least=1, required=True)  # TOML, checked as by `baijia campaign check`
    reason = Text(2_000, least=1, required=True)


class Staff(Shape):
    staff = Code(required=True)
    name = Text(100, least=1, required=True)
    roles = Many(Choice(*ROLE_WORDS), len(ROLE_WORDS), required=True)
    password = Text(128, least=8, allow_none=True)


class Forgetting(Shape):
    subject = Code(r"staff\.[A-Za-z0-9][A-Za-z0-9_.-]{0,63}|voter\.[0-9a-f]{24}", required=True)
    reason = Choice("asked", "mistake", "unsubscribed", required=True)


class Shortlist(Shape):
    entries = Many(Code(), 5_000, required=True)


class LatePass(Shape):
    unit = Code(required=True)
    until = instant(required=True)
    reason = Text(2_000, required=True)


class LatePasses(Shape):
    unit = Code()


# judging


class Judge(Shape):
    judge = Code(required=True)
    name = Text(100, least=1, required=True)
    employer = Text(200, required=True)
    city = Text(100, required=True)
    conflicts = Many(Code(), 1_000)


class Seed(Shape):
    seed = Text(64, least=1, allow_none=True)


class Exclusion(Shape):
    judge = Code(required=True)
    entry = Code(required=True)
    reason = Text(500, required=True)


class Marks(Shape):
    marks = Table(keys=Code(), values=Whole(-1_000, 1_000), required=True)
    words = Text(2_000, allow_none=True)


class DraftMarks(Marks):
    """Marks of a draft, of which some may be missing."""


class Reassignment(Shape):
    entries = Many(Code(), 5_000, least=1, allow_none=True)
    reason = Text(500, required=True)


class Recusal(Shape):
    reason = Text(500, required=True)


# ranking


class Moment(Shape):
    """An instant of campaign time; now if it is left out."""

    as_of = instant(query=True)


class Recount(Shape):
    """Differences from the official record, and the instant to count at. Rules have the syntax of `baijia recount`."""

    without_judges = Many(Code(), 200)
    without_entries = Many(Code(), 5_000)
    without_days = Many(Code(r"\d{4}-\d{2}-\d{2}"), 60)
    without_likes = Many(Code(r"vote\.\d{1,2}/\d{1,12}/\d{1,3}"), 20_000)
    weights = Text(500, least=1)
    conversion = Text(500, least=1)
    method = Text(500, least=1)
    as_of = instant()
    cut = Table(keys=Code(), values=Whole(0, 10**12))


class SaveScenario(Recount):
    name = Code(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9._\u4e00-\u9fff-]{0,79}", required=True)
    reason = Text(500, least=1, required=True)


class Signature(Shape):
    proposal = Text(80, least=1, required=True)
    digest = digest(required=True)


class Release(Shape):
    proposal = Text(80, least=1, required=True)
    at = instant(required=True, allow_none=True)


class Publication(Shape):
    proposal = Text(80, least=1, required=True)


class Objection(Shape):
    entry = Code(allow_none=True)
    words = Text(2_000, least=1, required=True)
    contact = Text(200, allow_none=True)


class Objections(Page):
    state = Choice("open", "upheld", "dismissed")


class ObjectionDecision(Shape):
    upheld = Flag(required=True)
    words = Text(2_000, least=1, required=True)


class Issue(Shape):
    entries = Many(Code(), 256, least=1, allow_none=True)


class Revocation(Shape):
    reason = Text(500, least=1, required=True)


class TakeDown(Shape):
    reason = Text(500, least=1, required=True)

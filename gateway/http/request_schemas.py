"""Schemas of HTTP bodies and queries. The services apply the rules of the competition.

Sizes are generous on purpose: submission itself refuses a text of 3,001 characters, with its own code; the gateway only
refuses a text that no service should ever see.
"""

from typing import Any

from marshmallow import ValidationError, fields, validate

from gateway.http import list_pages
from gateway.http.fields import (
    QUERY_MAX_CHARS,
    Choice,
    Code,
    Flag,
    Line,
    ListOf,
    Object,
    RawText,
    RequestSchema,
    Table,
    Text,
    Whole,
    digest,
    instant,
)
from gateway.http.problems import Problem
from gateway.http.reference_numbers import parse_subject
from shared.reference_numbers import PATTERN

SECRET = {"secret": True}  # a field whose value takes no part in the id of a command (`http/idempotency.py`)
QUEUE_FLAGS = (
    "late-pass", "managed", "ai-declared", "ai-labelled", "machine-hint", "not-checked", "near-duplicate",
    "link-changed", "film-unplayable", "type-correction", "second-opinion", "disqualification", "frozen", "symbols",
    "attention",
)  # fmt: skip
DRAFT_FIELDS_MAX = 1_000
GROUPINGS = ("hour", "first-hour", "door", "network", "address", "device", "agent", "site")  # of likes, for analysts
ROLE_WORDS = ("moderator", "judge", "organiser", "auditor", "operator")


class Nothing(RequestSchema):
    """Body of a command that needs no further data: empty, or an object without fields."""


class Page(RequestSchema):
    after = Code()
    limit = Whole(1, 200, query=True)


class ListPage(RequestSchema):
    """Query of a list: a page of `limit` rows after the row that `after` names, which `next` of the page before is."""

    after = Code(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9._\u4e00-\u9fff-]{0,99}")
    limit = Whole(1, list_pages.LIMIT, query=True)


# sessions


class SignIn(RequestSchema):
    staff = Text(100, least=1)
    password = Text(200, least=1, metadata=SECRET)
    code = Text(40, metadata=SECRET)
    unit = Text(100, least=1)
    access_code = Text(100, least=1, metadata=SECRET)
    name = Text(100, least=1)


class StepUp(RequestSchema):
    password = Text(200, least=1, metadata=SECRET)
    code = Text(40, least=1, metadata=SECRET)


class AddAuthenticator(RequestSchema):
    authenticator = Code(r"[A-Za-z0-9_-]{16}", required=True)
    made_from = Whole(0, 1_000_000, required=True)
    code = Text(40, least=1, required=True, metadata=SECRET)


class JoinUnit(RequestSchema):
    unit = Text(100, least=1, required=True)
    invitation = Text(64, least=1, required=True, metadata=SECRET)
    name = Line(40, least=1, required=True)
    password = Text(128, least=1, required=True, metadata=SECRET)


class Invitations(RequestSchema):
    """Which units get an invitation; without `units`, all that may enter and have nobody who can sign in."""

    units = ListOf(Text(100, least=1), 20_000)


class Cadres(RequestSchema):
    unit = Code()


class Voters(RequestSchema):
    openids = ListOf(Text(128, least=1), 1000, least=1, required=True)
    door = Choice("dev", "wechat", "text", "web", "mini")


class PageUrl(RequestSchema):
    url = Text(2_000, least=1, required=True)


class LoginCode(RequestSchema):
    code = Code(required=True)


# likes


class LikeTickets(RequestSchema):
    count = Whole(1, 100, query=True)
    entry = Code()


class Ballot(RequestSchema):
    """The entries to like, by id or poster number; at most as many as a voter may like in a day."""

    entries = ListOf(Code(), 100, least=1, required=True)


class MyLikes(RequestSchema):
    days = Choice("all", "today")


class Challenge(RequestSchema):
    hard = Whole(0, 1, query=True)


# public


class Board(RequestSchema):
    """Query of a leaderboard or the result: at most one of type, theme and city."""

    type = Code()
    theme = Code()
    city = Line(QUERY_MAX_CHARS, least=1)


class Exhibition(Board):
    """Query of the exhibition: any combination of type, theme and city."""


class Media(RequestSchema):
    """Query of a media file: `original=1` asks for the file as it was uploaded, which its owner and staff may see."""

    original = Whole(0, 1, query=True)


class Entries(RequestSchema):
    type = Code()
    theme = Code()
    city = Line(QUERY_MAX_CHARS, least=1)
    q = Text(QUERY_MAX_CHARS, least=1)
    after = Code(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
    limit = Whole(1, 500, query=True)


# complaints


class Complaint(RequestSchema):
    kind = Choice("complaint", "suggestion", required=True)
    entry = Code(allow_none=True)
    words = Text(2_000, least=1, required=True)
    contact = Line(200, allow_none=True)


class Complaints(Page):
    state = Choice("open", "answered")


class Questions(Page):
    state = Choice("open", "answered", "closed")


class ComplaintAnswer(RequestSchema):
    words = Text(2_000, least=1, required=True)


class ComplaintAnswers(ComplaintAnswer):
    complaints = ListOf(Code(PATTERN), 200, least=1, required=True)


# questions


class Question(RequestSchema):
    entry = Code(allow_none=True)
    words = Text(1_000, least=1, required=True)


class QuestionAnswer(RequestSchema):
    words = Text(2_000, least=1, required=True)
    stock = Code(r"S[1-9][0-9]{0,5}", allow_none=True)
    answer_count = Whole(0, 10_000)


class StockAnswer(RequestSchema):
    stock = Code(r"S[1-9][0-9]{0,5}", allow_none=True)
    title = Line(80, least=1, required=True)
    words = Text(2_000, least=1, required=True)


class PublicQuestion(RequestSchema):
    """A question and its answer for everybody; without `question` it is one that nobody asked."""

    question = Code(PATTERN, allow_none=True)
    text = Text(1_000, least=1, required=True)
    words = Text(2_000, least=1, required=True)


class QuestionBroadcast(RequestSchema):
    """A group of units by its type or by where their entries stand, and the title of the letter to each."""

    title = Line(120, least=1, required=True)
    by = Choice("type", "status", required=True)
    code = Code(required=True)


# unit


class FileName(RequestSchema):
    sha256 = digest(required=True)
    name = Line(200, allow_none=True)
    caption = RawText(2_000, allow_none=True)
    alt = RawText(2_000, allow_none=True)
    subtitles = RawText(60_000, allow_none=True)


class AiUse(RequestSchema):
    """A part of an entry that was made or altered by artificial intelligence: `title`, `profile`, `text`, `h5`, or the
    hash of a file.
    """

    part = Code(r"title|profile|text|h5|[0-9a-f]{64}", required=True)
    extent = Choice("made", "altered", required=True)


class LinkPreview(RequestSchema):
    url = Text(2_000, required=True)


class HandIn(RequestSchema):
    title = RawText(2_000, required=True)
    profile = RawText(20_000, required=True)
    text = RawText(40_000, required=True)
    themes = ListOf(Text(60), 50, required=True)
    h5 = Text(2_000, allow_none=True)
    files = ListOf(Object(FileName), 200, required=True)
    ai = ListOf(Object(AiUse), 210, allow_none=True)
    consent = Text(200, allow_none=True)


class Draft(RequestSchema):
    entry = Code(allow_none=True)
    title = RawText(2_000, allow_none=True)
    profile = RawText(20_000, allow_none=True)
    text = RawText(40_000, allow_none=True)
    themes = ListOf(Text(60), 50, allow_none=True)
    h5 = Text(2_000, allow_none=True)
    files = ListOf(Object(FileName), 200, allow_none=True)
    ai = ListOf(Object(AiUse), 210, allow_none=True)
    consent = Text(200, allow_none=True)


class DraftChange(RequestSchema):
    """A change of a draft: its fields by name, and the revision of the draft that the writer has seen.

    Fields are `title`, `profile`, `text`, `h5`, `themes` (codes), `files` (objects with `sha256` and `name`, in their
    order), for each file `caption.<sha256>`, `alt.<sha256>` and, of a film, `subtitles.<sha256>`. `device` names the
    open page and `sequence` its changes, so that one that arrives late is recognised.
    """

    revision = Whole(0, 2**31, required=True)
    fields_ = Table(
        keys=Code(r"[a-z0-9]{1,20}([.][a-z0-9]{1,64})?"),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(max=DRAFT_FIELDS_MAX, error="too-many"),
        data_key="fields",
        attribute="fields",
    )
    device = Code(r"[A-Za-z0-9_-]{1,64}")
    sequence = Whole(0, 2**53)


class DraftHandIn(RequestSchema):
    """The revision of the draft that is handed in: what the person has seen, and not what came after."""

    revision = Whole(0, 2**31, required=True)


class Pasted(RequestSchema):
    """HTML as it came from the clipboard."""

    html = RawText(1_000_000, required=True)


class VersionPair(RequestSchema):
    earlier = Whole(1, 100_000, query=True, required=True)
    later = Whole(1, 100_000, query=True, required=True)


class Manager(RequestSchema):
    """Who may type a unit's entry for it: the unit `manager`, or organisers if it is null."""

    unit = Code(required=True)
    manager = Code(allow_none=True)
    reason = Line(2_000, required=True)


class Withdrawal(RequestSchema):
    reason = Text(2_000, allow_none=True)


# moderation


class Queue(Page):
    """Query of the review queue. `flag` is one of the flags that the answer counts."""

    status = Choice("pending", "approved", "returned", "rejected", "withdrawn", "disqualified")
    type = Code()
    theme = Code()
    city = Line(40, least=1)
    flag = Choice(*QUEUE_FLAGS)
    claimed = Choice("me", "others", "nobody")
    share = Code()
    q = Line(100)
    sort = Choice("queue", "oldest", "newest")


class Approval(RequestSchema):
    """Body of an approval. With `second` a second person is to look before it stands.

    `turn` is that of the entry as the caller saw it: if somebody else decided since, nothing is decided.
    """

    version = Whole(1, 100_000, required=True)
    turn = Whole(0, 100_000, allow_none=True)
    grade = Whole(0, 100, allow_none=True)
    second = Flag()


class Remark(RequestSchema):
    item = Line(100, least=1, required=True)
    words = Text(2_000, least=1, required=True)


class Return(RequestSchema):
    version = Whole(1, 100_000, required=True)
    turn = Whole(0, 100_000, allow_none=True)
    second = Flag()
    remarks = ListOf(Object(Remark), 100, required=True)
    until = instant(required=True)


class Rejection(RequestSchema):
    """Body of a rejection: a reason, and remarks on single items."""

    version = Whole(1, 100_000, required=True)
    turn = Whole(0, 100_000, allow_none=True)
    second = Flag()
    reason = Text(2_000, required=True)
    remarks = ListOf(Object(Remark), 100)


class Opinion(RequestSchema):
    """Body of a second person's answer. Words are needed if they do not agree."""

    agrees = Flag(required=True)
    turn = Whole(0, 100_000, allow_none=True)
    words = Text(2_000)


class SecondOpinion(Opinion):
    version = Whole(1, 100_000, required=True)


class EntryFlag(RequestSchema):
    flag = Choice("symbols", "attention", required=True)
    words = Text(2_000)


class ReviewedVersion(RequestSchema):
    version = Whole(1, 100_000, required=True)
    turn = Whole(0, 100_000, allow_none=True)


class BulkEntry(RequestSchema):
    entry = Code(required=True)
    version = Whole(1, 100_000, required=True)


class BulkPreview(RequestSchema):
    """Body of a question what a bulk would touch: the decision, and the versions of entries that were chosen."""

    kind = Choice("approved", "returned", "rejected", required=True)
    entries = ListOf(Object(BulkEntry), 100, required=True)
    grade = Whole(0, 100, allow_none=True)
    remarks = ListOf(Object(Remark), 100)
    until = instant(allow_none=True)
    reason = Text(2_000)


class Bulk(BulkPreview):
    """Body of a bulk: the list of its preview (`entries`), with the digest that the preview gave it."""

    digest = digest(required=True)


class Share(RequestSchema):
    """Body of a hand-over: to whom, and which entries, or how many of those that are nobody's share."""

    to = Code(allow_none=True)
    entries = ListOf(Code(), 1_000)
    count = Whole(0, 1_000)


class Work(Page):
    kind = Choice("second-opinion", "type-correction", "disqualification", "complaint")


class Disqualification(RequestSchema):
    """Body of a disqualification: `words` say what the evidence shows, `evidence` is its SHA-256."""

    reason = Line(2_000, required=True)
    words = Text(2_000)
    evidence = digest(allow_none=True)


class Reason(RequestSchema):
    reason = Line(2_000, required=True)


class UnitNameCorrection(RequestSchema):
    unit_name = Line(120, least=1, required=True)
    city = Line(40, least=1, required=True)
    reason = Line(2_000, required=True)


class TypeCorrection(RequestSchema):
    type = Code(required=True)
    reason = Line(2_000, required=True)


# organiser


class RollReading(RequestSchema):
    gone = Choice("remove", "keep")


class RollImport(RollReading):
    roll = Code()
    confirm = digest()


class Roll(RequestSchema):
    csv = Text(6_000_000)
    file = Text(8_000_000)  # in base64, of a workbook or of text in another encoding than UTF-8


class Clock(RequestSchema):
    now = instant(required=True)


class Window(RequestSchema):
    window = Choice("submission", "likes", "judging", "exhibition", required=True)
    start = instant(required=True)
    end = instant(required=True)
    reason = Line(2_000, required=True)


class RulesLock(RequestSchema):
    rule_hash = digest(required=True)
    seed_commitment = digest(allow_none=True)


class Rules(RequestSchema):
    file = Text(200_000, least=1, required=True)  # TOML, checked as by `baijia campaign check`
    rule_hash = digest(required=True)
    replaces = digest(required=True)
    reason = Line(2_000, least=1, required=True)


class RulesVersion(RequestSchema):
    file = Text(200_000, least=1, required=True)  # TOML, checked as by `baijia campaign check`
    replaces = digest(required=True)
    reason = Line(2_000, least=1, required=True)


class Staff(RequestSchema):
    staff = Code(required=True)
    name = Line(100, least=1, required=True)
    roles = ListOf(Choice(*ROLE_WORDS), len(ROLE_WORDS), required=True)
    new_link = Flag()  # ends the password and issues a link for a new one


class PasswordByLink(RequestSchema):
    staff = Code(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", required=True)
    link = Text(40, least=1, required=True, metadata=SECRET)
    code = Text(20, allow_none=True, metadata=SECRET)
    password = Text(128, least=1, required=True, metadata=SECRET)


class PasswordChange(RequestSchema):
    password = Text(200, least=1, required=True, metadata=SECRET)
    new_password = Text(128, least=1, required=True, metadata=SECRET)


class Subject(Code):
    """Who or what is to be forgotten: `staff.<name>`, `cadre.<cadre>`, `voter.<pseudonym>`,
    `complaint.<number>`, `objection.<number>`, `question.<number>`.

    A number may be written as people read it, in groups and in small letters.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(
            r"(staff|cadre)\.[A-Za-z0-9][A-Za-z0-9_.-]{0,63}|"
            r"voter\.[0-9a-f]{24}|(complaint|objection|question)\.[A-Za-z0-9 -]{16,40}",
            **more,
        )

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        try:
            return parse_subject(super()._deserialize(value))
        except Problem as problem:
            raise ValidationError("malformed") from problem


class Forgetting(RequestSchema):
    subject = Subject(required=True)
    reason = Choice("asked", "mistake", "unsubscribed", required=True)


class Shortlist(RequestSchema):
    entries = ListOf(Code(), 5_000, required=True)


class LatePass(RequestSchema):
    unit = Code(required=True)
    until = instant(required=True)
    reason = Line(2_000, required=True)


class LatePasses(ListPage):
    unit = Code()


# judging


class Judge(RequestSchema):
    judge = Code(required=True)
    name = Line(100, least=1, required=True)
    employer = Line(200, required=True)
    city = Line(100, required=True)
    conflicts = ListOf(Code(), 1_000)


class Seed(RequestSchema):
    seed = Text(64, least=1, allow_none=True)


class Exclusion(RequestSchema):
    judge = Code(required=True)
    entry = Code(required=True)
    reason = Line(500, required=True)


class Marks(RequestSchema):
    marks = Table(keys=Code(), values=Whole(-1_000, 1_000), required=True)
    words = Text(2_000, allow_none=True)


class SheetFields(RequestSchema):
    """Fields of a mark that a page changed, as of the `revision` that it showed: `words`, and `mark.` and a criterion.

    `give` says that all of it is the judge's mark now. `device` names the open page, and `sequence` counts its changes.
    """

    revision = Whole(0, 1_000_000, required=True)
    fields_ = Table(
        keys=Code(r"words|mark[.][A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(max=51),
        data_key="fields",
        attribute="fields",
    )
    give = Flag(load_default=False)
    device = Code()
    sequence = Whole(0, 2**53)


class Practice(Marks):
    """A mark of the practice entry, which is not stored."""


class Independence(RequestSchema):
    words = Code(required=True)


class Reading(RequestSchema):
    skip = Flag(load_default=False)


class Assignment(RequestSchema):
    """A command to assign: the seed, which only a rehearsal may choose, and the digest of the proposal it confirms."""

    seed = Code(allow_none=True)
    confirm = Code(allow_none=True)


class DraftMarks(Marks):
    """Marks and remarks of a judge that are not finished, so that some may be missing."""


class Reassignment(RequestSchema):
    entries = ListOf(Code(), 5_000, least=1, allow_none=True)
    reason = Text(500, required=True)


class Recusal(RequestSchema):
    reason = Text(500, required=True)


# ranking


class Moment(RequestSchema):
    """Query of a ranking: the instant of campaign time to rank at; the current state if it is left out."""

    as_of = instant(query=True)


class SignalsOpening(RequestSchema):
    reason = Text(2_000, least=1, required=True)
    hours = Whole(1, 168, required=True)


class OpeningDecision(RequestSchema):
    agrees = Flag(required=True)


class Cohorts(RequestSchema):
    """Query of groups of likes: by what they are grouped, which likes, and the group whose likes are listed.

    An entry is named by its poster number or its id, a group by the `key` that the answer without a group gave it.
    """

    grouping = Choice(*GROUPINGS, required=True)
    entry = Code()
    since = instant(query=True)
    until = instant(query=True)
    group = Text(200)


class Recount(RequestSchema):
    """What to leave out or change when the ranking is calculated again, and the instant or cut to calculate it at.

    A cut says, for each log, up to which commit it is read. Rules are written as for `baijia recount`.
    """

    without_judges = ListOf(Code(), 200)
    without_entries = ListOf(Code(), 5_000)
    without_days = ListOf(Code(r"\d{4}-\d{2}-\d{2}"), 60)
    without_likes = ListOf(Code(r"vote\.\d{1,2}/\d{1,12}/\d{1,3}"), 20_000)
    weights = Text(500, least=1)
    conversion = Text(500, least=1)
    method = Text(500, least=1)
    as_of = instant()
    cut = Table(keys=Code(), values=Whole(0, 10**12))


class SaveScenario(Recount):
    name = Code(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9._\u4e00-\u9fff-]{0,79}", required=True)
    reason = Line(500, least=1, required=True)


class Correction(RequestSchema):
    """One correction of a change set: another unit type, a disqualification, a mark or likes that do not count."""

    kind = Choice("type", "disqualification", "mark", "likes", required=True)
    entry = Code(required=True)
    reason = Text(2_000, least=1, required=True)
    type = Code(allow_none=True)
    judge = Code(allow_none=True)
    likes = ListOf(Code(r"vote\.\d{1,2}/\d{1,12}/\d{1,3}"), 5_000)
    evidence = digest(allow_none=True)


class ChangeSet(RequestSchema):
    corrections = ListOf(Object(Correction), 100, required=True)
    reason = Text(2_000, least=1, required=True)


class ChangeSetApplication(RequestSchema):
    """The digest of the preview that was seen."""

    digest = digest(required=True)


class Dropping(RequestSchema):
    words = Text(2_000, least=1, required=True)


# letters

LETTER_NAME = r"[A-Za-z0-9._/-]{1,300}"
LETTER_STATES = ("proposed", "waiting", "unaddressed", "sending", "sent", "failed", "unsure", "withdrawn")
LETTER_KINDS = (
    "invitation", "approved", "returned", "rejected", "disqualified", "shortlisted", "result", "corrected",
    "outage", "outage-revoked", "answered", "broadcast", "reminder",
)  # fmt: skip
LETTERS_MAX = 500


class Letters(RequestSchema):
    state = Choice(*LETTER_STATES, metadata={"description": "State of the letters; without it the proposed ones."})
    kind = Choice(*LETTER_KINDS, metadata={"description": "What the letters are about; without it all."})
    after = Code(LETTER_NAME)
    limit = Whole(1, LETTERS_MAX, query=True)


class OneLetter(RequestSchema):
    letter = Code(LETTER_NAME, required=True)


class ReadLetter(OneLetter):
    digest = Code(r"[0-9a-f]{1,64}", required=True, metadata={"description": "Digest of the letter as it was read."})


class LettersRead(RequestSchema):
    letters = ListOf(Object(ReadLetter), LETTERS_MAX, required=True)


class LetterNames(RequestSchema):
    letters = ListOf(Code(LETTER_NAME), LETTERS_MAX, required=True)


class LetterDraft(RequestSchema):
    kind = Choice("broadcast", "reminder", required=True, metadata={"description": "What the letter is."})
    to = ListOf(
        Code(r"contact\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}|staff\.[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"),
        5_000,
        required=True,
        metadata={"description": "Receivers: `contact.<unit>` or `staff.<staff>`."},
    )
    title = Line(120, least=1, required=True, metadata={"description": "Title of the letter, in one line."})
    words = Text(4_000, least=1, required=True, metadata={"description": "Text of the letter."})


class Outage(RequestSchema):
    """From when to when likes could not be given, and by how many minutes like week becomes longer."""

    start = instant(required=True)
    end = instant(required=True)
    minutes = Whole(1, 10_080, required=True)
    reason = Text(2_000, least=1, required=True)
    evidence = digest(allow_none=True)


class Signature(RequestSchema):
    proposal = Text(80, least=1, required=True)
    digest = digest(required=True)


class Release(RequestSchema):
    proposal = Text(80, least=1, required=True)
    at = instant(required=True, allow_none=True)


class Publication(RequestSchema):
    proposal = Text(80, least=1, required=True)


class Objection(RequestSchema):
    entry = Code(allow_none=True)
    words = Text(2_000, least=1, required=True)
    contact = Line(200, allow_none=True)


class Objections(Page):
    state = Choice("open", "upheld", "dismissed")


class ObjectionDecision(RequestSchema):
    upheld = Flag(required=True)
    words = Text(2_000, least=1, required=True)


class ObjectionDecisions(ObjectionDecision):
    objections = ListOf(Code(PATTERN), 200, least=1, required=True)


class Issue(RequestSchema):
    entries = ListOf(Code(), 256, least=1, allow_none=True)


class Revocation(RequestSchema):
    reason = Line(500, least=1, required=True)


class TakeDown(RequestSchema):
    reason = Line(500, least=1, required=True)

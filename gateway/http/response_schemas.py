"""Schemas of JSON answers, for the OpenAPI document.

The gateway does not check answers against them, since the service that answers decides. The tests do: an answer with an
undeclared field, or a field of another type, fails them (`tests/declared_answers.py`).
"""

from marshmallow import fields

from gateway.http.fields import ResponseSchema

Whole, Text, Flag = fields.Integer, fields.String, fields.Boolean


class CommandResult(ResponseSchema):
    """The result of a command: `position` is a token for it, `repeated` says that the command came before.

    A read that sends the token as `at_least=<token>` waits until its answer includes the command.
    """

    repeated = Flag()
    position = Text()


class ContentProblem(ResponseSchema):
    """One problem of a draft, a file or a roll (the list of eligible units), with its texts in both languages.

    `detail` holds the facts that are filled into the texts.
    """

    code = Text()
    field = Text(allow_none=True)
    detail = fields.Dict(allow_none=True)
    zh = Text()
    en = Text()


# sessions


class Me(ResponseSchema):
    sub = Text()
    roles = fields.List(Text())
    name = Text()
    expires = Whole()
    unit = Text(allow_none=True)


class OwnSession(ResponseSchema):
    """One of one's own sessions; `agent` is the family of the browser, times are wall times in ms."""

    session = Text()
    agent = Text()
    began = Whole()
    seen = Whole()
    expires = Whole()
    is_current = Flag()


class OwnSessions(ResponseSchema):
    sessions = fields.List(fields.Nested(OwnSession))


class Invitation(ResponseSchema):
    """An open invitation of a unit: the text that opens one cadre's account, and until when it does."""

    unit = Text()
    name = Text()
    city = Text()
    invitation = Text()
    until = Whole()


class Invitations(ResponseSchema):
    invitations = fields.List(fields.Nested(Invitation))


class InvitationsIssued(CommandResult, Invitations):
    issued = Whole()


class ColleagueInvited(CommandResult, Invitation):
    pass


class Cadre(ResponseSchema):
    """A cadre of a unit who has an account, with the name under which the cadre signs in."""

    cadre = Text()
    name = Text()
    at = Whole()


class Cadres(ResponseSchema):
    unit = Text()
    cadres = fields.List(fields.Nested(Cadre))


class CadreRemoved(CommandResult):
    cadre = Text()


class SignedIn(Me):
    token = Text()


class MySecurity(ResponseSchema):
    has_authenticator = Flag()
    is_demanded = Flag()
    recovery_left = Whole()
    made_from = Whole()


class NewAuthenticator(ResponseSchema):
    authenticator = Text()
    made_from = Whole()
    secret = Text()
    app_url = Text()


class Proof(ResponseSchema):
    proof = Text()
    until = Whole()


class Voter(ResponseSchema):
    openid = Text()
    voter = Text()
    token = Text()


class Voters(ResponseSchema):
    voters = fields.List(fields.Nested(Voter))


class Handoff(ResponseSchema):
    """A handoff of a session from a phone to a desktop.

    `svg` is the QR code, `code` the digits that both screens show.
    """

    handoff = Text()
    code = Text()
    url = Text()
    svg = Text()
    expires = Whole()


class HandoffState(ResponseSchema):
    state = Text()


class JsSdk(ResponseSchema):
    appId = Text()
    timestamp = Whole()
    nonceStr = Text()
    signature = Text()


# likes


class LikeTickets(ResponseSchema):
    tickets = fields.List(Text())
    life_s = Whole()


class Challenge(ResponseSchema):
    """A proof-of-work challenge in altcha's format, an object with `parameters` and `signature`."""

    challenge = fields.Dict()


# public


class Span(ResponseSchema):
    start = Whole()
    end = Whole()


class Named(ResponseSchema):
    code = Text()
    zh = Text()
    en = Text()


class UnitType(Named):
    quota = Whole()


class LikeRules(ResponseSchema):
    per_day = Whole()
    per_type = Whole()
    partitions = Whole()
    order_time_limit_ms = Whole()


class EntryLimits(ResponseSchema):
    """The limits of an entry that units read before they write: characters of its text, its pictures, its video."""

    text_max_chars = Whole()
    pictures_min = Whole()
    pictures_max = Whole()
    video_max_s = Whole()


class PublicOutage(Span):
    """A time in which likes could not be given, and by how much like week became longer for it."""

    minutes = Whole()
    reason = Text()


class Campaign(ResponseSchema):
    """The campaign and its phase.

    `moderation` is the number of the last commit of moderation's log that it includes.
    """

    optional = ("zone", "popularity_list", "entry", "outages")
    id = Text()
    title_zh = Text()
    title_en = Text()
    zone = Text()
    rehearsal = Flag()
    clock = Whole(allow_none=True)
    phase = Text()
    windows = fields.Dict(keys=Text(), values=fields.Nested(Span))
    outages = fields.List(fields.Nested(PublicOutage))
    themes = fields.List(fields.Nested(Named))
    unit_types = fields.List(fields.Nested(UnitType))
    likes = fields.Nested(LikeRules)
    entry = fields.Nested(EntryLimits)
    rules_hash = Text(allow_none=True)
    polls_closed = fields.List(Whole())
    cohort_fixed = Flag()
    popularity_list = Flag()
    moderation = Whole()


class RulesVersion(ResponseSchema):
    """One locked version of the rules. `changes` lists the differences from the previous version."""

    optional = ("by", "changes")
    version = Whole()
    rule_hash = Text()
    seed_commitment = Text(allow_none=True)
    reason = Text(allow_none=True)
    by = Text()
    at = Whole()
    changes = fields.List(fields.Dict())


class Rules(ResponseSchema):
    """The rules of the campaign. `campaign` is the whole rule set, with the windows as they are now."""

    campaign = fields.Dict()
    rule_hash = Text()
    locked = fields.Nested(RulesVersion, allow_none=True)
    versions = fields.List(fields.Nested(RulesVersion))


class RuleSheet(ResponseSchema):
    """The rules in plain words: `sections` of `lines`, and the rows of a worked `example`."""

    rule_hash = Text()
    sections = fields.List(fields.Dict())
    example = fields.List(fields.Dict())
    locked = Flag()
    versions = fields.List(fields.Nested(RulesVersion))


class Snippet(ResponseSchema):
    """Where the text of an entry holds the words of a search: before, the words as written, and after; or empty."""

    before = Text()
    match = Text()
    after = Text()


class Row(ResponseSchema):
    optional = ("snippet",)
    entry = Text()
    number = Text(allow_none=True)
    type = Text()
    title = Text()
    unit = Text()
    city = Text()
    state = Text()
    frozen = Flag()
    themes = fields.List(Text())
    cover = Text(allow_none=True)
    has_video = Flag()
    snippet = fields.Nested(Snippet)


class Rows(ResponseSchema):
    """One page of the visible entries. `texts_searched` says of a search whether the texts could be searched too."""

    optional = ("texts_searched",)
    entries = fields.List(fields.Nested(Row))
    next = Text(allow_none=True)
    total = Whole()
    texts_searched = Flag()


class Answer(ResponseSchema):
    words = Text()
    at = Whole()


class Complaint(ResponseSchema):
    """A complaint as anyone with its number can read it. `state` is `open` or `answered`."""

    complaint = Text()
    kind = Text()
    entry = Text(allow_none=True)
    at = Whole()
    state = Text()
    answer = fields.Nested(Answer, allow_none=True)


class ComplaintDone(Complaint, CommandResult):
    """A complaint that was filed just now, with the position of its event."""


class ComplaintsAnswered(CommandResult):
    """How many complaints got an answer, and how many are still without one."""

    answered = Whole()
    open = Whole()


class FiledComplaint(Complaint):
    """A complaint as moderators read it, with its text and contact."""

    words = Text()
    contact = Text(allow_none=True)
    by = Text(allow_none=True)


class Complaints(ResponseSchema):
    complaints = fields.List(fields.Nested(FiledComplaint))
    next = Text(allow_none=True)
    open = Whole()


class PublicQuestion(ResponseSchema):
    """A question and its answer in words that name nobody."""

    question = Text()
    text = Text()
    words = Text()
    at = Whole()


class PublicQuestions(ResponseSchema):
    questions = fields.List(fields.Nested(PublicQuestion))


class UnitQuestion(ResponseSchema):
    """A question as the unit that asked it reads it.

    `state` is `open`, `answered`, or `closed` if its words were deleted before an answer.
    """

    question = Text()
    entry = Text(allow_none=True)
    words = Text()
    at = Whole()
    state = Text()
    answer = fields.Nested(Answer, allow_none=True)


class UnitQuestions(ResponseSchema):
    questions = fields.List(fields.Nested(UnitQuestion))
    most_open = Whole()
    most_a_day = Whole()


class AskedQuestion(UnitQuestion):
    """A question as organisers read it, with the unit, its entry's number and title, and who answers it now."""

    unit = Text()
    unit_name = Text()
    number = Text()
    title = Text()
    by = Text(allow_none=True)
    stock = Text(allow_none=True)
    answer_count = Whole()
    claimed_by = Text(allow_none=True)
    claimed_until = Whole(allow_none=True)
    is_public = Flag()


class StockAnswer(ResponseSchema):
    stock = Text()
    title = Text()
    words = Text()


class QuestionDesk(ResponseSchema):
    questions = fields.List(fields.Nested(AskedQuestion))
    next = Text(allow_none=True)
    open = Whole()
    stock = fields.List(fields.Nested(StockAnswer))
    public = fields.List(fields.Nested(PublicQuestion))


class QuestionDone(CommandResult):
    question = Text()


class StockDone(CommandResult):
    stock = Text()


class QuestionLetters(CommandResult):
    """How many letters were proposed, in which batch of the outbox."""

    batch = Text()
    letters = Whole()


class File(ResponseSchema):
    """A file of an entry. A picture's width and height are as people see it."""

    sha256 = Text()
    kind = Text()
    container = Text()
    name = Text()
    bytes = Whole()
    width = Whole()
    height = Whole()
    duration_ms = Whole()
    ai_labels = fields.List(Text())
    caption = Text()
    alt = Text()
    subtitles = Text()


class AiUse(ResponseSchema):
    """A part that the unit declared as made or altered by AI: `title`, `profile`, `text`, `h5`, or a file's hash."""

    part = Text()
    extent = Text()


class PublicEntry(Row):
    """A visible entry with its text and files. `unit_name` is as of the hand-in, or as corrected since."""

    unit_name = Text()
    unit_code = Text()
    version = Whole()
    profile = Text()
    text = Text()
    themes = fields.List(Text())
    h5 = Text(allow_none=True)
    files = fields.List(fields.Nested(File))
    ai = fields.List(fields.Nested(AiUse))
    at = Whole()


class Place(ResponseSchema):
    optional = ("type",)
    entry = Text()
    number = Text(allow_none=True)
    type = Text()
    title = Text()
    unit = Text()
    city = Text()
    likes = Whole(allow_none=True)
    place = Whole(allow_none=True)


class Leaderboard(ResponseSchema):
    """The likes of entries as leaderboards, whose fields depend on the filter of the request.

    Without a filter there are `types` and `overall`, with a type `types` alone, and with a theme or a city `rows`.
    `embargoed` says that likes and places are hidden until the result is published, `hidden_from` from when on (ms;
    null if the rules have no such embargo, or once the result is published).
    """

    optional = ("types", "overall", "theme", "city", "rows")
    as_of = Whole()
    visibility = Text(allow_none=True)
    provisional = Flag()
    embargoed = Flag()
    hidden_from = Whole(allow_none=True)
    types = fields.Dict(keys=Text(), values=fields.List(fields.Nested(Place)))
    overall = fields.List(fields.Nested(Place))
    theme = Text()
    city = Text()
    rows = fields.List(fields.Nested(Place))


class Popularity(ResponseSchema):
    open = Flag()
    as_of = Whole()
    provisional = Flag()
    entries = fields.List(fields.Nested(Place))


class Exhibit(Row):
    place = Whole(allow_none=True)
    overall = Whole(allow_none=True)
    final = Text(allow_none=True)


class Exhibition(ResponseSchema):
    """The exhibited entries.

    `at` is when the exhibition was opened, `changed` when it last changed (ms since the epoch).
    """

    open = Flag()
    provisional = Flag()
    at = Whole()
    changed = Whole()
    entries = fields.List(fields.Nested(Exhibit))


class Winner(ResponseSchema):
    """A winner. `published_unit` is the name of the unit in the published result, if it was corrected since."""

    optional = ("published_unit", "overall", "disqualified")
    entry = Text()
    number = Text(allow_none=True)
    title = Text()
    unit = Text()
    published_unit = Text(allow_none=True)
    type = Text()
    place = Whole()
    overall = Whole()
    final = Text()
    disqualified = Flag()


class Notice(ResponseSchema):
    """The notice period of a result, during which objections may be filed, that is until `until`.

    `basis` says how working days were counted: by `table`, by `weekends` and the days that the law fixes
    (the holiday table does not cover all days), or `none`.
    """

    since = Whole()
    until = Whole()
    basis = Text()


class Lot(ResponseSchema):
    """The two values, in hex, by which a tie is broken that nothing else breaks.

    Of the tied entries, the one with the lowest SHA-256 of seed, root and entry id, concatenated, wins.
    """

    seed = Text()
    root = Text()


class Result(ResponseSchema):
    """The published result. `outdated` says that a winner has left the competition and another result will follow."""

    optional = ("is_final", "notice", "lot", "outdated")
    proposal = Text()
    digest = Text()
    published = Flag()
    is_final = Flag()
    notice = fields.Nested(Notice, allow_none=True)
    lot = fields.Nested(Lot)
    outdated = Flag()
    winners = fields.List(fields.Nested(Winner))


class DeclarationPart(ResponseSchema):
    """One kind of declaration, with its wording in both languages and the hash of the wording."""

    kind = Text()
    words = Text()
    zh = Text()
    en = Text()


class Declaration(ResponseSchema):
    zh = Text()
    en = Text()
    words = Text()
    parts = fields.List(fields.Nested(DeclarationPart))


class Receipt(ResponseSchema):
    entry = Text()
    day = Text()
    at = Whole()
    address = Text(allow_none=True)
    leaf_root = Text()


# voter


class Like(ResponseSchema):
    optional = ("receipt", "ticket", "remaining")
    status = Text()
    receipt = Text()
    ticket = Text()
    remaining = Whole()


class BallotAnswer(ResponseSchema):
    """What became of one like of a ballot. A refused one has `code` and `reason`, in the request's language."""

    optional = ("receipt", "ticket", "remaining", "code", "reason")
    entry = Text()
    status = Text()
    receipt = Text()
    ticket = Text()
    remaining = Whole()
    code = Text()
    reason = Text()


class Ballot(ResponseSchema):
    """The answers in the order of the ballot; `remaining` is null if no like was decided."""

    answers = fields.List(fields.Nested(BallotAnswer))
    remaining = Whole(allow_none=True)


class OwnLike(ResponseSchema):
    entry = Text()
    at = Whole()
    status = Text()
    receipt = Text()


class PastLike(OwnLike):
    """A like of any day. `status` is counted, pending, retracted or void.

    `reason` is why a like is void: `same-person`, or the words of those who voided it; else null.
    """

    optional = ("reason",)
    day = Text()
    reason = Text(allow_none=True)
    retractable = Flag()


class MyLikes(ResponseSchema):
    """The voter's likes of today, and in `all_days` those of all days, newest first.

    If `status` is `accepted`, `likes` is missing: look it up by the order ticket `ticket`. `all_days` is missing
    while the voting service is away.
    """

    optional = ("likes", "remaining", "ticket", "all_days")
    all_days = fields.List(fields.Nested(PastLike))
    status = Text()
    likes = fields.List(fields.Nested(OwnLike))
    remaining = Whole()
    ticket = Text()


class OrderOutcome(MyLikes):
    """The outcome of an order that was answered `accepted`, in the form of an immediate answer.

    If `status` is `refused`, `code` says why.
    """

    optional = ("receipt", "code", "detail")
    receipt = Text()
    code = Text()
    detail = fields.Dict()


# unit


class Upload(File):
    problems = fields.List(fields.Nested(ContentProblem))


class PageVersion(ResponseSchema):
    """What the page of a link showed; `at` is wall time in ms, and `sha256` that of its title and text."""

    at = Whole()
    via = Text()
    final_url = Text()
    title = Text()
    description = Text()
    text = Text()
    sha256 = Text()
    picture = Text()


class Link(ResponseSchema):
    """A link, how far the fetching of its page is (`state`), and what the page showed last, if it was ever fetched.

    The page's picture is at `/media/<picture>/poster-480.webp` and so on; `picture` is empty where no browser is.
    """

    url = Text()
    state = Text()
    problems = fields.List(fields.Nested(ContentProblem))
    latest_page = fields.Nested(PageVersion, allow_none=True)
    checked = Whole()


class EntryLink(ResponseSchema):
    """The link of an entry's latest version: what it showed when that came in, and whether it changed since."""

    entry = Text()
    version = Whole()
    watched = fields.Nested(Link, allow_none=True)
    first_page = fields.Nested(PageVersion, allow_none=True)
    is_changed = Flag()


class UploadStatus(ResponseSchema):
    """How far a resumable upload is. `state`: receiving, received (being checked), accepted or refused."""

    upload = Text()
    name = Text()
    offset = Whole()
    length = Whole()
    state = Text()
    expires = Whole()


class UploadBegun(UploadStatus):
    """A resumable upload that has begun; `file` says what it is, if the request brought all of it."""

    file = fields.Nested(Upload, allow_none=True, metadata={"description": "What the file is, or null."})


class PreparationJob(ResponseSchema):
    recipe = Text()
    state = Text()
    progress = Whole()


class Preparation(ResponseSchema):
    """How far the media worker is with a file. `state` is waiting, running, done or failed, `progress` per cent."""

    sha256 = Text()
    state = Text()
    progress = Whole()
    jobs = fields.List(fields.Nested(PreparationJob))
    problems = fields.List(fields.Nested(ContentProblem))


class Withdrawn(CommandResult):
    entry = Text()
    status = Text()


class HandedIn(CommandResult):
    """The receipt of a hand-in: its number, the version, its time, and its digest, which anybody who has the version
    can compute again. `revision` is that of the draft, if a draft was handed in.
    """

    optional = ("revision",)
    entry = Text()
    version = Whole()
    status = Text()
    late_pass = Text(allow_none=True)
    at = Whole()
    receipt = Text(allow_none=True)
    digest = Text()
    revision = Whole()


class VersionContent(ResponseSchema):
    """A version as it was handed in. The SHA-256 of its canonical JSON (RFC 8785) is its digest."""

    format = Text()
    entry = Text()
    version = Whole()
    receipt = Text(allow_none=True)
    unit = Text()
    at = Whole()
    title = Text()
    profile = Text()
    text = Text()
    themes = fields.List(Text())
    h5 = Text(allow_none=True)
    files = fields.List(fields.Dict())
    ai = fields.List(fields.Nested(AiUse), allow_none=True)
    consent = Text(allow_none=True)
    declared = fields.List(fields.Dict())


class EntryVersion(ResponseSchema):
    """A version with its receipt, its time, and the digest of `content`."""

    entry = Text()
    version = Whole()
    receipt = Text(allow_none=True)
    at = Whole()
    digest = Text()
    content = fields.Nested(VersionContent)


class Differences(ResponseSchema):
    """What differs between two versions. A text that differs is a list of pieces: `op` is same, removed or added.

    Of a file, `before` and `after` are its places, null where it is missing.
    """

    texts = fields.Dict(keys=Text(), values=fields.List(fields.Dict()))
    themes = fields.Dict()
    files = fields.List(fields.Dict())
    ai = fields.List(fields.Dict())


class Comparison(ResponseSchema):
    entry = Text()
    before = fields.Nested(EntryVersion)
    after = fields.Nested(EntryVersion)
    differences = fields.Nested(Differences)


class Progress(ResponseSchema):
    """Where an entry stands: `steps` from draft to result, each done, current, ahead, skipped or ended.

    `ended` says why the entry goes no further: `rejected`, `withdrawn`, `disqualified`, `not-shortlisted`, or empty.
    """

    entry = Text()
    step = Text()
    ended = Text()
    steps = fields.List(fields.Dict())


class OwnProgress(Progress):
    """A unit's progress with what happened so far, the latest first. `manager` is who types for it, null for nobody."""

    manager = Text(allow_none=True)
    messages = fields.List(fields.Dict())


class ManagedUnit(ResponseSchema):
    """A unit whose entry somebody types for it: the unit `manager`, or organisers if it is empty."""

    unit = Text()
    name = Text()
    manager = Text()
    reason = Text()
    at = Whole()
    progress = fields.Nested(Progress)


class ManagedUnits(ResponseSchema):
    units = fields.List(fields.Nested(ManagedUnit))


class ManagerAppointed(CommandResult, ManagedUnit):
    """The result of appointing a manager."""


class UnitClaimed(CommandResult):
    unit = Text()


class PastedText(ResponseSchema):
    """Pasted HTML as plain text, and how its characters were counted."""

    text = Text()
    counted = Whole()
    shown = Whole()
    blanks = Whole()
    line_ends = Whole()
    zh = Text()
    en = Text()


class EntryRule(ResponseSchema):
    """What an entry may hold, and how its texts are counted: `text` is what `text_rule.js` takes as its rule."""

    limits = fields.Dict(keys=Text(), values=Whole())
    containers = fields.Dict()
    themes = fields.List(fields.Dict())
    ai_parts = fields.List(Text())
    ai_extents = fields.List(Text())
    window = fields.Nested(Span)
    text = fields.Dict()


class Entry(ResponseSchema):
    """An entry as its unit and staff read it. `versions` says when each version was submitted.

    `returned` holds the moderator's remarks and the deadline to meet them.
    """

    entry = Text()
    unit = Text()
    type = Text()
    status = Text()
    approved_version = Whole(allow_none=True)
    frozen = Flag()
    number = Text(allow_none=True)
    version = Whole()
    latest = Whole()
    late_pass = Text(allow_none=True)
    first_at = Whole()
    at = Whole()
    versions = fields.List(fields.Dict())
    returned = fields.Dict(allow_none=True)
    reason = Text(allow_none=True)
    unit_name = Text()
    title = Text()
    profile = Text()
    text = Text()
    themes = fields.List(Text())
    h5 = Text(allow_none=True)
    files = fields.List(fields.Nested(File))
    ai = fields.List(fields.Nested(AiUse))
    receipt = Text(allow_none=True)
    digest = Text()
    by = Text(allow_none=True)


class OwnEntries(ResponseSchema):
    entries = fields.List(fields.Nested(Entry))
    next = Text(allow_none=True)


class DraftField(ResponseSchema):
    """A field of a draft: its value, the revision of the draft in which it changed, and when and by whom.

    The value is a text, a list of theme codes, a list of files, or null.
    """

    value = fields.Raw(allow_none=True)
    revision = Whole()
    at = Whole()
    by = Text()


class Deadline(ResponseSchema):
    """Until when an entry may be handed in, and by what: `window`, `return` or `late-pass`. It may have passed."""

    at = Whole()
    by = Text()


class Draft(ResponseSchema):
    """A unit's draft of an entry. `unsent` names the fields that differ from the version that was handed in last.

    `version` is that version, 0 if there is none; `status` is then `draft`. `files` is what is known of the files that
    the draft or that version names, by hash.
    """

    entry = Text()
    version = Whole()
    status = Text()
    revision = Whole()
    at = Whole()
    fields_ = fields.Dict(keys=Text(), values=fields.Nested(DraftField), data_key="fields", attribute="fields")
    unsent = fields.List(Text())
    files = fields.Dict(keys=Text(), values=fields.Nested(File))
    people = fields.Dict(keys=Text(), values=Text())
    closes = fields.Nested(Deadline, allow_none=True)


class Drafts(ResponseSchema):
    drafts = fields.List(fields.Nested(Draft))


class Checked(ResponseSchema):
    """Everything that is missing. `revision` is that of the draft that was checked, if it was one."""

    optional = ("revision",)
    problems = fields.List(fields.Nested(ContentProblem))
    counts = fields.Dict(keys=Text(), values=Whole(allow_none=True))
    revision = Whole()


# moderation


class Desk(CommandResult):
    """Moderation's record of an entry. `claim` says who reviews it and until when.

    `decided` says what was decided last, by whom and when. `share` is the moderator whose share the entry is,
    `corrected` says that the latest version corrects an earlier one, `second` is a proposed decision that waits for a
    second person, `type_request` the type that the unit asks for, `disqualification` a proposed one, and `bulk` the
    bulk that the decision was made in. `turn` counts what was asked, proposed, decided or undone about the entry.
    """

    optional = ("repeated", "position")
    entry = Text()
    unit = Text()
    unit_name = Text(allow_none=True)
    type = Text()
    version = Whole()
    turn = Whole()
    status = Text()
    approved_version = Whole(allow_none=True)
    grade = Whole(allow_none=True)
    frozen = Flag()
    number = Text(allow_none=True)
    claim = fields.Dict(allow_none=True)
    share = Text(allow_none=True)
    city = Text(allow_none=True)
    corrected = Flag()
    flags = fields.List(Text())
    second = fields.Dict(allow_none=True)
    type_request = fields.Dict(allow_none=True)
    disqualification = fields.Dict(allow_none=True)
    bulk = Text(allow_none=True)
    title = Text()
    themes = fields.List(Text())
    at = Whole()
    decided = fields.Dict(allow_none=True)
    remarks = fields.List(fields.Dict())
    reason = Text(allow_none=True)


class Claim(CommandResult):
    entry = Text()
    by = Text(allow_none=True)
    until = Whole(allow_none=True)


class QueueFacets(ResponseSchema):
    """How many entries of the status each filter would show by itself: value -> number."""

    status = fields.Dict()
    type = fields.Dict()
    theme = fields.Dict()
    city = fields.Dict()
    flag = fields.Dict()
    share = fields.Dict()
    claimed = fields.Dict()


class Queue(ResponseSchema):
    """A page of the queue. `total` counts the entries that the filter shows, `pending` all that wait, and `claimed`
    those of them that somebody has claimed.
    """

    entries = fields.List(fields.Nested(Desk))
    next = Text(allow_none=True)
    total = Whole()
    grades = Flag()
    facets = fields.Nested(QueueFacets)
    pending = Whole()
    claimed = Whole()


class Hit(ResponseSchema):
    """What a check found: a label, its place in characters (0 to 0: the whole item), and how sure it is in per cent."""

    label = Text()
    start = Whole()
    end = Whole()
    score = Whole()


class ItemCheck(ResponseSchema):
    """The check of one item: clean, hit, or not-checked with the reason `why`."""

    item = Text()
    state = Text()
    why = Text(allow_none=True)
    hits = fields.List(fields.Nested(Hit))


class Hint(ResponseSchema):
    """What one source found in the latest version. A version that was not checked is never called clean."""

    source = Text()
    state = Text()
    at = Whole(allow_none=True)
    why = Text(allow_none=True)
    items = fields.List(fields.Nested(ItemCheck))


class Duplicate(ResponseSchema):
    """An entry of another unit that says or shows the same: `what` is text or picture, `score` is in per cent.

    `matches` are pieces of text that both have, or pairs of pictures by their SHA-256, own first.
    """

    entry = Text()
    version = Whole()
    what = Text()
    score = Whole()
    matches = fields.List(fields.Raw())
    title = Text()
    unit_name = Text(allow_none=True)
    status = Text()


class HistoryRow(ResponseSchema):
    """One event about the entry: `what` is its name, `facts` what else it holds."""

    what = Text()
    at = Whole()
    by = Text(allow_none=True)
    version = Whole(allow_none=True)
    words = Text()
    remarks = fields.List(fields.Dict())
    facts = fields.Dict()


class Notes(ResponseSchema):
    now = Whole()
    hints = fields.List(fields.Nested(Hint))
    duplicates = fields.List(fields.Nested(Duplicate))
    history = fields.List(fields.Nested(HistoryRow))


class UnderReview(ResponseSchema):
    desk = fields.Nested(Desk)
    entry = fields.Nested(Entry)
    notes = fields.Nested(Notes)


class TypeRequest(CommandResult):
    """What became of a unit's request for another type: none, open, granted or declined."""

    optional = ("repeated", "position")
    entry = Text()
    type = Text()
    state = Text()
    asked = fields.Dict(allow_none=True)
    words = Text(allow_none=True)


class BulkEntry(ResponseSchema):
    entry = Text()
    version = Whole()
    title = Text(allow_none=True)
    unit_name = Text(allow_none=True)


class BulkRefusal(ResponseSchema):
    """An entry that a bulk leaves alone, and why."""

    optional = ("version",)
    entry = Text()
    version = Whole()
    title = Text(allow_none=True)
    unit_name = Text(allow_none=True)
    code = Text()
    detail = fields.Dict()


class BulkPreview(ResponseSchema):
    """What a bulk would touch, with the digest that confirms this list, and what it would leave alone."""

    kind = Text()
    entries = fields.List(fields.Nested(BulkEntry))
    refused = fields.List(fields.Nested(BulkRefusal))
    digest = Text()


class BulkDone(CommandResult):
    """What a bulk decided; it can be undone until `until`. `bulk` is null if it decided nothing."""

    bulk = Text(allow_none=True)
    kind = Text()
    until = Whole(allow_none=True)
    entries = fields.List(Text())
    refused = fields.List(fields.Nested(BulkRefusal))


class BulkUndone(CommandResult):
    bulk = Text()
    undone = fields.List(Text())
    refused = fields.List(fields.Nested(BulkRefusal))


class RecentBulk(ResponseSchema):
    bulk = Text()
    kind = Text()
    by = Text()
    at = Whole()
    until = Whole()
    open = Flag()
    entries = fields.List(Text())
    undone = fields.List(Text())


class Bulks(ResponseSchema):
    bulks = fields.List(fields.Nested(RecentBulk))


class Share(CommandResult):
    to = Text(allow_none=True)
    entries = fields.List(Text())


class ModeratorPace(ResponseSchema):
    staff = Text()
    done = Whole()
    last_day = Whole()
    median_minutes = Whole(allow_none=True)
    share = Whole()
    last_at = Whole(allow_none=True)


class Pace(ResponseSchema):
    """How far moderation is: `forecast` is when the rest is decided at the speed of the last day of work."""

    now = Whole()
    done = Whole()
    left = Whole()
    median_minutes = Whole(allow_none=True)
    forecast = Whole(allow_none=True)
    deadline = Whole(allow_none=True)
    in_time = Flag(allow_none=True)
    people = fields.List(fields.Nested(ModeratorPace))


class WorkItem(ResponseSchema):
    """Something that waits beside the queue. With `needs_other` somebody else must answer, not the one who asks."""

    id = Text()
    kind = Text()
    entry = Text(allow_none=True)
    complaint = Text(allow_none=True)
    title = Text(allow_none=True)
    unit_name = Text(allow_none=True)
    at = Whole()
    by = Text(allow_none=True)
    needs_other = Flag()


class Work(ResponseSchema):
    items = fields.List(fields.Nested(WorkItem))
    next = Text(allow_none=True)
    counts = fields.Dict()
    pending = Whole()
    corrected = Whole()
    share = Whole()


class ReasonTemplate(ResponseSchema):
    item = Text()
    zh = Text()
    en = Text()


class Reasons(ResponseSchema):
    reasons = fields.List(fields.Nested(ReasonTemplate))


# organiser


class RollImported(CommandResult):
    roll = Text()
    rows = Whole()
    parts = Whole()
    digest = Text()


class RollCounts(ResponseSchema):
    """How many units an import would add, change, leave the same, remove (`gone`), and keep without a row of theirs."""

    added = Whole()
    changed = Whole()
    same = Whole()
    gone = Whole()
    kept = Whole()


class Unit(ResponseSchema):
    code = Text()
    name = Text()
    level = Text()
    type = Text()
    city = Text()
    employer = Text()
    eligible = Flag()


class RollField(ResponseSchema):
    """A field of a unit that an import would change. A changed access code is named without its values."""

    field = Text()
    before = Text(allow_none=True)
    after = Text(allow_none=True)


class RollChange(ResponseSchema):
    """What an import would change of a unit. Its `entries` keep the unit's name and city that they have."""

    unit = Text()
    name = Text()
    changes = fields.List(fields.Nested(RollField))
    entries = fields.List(Text())


class KeptUnit(ResponseSchema):
    """A unit that an import would leave as it is although the file has no row for it."""

    unit = Text()
    name = Text()
    entries = fields.List(Text())


class MatchedCode(ResponseSchema):
    """A row whose code is written in another way than the code in force: by letter case, width or blanks."""

    row = Whole()
    written = Text()
    unit = Text()


class RollDifference(ResponseSchema):
    """How a roll differs from the roll in force. Importing it needs `confirm`, the digest of this difference.

    `rows` counts the units after the import. `namesakes` are the codes of units whose names read the same.
    """

    confirm = Text()
    rows = Whole()
    counts = fields.Nested(RollCounts)
    added = fields.List(fields.Nested(Unit))
    changed = fields.List(fields.Nested(RollChange))
    gone = fields.List(fields.Nested(Unit))
    kept = fields.List(fields.Nested(KeptUnit))
    namesakes = fields.List(fields.List(Text()))
    matched = fields.List(fields.Nested(MatchedCode))


class Roll(ResponseSchema):
    """The organiser's list of units, page by page. `roll` is the name under which it was imported."""

    roll = Text(allow_none=True)
    rows = Whole()
    units = fields.List(fields.Nested(Unit))
    next = Text(allow_none=True)


class ClockMoved(CommandResult):
    now = Whole()


class WindowMoved(CommandResult):
    window = Text()
    start = Whole()
    end = Whole()


class RulesLocked(CommandResult):
    rule_hash = Text(allow_none=True)
    seed_commitment = Text()


class RulesReplaced(CommandResult):
    """The hash of the rules that hold now. `operational_tables` are the tables of the file that are no rules."""

    rule_hash = Text(allow_none=True)
    operational_tables = fields.List(Text())


class RulesAmended(CommandResult):
    """The version that the file has become, or null if it says what is in force already; and all versions.

    `operational_tables` are the tables of the file that are no rules: a version does not put them in force, since
    processes read them from the campaign file on their own machine.
    """

    version = Whole(allow_none=True)
    versions = fields.List(fields.Nested(RulesVersion))
    operational_tables = fields.List(Text())


class Member(ResponseSchema):
    staff = Text()
    name = Text()
    roles = fields.List(Text())


class Appointed(CommandResult, Member):
    """A change of an office: it took effect, or `change` waits for a second person until `until`.

    `link` sets a password, once and until `until`; `page` is its page. `code` is the other part of the link, if two
    people make it: the first gets the code and the second the link.
    """

    link = Text(allow_none=True)
    page = Text(allow_none=True)
    code = Text(allow_none=True)
    change = Text(allow_none=True)
    until = Whole(allow_none=True)


class StaffMember(Member):
    has_password = Flag()
    link_until = Whole(allow_none=True)
    has_authenticator = Flag()
    must_add_authenticator = Flag()
    was_judge = Flag()


class StaffChange(Member):
    """A change of an office that waits for a second person."""

    change = Text()
    resets = Flag()
    by = Text()
    at = Whole()
    until = Whole()


class Staff(ResponseSchema):
    staff = fields.List(fields.Nested(StaffMember))
    changes = fields.List(fields.Nested(StaffChange))
    next = Text(allow_none=True)


class PasswordSet(CommandResult):
    staff = Text()


class RecoveryCodes(CommandResult):
    recovery_codes = fields.List(Text())


class Forgetting(CommandResult):
    subject = Text()


class Listed(ResponseSchema):
    entry = Text()
    number = Text()
    type = Text()
    frozen = Flag()


class Shortlist(ResponseSchema):
    entries = fields.List(fields.Nested(Listed))
    next = Text(allow_none=True)


class ShortlistConfirmed(CommandResult):
    entries = fields.List(fields.Nested(Listed))


class ShortlistProposal(ResponseSchema):
    """The shortlist that the rules propose now, from which the organiser confirms the entries that can be liked.

    `rule` is the campaign's rule for it, `pending` the number of entries that moderators have not decided.
    """

    rule = Text()
    entries = fields.List(fields.Dict())
    pending = Whole()
    locked = Flag()


class LatePassGranted(CommandResult):
    late_pass = Text()
    unit = Text()
    until = Whole()


class LatePass(ResponseSchema):
    late_pass = Text()
    unit = Text()
    until = Whole()
    reason = Text()
    by = Text()
    used_by = Text(allow_none=True)


class LatePasses(ResponseSchema):
    late_passes = fields.List(fields.Nested(LatePass))
    next = Text(allow_none=True)


# judging


class ConflictedMark(ResponseSchema):
    """A mark that counts although its judge has a conflict with the unit now; `why` is declared, employer or city."""

    entry = Text()
    judge = Text()
    why = Text()


class JudgeAppointed(CommandResult):
    """Result of appointing a judge. `conflicted_marks` are this judge's marks that the new data puts in conflict."""

    judge = Text()
    name = Text()
    employer = Text()
    city = Text()
    conflicts = fields.List(Text())
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))


class Mark(ResponseSchema):
    """An entry on a judge's sheet, with the judge's marks. `version` is the version of the entry that was approved."""

    entry = Text()
    unit = Text(allow_none=True)
    version = Whole(allow_none=True)
    state = Text()
    marks = fields.Dict(keys=Text(), values=Whole(), allow_none=True)
    words = Text(allow_none=True)
    total = Text(allow_none=True)
    at = Whole(allow_none=True)
    draft = fields.Dict(allow_none=True)


class MarkGiven(Mark, CommandResult):
    pass


class AssignedEntry(Mark):
    """An entry that a judge is to mark, with its content.

    `rubric` has the criteria, each with anchors: numbers of points and descriptions of an entry that deserves them.
    """

    rubric = fields.List(fields.Dict())
    content = fields.Dict()


class SheetEntry(Mark):
    """An entry of a judge's sheet; `stage` says how far the judge is: new, opened, skipped, draft, marked and so on."""

    anchor = Flag()
    stage = Text()


class FilledIn(ResponseSchema):
    """What a judge has filled in for an entry, by field, each with its value, and the revision in which it changed.

    `given` is when the mark was given that the fields show, null while there is none.
    """

    entry = Text()
    revision = Whole()
    at = Whole()
    fields_ = fields.Dict(keys=Text(), values=fields.Dict(), data_key="fields", attribute="fields")
    stage = Text()
    given = Whole(allow_none=True)
    total = Text(allow_none=True)


class FilledInChanged(FilledIn, CommandResult):
    pass


class Independence(ResponseSchema):
    """When the judge declared to be independent, and the wording in paragraphs, with its hash `words`."""

    declared_at = Whole(allow_none=True)
    words = Text()
    zh = fields.List(Text())
    en = fields.List(Text())


class IndependenceDeclared(Independence, CommandResult):
    pass


class ReadingNoted(CommandResult):
    entry = Text()
    stage = Text()


class PracticeMark(ResponseSchema):
    total = Text()


class AnchorFeedback(ResponseSchema):
    """How a judge marks the anchor entries, which all judges mark for comparison.

    `difference` is the judge's mean minus the panel's mean, in points, once three judges have marked their anchors.
    """

    assigned = Whole()
    marked = Whole()
    difference = Text(allow_none=True)


class Assignments(ResponseSchema):
    """A judge's sheet: the assigned entries, the own marks, and statistics of these.

    `histogram` counts the marks in steps of ten points; `close` lists pairs that are worth a second look: neighbours
    among the marks of one unit type, at most half a point apart, while the judge can still change them.
    """

    judge = Text()
    rubric = fields.List(fields.Dict())
    window = fields.Nested(Span)
    assigned = Whole()
    marked = Whole()
    left = Whole()
    minutes_left = Whole(allow_none=True)
    submitted_at = Whole(allow_none=True)
    independence = fields.Nested(Independence)
    recused = fields.List(Text())
    words_below = Whole(allow_none=True)
    words_above = Whole(allow_none=True)
    histogram = fields.List(Whole())
    close = fields.List(fields.Dict())
    close_count = Whole()
    anchors = fields.Nested(AnchorFeedback)
    entries = fields.List(fields.Nested(SheetEntry))


class Assigned(CommandResult):
    """Result of an assignment of entries to judges: the number of new readings, and how many of them each judge has."""

    assigned = Whole()
    judges = fields.List(fields.Dict())


class Reassigned(Assigned):
    judge = Text()
    moved = Whole()


class ThirdReadings(Assigned):
    called = Whole()


class AssignedAll(Assigned):
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))


class AssignmentProposal(ResponseSchema):
    """A preview of an assignment. `missing` counts the readings that entries still need.

    `judges` has the number of entries of each judge, `now` and `then`.
    """

    seed = Text()
    missing = Whole()
    feasible = Flag()
    anchors = fields.List(Text())
    judges = fields.List(fields.Dict())
    short = fields.List(fields.Dict())
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))
    confirm = Text()


class JudgingProgress(ResponseSchema):
    """How far judging is: the judges who are behind, entries that lack marks or may come to, and marks that differ.

    `types` has for each unit type the marks that are needed and given, and how many will be late.
    """

    minimum = Whole()
    cap = Whole(allow_none=True)
    cohort = Whole(allow_none=True)
    window_end = Whole()
    anchors = fields.List(Text())
    judges = fields.List(fields.Dict())
    types = fields.List(fields.Dict())
    short = fields.List(fields.Dict())
    danger = fields.List(fields.Dict())
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))
    third_readings = fields.List(fields.Dict())
    apart = fields.List(fields.Dict())
    complete = Flag()


class MarksOfEntry(ResponseSchema):
    entry = Text()
    rubric = fields.List(fields.Dict())
    marks = fields.List(fields.Dict())


class ScoreExcluded(CommandResult):
    """Result of excluding a judge's mark. `short` says that the entry now has fewer readers than it needs."""

    judge = Text()
    entry = Text()
    short = Flag()


class ConflictDeclared(CommandResult):
    entry = Text()
    reassigned = Flag()
    short = Flag()


class SheetSubmitted(CommandResult):
    judge = Text()
    marked = Whole()
    submitted_at = Whole(allow_none=True)


# ranking


class EntriesCounted(CommandResult):
    """Result of a command on all entries: `entries` is their number, in the cohort or in the exhibition.

    The cohort is the set of entries that are judged.
    """

    entries = Whole()


class TakenDown(CommandResult):
    entry = Text()


class Release(CommandResult):
    proposal = Text()
    release_at = Whole()


class Final(CommandResult):
    proposal = Text()
    digest = Text()


class Proposal(Final):
    winners = Whole()
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))


class Publication(Final):
    notice_until = Whole()
    notice_basis = Text()


class Spot(ResponseSchema):
    optional = ("seat", "seat_reason")
    type = Text()
    place = Whole()
    seat = Text(allow_none=True)
    seat_reason = Text(allow_none=True)
    final = Text()


class Change(ResponseSchema):
    """A change of one winner between two results. `kind` is `came`, `went` or `moved`."""

    optional = ("why", "before", "after")
    entry = Text()
    kind = Text()
    why = Text()
    before = fields.Nested(Spot, allow_none=True)
    after = fields.Nested(Spot, allow_none=True)


class Preview(ResponseSchema):
    """The result as it would be now, which nobody has proposed. `obstacles` are all problems that prevent its proposal.

    `entry` and `digest_now` belong to a preview without an entry, which is compared with the current result.
    """

    optional = (
        "proposal",
        "is_new",
        "entry",
        "digest",
        "digest_now",
        "winners",
        "seats",
        "changes",
        "conflicted_marks",
    )
    proposal = Text()
    is_new = Flag()
    entry = Text()
    digest = Text()
    digest_now = Text()
    winners = fields.List(fields.Dict())
    seats = fields.List(fields.Dict())
    changes = fields.List(fields.Nested(Change))
    obstacles = fields.List(fields.Nested(ContentProblem))
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))


class Awaited(ResponseSchema):
    optional = ("published_at", "notice_until", "notice_basis", "open_objections", "final_at", "outdated")
    published_proposal = Text(allow_none=True)
    published_at = Whole()
    notice_until = Whole()
    notice_basis = Text()
    open_objections = Whole()
    final_at = Whole(allow_none=True)
    outdated = fields.List(Text())
    obstacles = fields.List(fields.Nested(ContentProblem))
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))


class Objection(ResponseSchema):
    """An objection as anyone with its number can read it. `state` is `open`, `upheld` or `dismissed`."""

    objection = Text()
    proposal = Text()
    entry = Text(allow_none=True)
    at = Whole()
    state = Text()
    answer = fields.Nested(Answer, allow_none=True)


class ObjectionDone(Objection, CommandResult):
    """An objection that was filed just now, with the position of its event."""


class ObjectionsDecided(CommandResult):
    """How many objections were decided, and how many are still open."""

    decided = Whole()
    open = Whole()


class FiledObjection(Objection):
    """An objection as organisers read it, with its text and contact."""

    words = Text()
    contact = Text(allow_none=True)
    by = Text(allow_none=True)


class Objections(ResponseSchema):
    objections = fields.List(fields.Nested(FiledObjection))
    next = Text(allow_none=True)
    open = Whole()


class Certificate(ResponseSchema):
    """The printed facts of a certificate, and its `status`: `valid` or `revoked`.

    `why` says why it was revoked: `order`, `disqualified`, `replaced`, `changed` or `reissued`.
    """

    certificate = Text()
    proposal = Text()
    entry = Text()
    title = Text()
    unit = Text()
    type = Text()
    place = Whole(allow_none=True)
    campaign = Text()
    organiser = Text()
    day = Text()
    at = Whole()
    status = Text()
    why = Text(allow_none=True)
    words = Text(allow_none=True)
    since = Whole(allow_none=True)


class CertificateDone(Certificate, CommandResult):
    """A certificate that was revoked just now, with the position of its event."""


class Certificates(ResponseSchema):
    certificates = fields.List(fields.Nested(Certificate))
    valid = Whole()
    without = Whole()
    next = Text(allow_none=True)


class PrintableNames(ResponseSchema):
    """The number of winners whose names a certificate can print: all of them."""

    printable = Whole()


class Issued(CommandResult):
    """Result of issuing certificates. `without` counts the winners who have no valid certificate."""

    issued = Whole()
    valid = Whole()
    without = Whole()


class Signing(CommandResult):
    """The last proposal of the result, its signatures, and whether it is published.

    `came` and `went` say how its winners differ from those of the proposal that it replaces. `standing_signatures` are
    the signatures of current organisers; only these count.
    """

    optional = (
        "repeated",
        "position",
        "digest",
        "rule_hash",
        "winners",
        "signatures",
        "standing_signatures",
        "changes",
        "came",
        "went",
        "release_at",
        "published_at",
        "notice_until",
        "notice_basis",
        "open_objections",
        "final_at",
        "outdated",
        "conflicted_marks",
    )
    proposal = Text(allow_none=True)
    digest = Text()
    rule_hash = Text(allow_none=True)
    winners = fields.List(Text())
    signatures = fields.List(Text())
    standing_signatures = fields.List(Text())
    changes = fields.List(fields.Nested(Change))
    came = fields.List(Text())
    went = fields.List(Text())
    published = Flag()
    release_at = Whole(allow_none=True)
    published_proposal = Text(allow_none=True)
    published_at = Whole()
    notice_until = Whole()
    notice_basis = Text()
    open_objections = Whole()
    final_at = Whole(allow_none=True)
    outdated = fields.List(Text())
    conflicted_marks = fields.List(fields.Nested(ConflictedMark))


class Ranking(ResponseSchema):
    """The ranking at a moment. `cut` says, for each log, up to which commit it was read.

    `heads` says how far each log goes now.
    If marks were missing then, `likes` (the entries by likes) replaces `table`, and `missing` lists the marks.
    """

    optional = ("table", "likes", "missing")
    digest = Text(allow_none=True)
    cut = fields.Dict(keys=Text(), values=Whole())
    heads = fields.Dict(keys=Text(), values=Whole())
    table = fields.Dict(allow_none=True)
    likes = fields.List(fields.Dict())
    missing = fields.Dict()


class SignalsOpening(ResponseSchema):
    """An ask to read the sealed signals of likes, and what a second person decided: `decided_by` is empty before."""

    opening = Text()
    asked_by = Text(metadata={"description": "Who asked."})
    reason = Text()
    hours = Whole(metadata={"description": "For how many hours the signals may be read once a second person agrees."})
    asked_at = Whole(metadata={"description": "When it was asked, in ms since the epoch."})
    decided_by = Text(metadata={"description": "The second person; empty while nobody decided."})
    decided_at = Whole(allow_none=True, metadata={"description": "When it was decided, in ms, or null."})
    until = Whole(allow_none=True, metadata={"description": "Until when the signals may be read, in ms, or null."})
    state = Text(metadata={"description": "Where it stands.", "enum": ["waiting", "lapsed", "refused", "open", "over"]})


class SignalsOpenings(ResponseSchema):
    """Every ask to read the sealed signals of likes, newest first."""

    openings = fields.List(fields.Nested(SignalsOpening))
    open_until = Whole(
        allow_none=True, metadata={"description": "Until when the signals may be read now, in ms, or null."}
    )


class OpeningStored(CommandResult):
    opening = Text()


class EntryShare(ResponseSchema):
    entry = Text()
    likes = Whole()


class LikeGroup(ResponseSchema):
    """Likes that have something in common, with the entries that most of them went to."""

    key = Text(metadata={"description": "What the likes have in common; empty if they lack it."})
    likes = Whole()
    voters = Whole(metadata={"description": "How many voters the likes are from."})
    first_at = Whole(metadata={"description": "When the first of them was accepted, in ms since the epoch."})
    last_at = Whole(metadata={"description": "When the last of them was accepted, in ms since the epoch."})
    entries = fields.List(fields.Nested(EntryShare))


class SmallGroups(ResponseSchema):
    """Groups of fewer than `fewest` voters, which are not told one by one."""

    groups = Whole(metadata={"description": "How many groups."})
    likes = Whole()
    fewest = Whole(metadata={"description": "The fewest voters of a group that is told."})


class Cohorts(ResponseSchema):
    """Likes that were not taken back, in groups. Whether they count is not said here.

    `addresses` are those of the named group's likes, as a recount without them takes them; null if no group is named.
    """

    grouping = Text(metadata={"description": "By what the likes are grouped."})
    likes = Whole()
    voters = Whole(metadata={"description": "How many voters the likes are from."})
    groups = fields.List(fields.Nested(LikeGroup))
    more = Whole(metadata={"description": "How many groups are left out because there are too many."})
    small = fields.Nested(SmallGroups)
    addresses = fields.List(Text(), allow_none=True)


class Stability(ResponseSchema):
    """Who wins under slightly different rules and judges. It decides nothing."""

    unofficial = Flag()
    official_digest = Text()
    variants = Whole()
    spread_percent = Whole()
    seed = Text()
    kinds = fields.Dict(keys=Text(), values=fields.Dict())
    trials = fields.List(fields.Dict())
    winners = fields.Dict(keys=Text(), values=Text())
    border = fields.List(fields.Dict())
    cut = fields.Dict(keys=Text(), values=Whole())


class ExportedRow(ResponseSchema):
    """One row of the exported ranking; the data dictionary of exports is made from it."""

    number = Text(
        allow_none=True,
        metadata={
            "description": "Poster number, or empty if the entry is not public.",
            "description_zh": "编号；成果尚未公开时为空。",
        },
    )
    title = Text(
        metadata={
            "description": "Title of the entry; empty if it is not public.",
            "description_zh": "成果标题；尚未公开时为空。",
        }
    )
    unit = Text(
        metadata={
            "description": "Name of the unit under which the entry is shown.",
            "description_zh": "成果展示时使用的单位名称。",
        }
    )
    entry = Text(
        metadata={
            "description": "Id of the entry, by which exports can be joined.",
            "description_zh": "成果的内部代码，用来把几份导出的数据对上。",
        }
    )
    type = Text(
        metadata={
            "description": "Code of the unit type that the entry has as of the moment.",
            "description_zh": "成果在这一时刻所属单位类型的代码。",
        }
    )
    place = Text(
        metadata={
            "description": "Place within the unit type; the middle of the places that equal likes share.",
            "description_zh": "同类型中的名次；点赞数相同的成果取其名次的中间值。",
        }
    )
    overall = Whole(
        allow_none=True,
        metadata={
            "description": "Place among all entries; empty while marks are missing.",
            "description_zh": "全部成果中的名次；评分未齐时为空。",
        },
    )
    likes = Whole(
        metadata={"description": "Likes that count as of the moment.", "description_zh": "这一时刻有效的点赞数。"}
    )
    like_points = Text(
        metadata={
            "description": "Points that the likes give, with two decimals.",
            "description_zh": "点赞换算成的分数，保留两位小数。",
        }
    )
    expert = Text(
        allow_none=True,
        metadata={"description": "Expert score, with two decimals.", "description_zh": "专家评分，保留两位小数。"},
    )
    final = Text(
        allow_none=True,
        metadata={"description": "Final score, with two decimals.", "description_zh": "总分，保留两位小数。"},
    )
    winner = Flag(metadata={"description": "Whether the entry wins a seat.", "description_zh": "是否入选。"})
    seat = Text(allow_none=True, metadata={"description": "The seat that it wins.", "description_zh": "占用的名额。"})


class Methods(ResponseSchema):
    """The score method of the rules compared with every other one: scores, winners, and how far the judges agree.

    `fell_back` lists, for each method, the entries that had too few marks for it and were scored by the mean.
    """

    method = Text()
    scores = fields.Dict(keys=Text(), values=fields.Dict(keys=Text(), values=Text()))
    winners = fields.Dict(keys=Text(), values=fields.Dict())
    pooled_judges = fields.List(Text())
    fell_back = fields.Dict(keys=Text(), values=fields.List(Text()))
    agreement = fields.Dict(keys=Text(), values=fields.Dict())


class Explanation(ResponseSchema):
    """Why an entry has its place. `digest` is that of the ranking, and is missing if only likes were ranked.

    `before` and `differences` are present if the request names a second instant.
    """

    optional = ("digest", "experts", "ties", "seat", "more", "before", "differences")
    entry = Text()
    type = fields.Nested(Named)
    by_likes_alone = Flag()
    number = Text(allow_none=True)
    digest = Text(allow_none=True)
    rule_hash = Text()
    cut = fields.Dict(keys=Text(), values=Whole())
    likes = fields.Dict()
    experts = fields.Dict()
    final = fields.Dict()
    place = fields.Dict()
    ties = fields.Dict()
    seat = fields.Dict(allow_none=True)
    more = fields.Dict()
    before = fields.Dict()
    differences = fields.List(fields.Dict())


class Recount(ResponseSchema):
    """The ranking calculated again under the requested changes, compared with the official record.

    `enters` and `leaves` are the entries that would gain and lose a seat.
    """

    unofficial = Flag()
    change = fields.Dict()
    official_digest = Text()
    digest = Text()
    winners = Whole()
    places_changed = Whole()
    likes_left_out = Whole()
    cut = fields.Dict(keys=Text(), values=Whole())
    enters = fields.List(fields.Dict())
    leaves = fields.List(fields.Dict())
    dropped = fields.List(Text())


class Correction(ResponseSchema):
    """One correction of a change set, as it was proposed."""

    kind = Text()
    entry = Text()
    reason = Text()
    type = Text(allow_none=True)
    judge = Text(allow_none=True)
    likes = fields.List(Text())
    evidence = Text(allow_none=True)


class ChangeSet(ResponseSchema):
    """Corrections that are applied together or not at all.

    With `two_persons`, whoever proposed them does not apply them. The `settled_` fields are null while it is open.
    """

    changes = Text()
    state = Text()
    corrections = fields.List(fields.Nested(Correction))
    reason = Text()
    two_persons = Flag()
    by = Text()
    at = Whole()
    settled_by = Text(allow_none=True)
    settled_at = Whole(allow_none=True)
    words = Text(allow_none=True)
    digest = Text(allow_none=True)


class ChangeSets(ResponseSchema):
    sets = fields.List(fields.Nested(ChangeSet))


class ChangeSetProposed(CommandResult):
    changes = Text()


class ChangeSetApplied(CommandResult):
    changes = Text()
    corrections = Whole()


class ChangePreview(ResponseSchema):
    """What a change set would do if it were applied now; its `digest` confirms it.

    Each row has the entry before and after, null where it is not ranked. With `by_likes_alone` marks are missing, and
    entries are compared by likes. A correction with a `problem` names a mark or likes that are not there.
    """

    changes = Text()
    corrections = fields.List(fields.Dict())
    by_likes_alone = Flag()
    sizes = fields.List(fields.Dict())
    seats = fields.List(fields.Dict())
    enters = fields.List(Text())
    leaves = fields.List(Text())
    rows = fields.List(fields.Dict())
    digest = Text()
    applied = Whole()
    sound = Flag()
    seal = Text()
    cut = fields.Dict(keys=Text(), values=Whole())
    obstacles = fields.List(fields.Nested(ContentProblem))


class WindowChange(ResponseSchema):
    window = Text()
    start = Whole()
    end = Whole()
    start_before = Whole()
    end_before = Whole()


# letters


class DeliveryAttempt(ResponseSchema):
    """One attempt to pass a letter to a channel; `again` is null unless it is made again."""

    channel = Text()
    attempt = Whole()
    at = Whole()
    state = Text()
    code = Text(metadata={"description": "The channel's own answer, such as `550`."})
    again = Whole(allow_none=True)


class Letter(ResponseSchema):
    """A letter with its text, receiver and what each channel answered. Fields that do not apply are empty texts."""

    letter = Text()
    kind = Text(metadata={"description": "What the letter is about, as a stable code.", "example": "approved"})
    state = Text()
    to = Text(metadata={"description": "Its receiver: `contact.<unit>` or `staff.<staff>`.", "example": "contact.U1"})
    unit = Text()
    staff = Text()
    channels = fields.List(Text())
    number = Text()
    entry_title = Text()
    unit_name = Text()
    title = Text(metadata={"description": "Title of the letter, in one line."})
    words = Text(metadata={"description": "Text of the letter."})
    digest = Text(metadata={"description": "Digest of receiver and text, with which the letter is approved."})
    at = Whole()
    by = Text()
    why = Text()
    attempts = fields.List(fields.Nested(DeliveryAttempt))


class LetterCounts(ResponseSchema):
    """How many letters are in each state; `open` are those that are approved and not settled."""

    proposed = Whole()
    waiting = Whole()
    unaddressed = Whole()
    sending = Whole()
    sent = Whole()
    failed = Whole()
    unsure = Whole()
    withdrawn = Whole()
    open = Whole(metadata={"description": "How many letters are approved and not settled.", "example": 3})


class LetterSender(ResponseSchema):
    """The channels that the sender has, and the wall time at which it was last seen, or null."""

    channels = fields.List(Text())
    seen_at = Whole(allow_none=True)


class Letters(ResponseSchema):
    letters = fields.List(fields.Nested(Letter))
    total = Whole()
    next = Text(allow_none=True)
    counts = fields.Nested(LetterCounts)
    sender = fields.Nested(LetterSender)


class LetterAudience(ResponseSchema):
    """A group of units, by `type` or `status`, and the code of that type or status."""

    by = Text(metadata={"description": "What the group is made by: `type` or `status`.", "example": "type"})
    code = Text(metadata={"description": "Code of the unit type, or of the status.", "example": "state"})
    units = fields.List(Text(), metadata={"description": "Units of the group, by code."})


class LetterAudiences(ResponseSchema):
    audiences = fields.List(fields.Nested(LetterAudience))


class LettersDrafted(CommandResult):
    batch = Text()
    letters = Whole(metadata={"description": "How many letters are proposed.", "example": 12})


class LettersApproved(CommandResult):
    approved = Whole()


class LettersWithdrawn(CommandResult):
    withdrawn = Whole()


class LettersResumed(CommandResult):
    resumed = Whole()


class Outage(ResponseSchema):
    """A time in which likes could not be given, and what it moved. The last three fields are null unless revoked."""

    outage = Text()
    start = Whole()
    end = Whole()
    minutes = Whole()
    moved = fields.List(fields.Nested(WindowChange))
    reason = Text()
    evidence = Text(allow_none=True)
    by = Text()
    at = Whole()
    revocable_until = Whole()
    revocable = Flag()
    revoked_by = Text(allow_none=True)
    revoked_at = Whole(allow_none=True)
    words = Text(allow_none=True)


class Outages(ResponseSchema):
    hours = Whole()
    minutes_left = Whole()
    likes = fields.Nested(Span)
    outages = fields.List(fields.Nested(Outage))


class OutageDeclared(Outages, CommandResult):
    pass


class OutagePreview(ResponseSchema):
    minutes = Whole()
    moved = fields.List(fields.Nested(WindowChange))


class ScenarioSaved(Recount, CommandResult):
    pass


class SavedScenario(ResponseSchema):
    """A recount that was saved under a name.

    `enters` and `leaves` are the ids of entries that would gain and lose a seat.
    """

    name = Text()
    reason = Text()
    change = fields.Dict()
    cut = fields.Dict(keys=Text(), values=Whole())
    official_digest = Text()
    digest = Text()
    enters = fields.List(Text())
    leaves = fields.List(Text())
    by = Text()
    at = Whole()


class Scenarios(ResponseSchema):
    unofficial = Flag()
    scenarios = fields.List(fields.Nested(SavedScenario))
    next = Text(allow_none=True)


class ScenarioAgain(ResponseSchema):
    """A saved scenario that was calculated again. `same` says whether the result is the same."""

    unofficial = Flag()
    saved = fields.Nested(SavedScenario)
    now = fields.Nested(Recount)
    same = Flag()

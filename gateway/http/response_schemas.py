"""What routes answer, for the OpenAPI document.

The gateway does not check answers against these: the service that answers has the say. The tests do: an answer with a
field that is not declared here, or of another type, fails them (`tests/declared_answers.py`).
"""

from marshmallow import fields

from gateway.http.fields import Told

Whole, Text, Flag = fields.Integer, fields.String, fields.Boolean


class Position(Told):
    log = Text()
    n = Whole()


class Done(Told):
    """A command that was carried out. `at_least=<log>:<n>` on a read waits for it."""

    repeated = Flag()
    position = fields.Nested(Position)


class Found(Told):
    """One or several problems of a draft, a file or a roll. `detail` holds the facts that the words are filled with."""

    code = Text()
    field = Text(allow_none=True)
    detail = fields.Dict(allow_none=True)
    zh = Text()
    en = Text()


# sessions


class Me(Told):
    sub = Text()
    roles = fields.List(Text())
    name = Text()
    expires = Whole()
    unit = Text(allow_none=True)


class SignedIn(Me):
    token = Text()


class Voter(Told):
    openid = Text()
    voter = Text()
    token = Text()


class Voters(Told):
    voters = fields.List(fields.Nested(Voter))


class Handoff(Told):
    """`svg` is the code for a camera, `code` the digits that the phone shows too."""

    handoff = Text()
    code = Text()
    url = Text()
    svg = Text()
    expires = Whole()


class HandoffState(Told):
    state = Text()


class JsSdk(Told):
    appId = Text()
    timestamp = Whole()
    nonceStr = Text()
    signature = Text()


# likes


class LikeTickets(Told):
    tickets = fields.List(Text())
    life_s = Whole()


class Challenge(Told):
    """As altcha writes it: `parameters` and `signature`."""

    challenge = fields.Dict()


# public


class Span(Told):
    start = Whole()
    end = Whole()


class Named(Told):
    code = Text()
    zh = Text()
    en = Text()


class UnitType(Named):
    quota = Whole()


class LikeRules(Told):
    per_day = Whole()
    per_type = Whole()
    partitions = Whole()
    order_time_limit_ms = Whole()


class Campaign(Told):
    """`moderation` is the position of the desk's log that the campaign was read from."""

    id = Text()
    title_zh = Text()
    title_en = Text()
    rehearsal = Flag()
    clock = Whole(allow_none=True)
    phase = Text()
    windows = fields.Dict(keys=Text(), values=fields.Nested(Span))
    themes = fields.List(fields.Nested(Named))
    unit_types = fields.List(fields.Nested(UnitType))
    likes = fields.Nested(LikeRules)
    rules_hash = Text(allow_none=True)
    polls_closed = fields.List(Whole())
    cohort_fixed = Flag()
    popularity_list = Flag()
    moderation = Whole()


class RulesVersion(Told):
    """A locked version of the rules. `changes`: what differs from the version before."""

    version = Whole()
    rule_hash = Text()
    seed_commitment = Text(allow_none=True)
    reason = Text(allow_none=True)
    by = Text()
    at = Whole()
    changes = fields.List(fields.Dict())


class Rules(Told):
    """`campaign` is the whole rule set, with its windows as they were moved."""

    campaign = fields.Dict()
    rule_hash = Text()
    locked = fields.Nested(RulesVersion, allow_none=True)
    versions = fields.List(fields.Nested(RulesVersion))


class RuleSheet(Told):
    """The rules in plain words: `sections` of `lines`, and the rows of a worked `example`."""

    rule_hash = Text()
    sections = fields.List(fields.Dict())
    example = fields.List(fields.Dict())
    locked = Flag()
    versions = fields.List(fields.Nested(RulesVersion))


class Row(Told):
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


class Rows(Told):
    entries = fields.List(fields.Nested(Row))
    next = Text(allow_none=True)
    total = Whole()


class Answer(Told):
    words = Text()
    at = Whole()


class Complaint(Told):
    """`state` is `open` or `answered`."""

    complaint = Text()
    kind = Text()
    entry = Text(allow_none=True)
    at = Whole()
    state = Text()
    answer = fields.Nested(Answer, allow_none=True)


class ComplaintDone(Complaint):
    repeated = Flag()
    position = fields.Nested(Position)


class FiledComplaint(Complaint):
    """As the desk reads it."""

    words = Text()
    contact = Text(allow_none=True)
    by = Text(allow_none=True)


class Complaints(Told):
    complaints = fields.List(fields.Nested(FiledComplaint))
    next = Text(allow_none=True)
    open = Whole()


class File(Told):
    sha256 = Text()
    kind = Text()
    container = Text()
    name = Text()
    bytes = Whole()
    width = Whole()
    height = Whole()
    duration_ms = Whole()


class PublicEntry(Row):
    """`unit_name` is the unit's name in the roll, `unit_code` its code."""

    unit_name = Text()
    unit_code = Text()
    version = Whole()
    profile = Text()
    text = Text()
    themes = fields.List(Text())
    h5 = Text(allow_none=True)
    files = fields.List(fields.Nested(File))
    at = Whole()


class Place(Told):
    entry = Text()
    number = Text(allow_none=True)
    type = Text()
    title = Text()
    unit = Text()
    city = Text()
    likes = Whole(allow_none=True)
    place = Whole(allow_none=True)


class Leaderboard(Told):
    """`types` and `overall` where all is asked for, `types` alone with one type, `rows` with a theme or a city."""

    as_of = Whole()
    visibility = Text(allow_none=True)
    types = fields.Dict(keys=Text(), values=fields.List(fields.Nested(Place)))
    overall = fields.List(fields.Nested(Place))
    theme = Text()
    city = Text()
    rows = fields.List(fields.Nested(Place))


class Popularity(Told):
    open = Flag()
    as_of = Whole()
    entries = fields.List(fields.Nested(Place))


class Exhibit(Row):
    place = Whole(allow_none=True)
    overall = Whole(allow_none=True)
    final = Text(allow_none=True)


class Exhibition(Told):
    """`at`: when it was opened; `changed`: when it last changed."""

    open = Flag()
    provisional = Flag()
    at = Whole()
    changed = Whole()
    entries = fields.List(fields.Nested(Exhibit))


class Winner(Told):
    entry = Text()
    number = Text(allow_none=True)
    title = Text()
    unit = Text()
    type = Text()
    place = Whole()
    overall = Whole()
    final = Text()
    disqualified = Flag()


class Notice(Told):
    """Objections are taken before `until`; `basis`: `table`, `weekends` (a year that no table knows), or `none`."""

    since = Whole()
    until = Whole()
    basis = Text()


class Lot(Told):
    """In hex. The lower SHA-256 of seed, root and the entry's id, one behind the other, wins a tie that comes to it."""

    seed = Text()
    root = Text()


class Result(Told):
    """`outdated`: a winner has left the competition, and another result follows."""

    proposal = Text()
    digest = Text()
    published = Flag()
    is_final = Flag()
    notice = fields.Nested(Notice, allow_none=True)
    lot = fields.Nested(Lot)
    outdated = Flag()
    winners = fields.List(fields.Nested(Winner))


class Declaration(Told):
    zh = Text()
    words = Text()


class Receipt(Told):
    entry = Text()
    day = Text()
    at = Whole()
    address = Text()
    leaf_root = Text()


# voter


class Like(Told):
    status = Text()
    receipt = Text()
    ticket = Text()
    remaining = Whole()


class OwnLike(Told):
    entry = Text()
    at = Whole()
    status = Text()
    receipt = Text()


class MyLikes(Told):
    """Without `likes` where `status` is `accepted`: `ticket` asks for them later."""

    status = Text()
    likes = fields.List(fields.Nested(OwnLike))
    remaining = Whole()
    ticket = Text()


class OrderOutcome(MyLikes):
    """What became of an accepted order, as it would have been answered at once; `refused` comes with its `code`."""

    receipt = Text()
    code = Text()
    detail = fields.Dict()


# unit


class Upload(File):
    problems = fields.List(fields.Nested(Found))


class Withdrawn(Done):
    entry = Text()
    status = Text()


class HandedIn(Done):
    entry = Text()
    version = Whole()
    status = Text()
    late_pass = Text(allow_none=True)
    at = Whole()


class Entry(Told):
    """`versions`: when each was handed in. `returned`: the desk's remarks, and until when they may be met."""

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
    title = Text()
    profile = Text()
    text = Text()
    themes = fields.List(Text())
    h5 = Text(allow_none=True)
    files = fields.List(fields.Nested(File))


class OwnEntries(Told):
    entries = fields.List(fields.Nested(Entry))


class Checked(Told):
    problems = fields.List(fields.Nested(Found))
    counts = fields.Dict(keys=Text(), values=Whole(allow_none=True))


# moderation


class Desk(Done):
    """`claim`: who reviews it, and until when. `decided`: the last decision, by whom and when."""

    entry = Text()
    unit = Text()
    type = Text()
    version = Whole()
    status = Text()
    approved_version = Whole(allow_none=True)
    grade = Whole(allow_none=True)
    frozen = Flag()
    number = Text(allow_none=True)
    claim = fields.Dict(allow_none=True)
    title = Text()
    themes = fields.List(Text())
    at = Whole()
    decided = fields.Dict(allow_none=True)
    remarks = fields.List(fields.Dict())
    reason = Text(allow_none=True)


class Claim(Done):
    entry = Text()
    by = Text(allow_none=True)
    until = Whole(allow_none=True)


class Queue(Told):
    entries = fields.List(fields.Nested(Desk))
    next = Text(allow_none=True)
    pending = Whole()
    claimed = Whole()


class UnderReview(Told):
    desk = fields.Nested(Desk)
    entry = fields.Nested(Entry)


# organiser


class RollImported(Done):
    roll = Text()
    rows = Whole()
    parts = Whole()
    digest = Text()


class Unit(Told):
    code = Text()
    name = Text()
    level = Text()
    type = Text()
    city = Text()
    employer = Text()
    eligible = Flag()


class Roll(Told):
    """`roll` is the name that it was imported under."""

    roll = Text(allow_none=True)
    rows = Whole()
    units = fields.List(fields.Nested(Unit))
    next = Text(allow_none=True)


class ClockMoved(Done):
    now = Whole()


class WindowMoved(Done):
    window = Text()
    start = Whole()
    end = Whole()


class RulesLocked(Done):
    rule_hash = Text(allow_none=True)
    seed_commitment = Text()


class RulesAmended(Done):
    versions = fields.List(fields.Nested(RulesVersion))


class Member(Told):
    staff = Text()
    name = Text()
    roles = fields.List(Text())


class Appointed(Done, Member):
    pass


class Staff(Told):
    staff = fields.List(fields.Nested(Member))


class Forgetting(Done):
    subject = Text()


class Listed(Told):
    entry = Text()
    number = Text()
    type = Text()
    frozen = Flag()


class Shortlist(Told):
    entries = fields.List(fields.Nested(Listed))


class ShortlistConfirmed(Shortlist, Done):
    pass


class ShortlistProposal(Told):
    """`rule` is the rule of the campaign, `pending` how many entries still wait for a decision."""

    rule = Text()
    entries = fields.List(fields.Dict())
    pending = Whole()
    locked = Flag()


class LatePassGranted(Done):
    late_pass = Text()
    unit = Text()
    until = Whole()


class LatePass(Told):
    late_pass = Text()
    unit = Text()
    until = Whole()
    reason = Text()
    by = Text()
    used_by = Text(allow_none=True)


class LatePasses(Told):
    late_passes = fields.List(fields.Nested(LatePass))


# judging


class JudgeAppointed(Done):
    judge = Text()
    name = Text()
    employer = Text()
    city = Text()
    conflicts = fields.List(Text())


class Mark(Told):
    """An entry of a judge's own sheet. `version` is that of the approved entry."""

    entry = Text()
    unit = Text(allow_none=True)
    version = Whole(allow_none=True)
    state = Text()
    marks = fields.Dict(keys=Text(), values=Whole(), allow_none=True)
    words = Text(allow_none=True)
    total = Text(allow_none=True)
    at = Whole(allow_none=True)
    draft = fields.Dict(allow_none=True)


class MarkGiven(Mark, Done):
    pass


class AssignedEntry(Mark):
    """`content` is what is judged, `rubric` the criteria with the words of their anchors."""

    rubric = fields.List(fields.Dict())
    content = fields.Dict()


class SheetEntry(Mark):
    anchor = Flag()


class AnchorFeedback(Told):
    """`difference`: own mean less the panel's, in points, once three judges have marked their anchors."""

    assigned = Whole()
    marked = Whole()
    difference = Text(allow_none=True)


class Assignments(Told):
    """`histogram`: own marks by ten points. `close`: pairs of own marks no further apart than half a point."""

    judge = Text()
    rubric = fields.List(fields.Dict())
    window = fields.Nested(Span)
    assigned = Whole()
    marked = Whole()
    left = Whole()
    minutes_left = Whole(allow_none=True)
    submitted_at = Whole(allow_none=True)
    words_below = Whole(allow_none=True)
    words_above = Whole(allow_none=True)
    histogram = fields.List(Whole())
    close = fields.List(fields.Dict())
    close_count = Whole()
    anchors = fields.Nested(AnchorFeedback)
    entries = fields.List(fields.Nested(SheetEntry))


class Assigned(Done):
    """How many new readings there are, and how many of them each judge has."""

    assigned = Whole()
    judges = fields.List(fields.Dict())


class Reassigned(Assigned):
    judge = Text()
    moved = Whole()


class ThirdReadings(Assigned):
    called = Whole()


class AssignmentProposal(Told):
    """`missing`: readings that entries still need. `judges`: how many each has `now`, and would have `then`."""

    seed = Text()
    missing = Whole()
    feasible = Flag()
    anchors = fields.List(Text())
    judges = fields.List(fields.Dict())
    short = fields.List(fields.Dict())


class JudgingProgress(Told):
    """Who is behind, which entries are short of marks or in danger of it, and on which the marks differ."""

    minimum = Whole()
    cap = Whole(allow_none=True)
    cohort = Whole(allow_none=True)
    window_end = Whole()
    anchors = fields.List(Text())
    judges = fields.List(fields.Dict())
    short = fields.List(fields.Dict())
    danger = fields.List(fields.Dict())
    third_readings = fields.List(fields.Dict())
    apart = fields.List(fields.Dict())
    complete = Flag()


class MarksOfEntry(Told):
    entry = Text()
    marks = fields.List(fields.Dict())


class ScoreExcluded(Done):
    """`short`: the entry now has fewer readers than it needs."""

    judge = Text()
    entry = Text()
    short = Flag()


class ConflictDeclared(Done):
    entry = Text()
    reassigned = Flag()
    short = Flag()


class SheetSubmitted(Done):
    judge = Text()
    marked = Whole()
    submitted_at = Whole(allow_none=True)


# ranking


class EntriesCounted(Done):
    """`entries`: how many the cohort, or the exhibition, now has."""

    entries = Whole()


class TakenDown(Done):
    entry = Text()


class Release(Done):
    proposal = Text()
    release_at = Whole()


class Final(Done):
    proposal = Text()
    digest = Text()


class Proposal(Final):
    winners = Whole()


class Publication(Final):
    notice_until = Whole()
    notice_basis = Text()


class Spot(Told):
    type = Text()
    place = Whole()
    seat = Text(allow_none=True)
    seat_reason = Text(allow_none=True)
    final = Text()


class Change(Told):
    """Of a winner. `kind` is `came`, `went` or `moved`."""

    entry = Text()
    kind = Text()
    why = Text()
    before = fields.Nested(Spot, allow_none=True)
    after = fields.Nested(Spot, allow_none=True)


class Preview(Told):
    """What would be. `obstacles` are all the problems that stand in its way.

    `entry` and `digest_now` are of a ranking without an entry, beside the ranking with it.
    """

    proposal = Text()
    is_new = Flag()
    entry = Text()
    digest = Text()
    digest_now = Text()
    winners = fields.List(fields.Dict())
    seats = fields.List(fields.Dict())
    changes = fields.List(fields.Nested(Change))
    obstacles = fields.List(fields.Nested(Found))


class Awaited(Told):
    published_proposal = Text(allow_none=True)
    published_at = Whole()
    notice_until = Whole()
    notice_basis = Text()
    open_objections = Whole()
    final_at = Whole(allow_none=True)
    outdated = fields.List(Text())
    obstacles = fields.List(fields.Nested(Found))


class Objection(Told):
    """`state` is `open`, `upheld` or `dismissed`."""

    objection = Text()
    proposal = Text()
    entry = Text(allow_none=True)
    at = Whole()
    state = Text()
    answer = fields.Nested(Answer, allow_none=True)


class ObjectionDone(Objection):
    repeated = Flag()
    position = fields.Nested(Position)


class FiledObjection(Objection):
    """As organisers read it."""

    words = Text()
    contact = Text(allow_none=True)
    by = Text(allow_none=True)


class Objections(Told):
    objections = fields.List(fields.Nested(FiledObjection))
    next = Text(allow_none=True)
    open = Whole()


class Certificate(Told):
    """What is printed, and `status`: `valid` or `revoked`.

    `why`: `order`, `disqualified`, `replaced`, `changed`, `reissued`.
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


class CertificateDone(Certificate):
    repeated = Flag()
    position = fields.Nested(Position)


class Certificates(Told):
    certificates = fields.List(fields.Nested(Certificate))
    valid = Whole()
    without = Whole()


class Issued(Done):
    """`without`: winners who have no valid certificate."""

    issued = Whole()
    valid = Whole()
    without = Whole()


class Signing(Done):
    """`came` and `went`: how the winners differ from those of the proposal that this one replaces.

    `standing_signatures` are of those who are organisers now, and alone count.
    """

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


class Ranking(Told):
    """`likes` takes the place of `table` as of a moment at which marks were missing; `missing` says which."""

    digest = Text(allow_none=True)
    cut = fields.Dict(keys=Text(), values=Whole())
    table = fields.Dict(allow_none=True)
    likes = fields.List(fields.Dict())
    missing = fields.Dict()


class Methods(Told):
    """Every score method beside the one of the rules. `fell_back`: entries with too few marks for a method."""

    method = Text()
    scores = fields.Dict(keys=Text(), values=fields.Dict(keys=Text(), values=Text()))
    winners = fields.Dict(keys=Text(), values=fields.Dict())
    pooled_judges = fields.List(Text())
    fell_back = fields.Dict(keys=Text(), values=fields.List(Text()))
    agreement = fields.Dict(keys=Text(), values=fields.Dict())


class Explanation(Told):
    """`before` and `differences` where a second moment is asked for; no `digest` where likes alone were ranked."""

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


class Recount(Told):
    """`enters` and `leaves`: who would have a seat, and who would have none, other than in the record."""

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


class ScenarioSaved(Recount, Done):
    pass


class SavedScenario(Told):
    """A recount as it was saved: here `enters` and `leaves` are entries."""

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


class Scenarios(Told):
    unofficial = Flag()
    scenarios = fields.List(fields.Nested(SavedScenario))


class ScenarioAgain(Told):
    """A saved scenario, worked out once more; `same` says whether the same came of it."""

    unofficial = Flag()
    saved = fields.Nested(SavedScenario)
    now = fields.Nested(Recount)
    same = Flag()

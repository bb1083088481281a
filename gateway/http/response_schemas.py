"""What routes answer, for the OpenAPI document. Described, not checked: the service that answers has the say."""

from marshmallow import fields

from gateway.http.fields import Told

Whole, Text, Flag = fields.Integer, fields.String, fields.Boolean


class Position(Told):
    log = Text()
    n = Whole()


class Done(Told):
    """The result of a command. A read with `at_least=<log>:<n>` waits until it can see it."""

    repeated = Flag()
    position = fields.Nested(Position)


class Found(Told):
    """One or several problems of a draft, a file or a roll."""

    code = Text()
    field = Text(allow_none=True)
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
    """`svg` is the QR code, `code` the digits that the phone shows too."""

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
    """A challenge in altcha's format: `parameters` and `signature`."""

    challenge = fields.Dict()


# public


class Span(Told):
    start = Whole()
    end = Whole()


class Campaign(Told):
    id = Text()
    title_zh = Text()
    title_en = Text()
    rehearsal = Flag()
    clock = Whole(allow_none=True)
    phase = Text()
    windows = fields.Dict(keys=Text(), values=fields.Nested(Span))
    rules_hash = Text(allow_none=True)
    cut = fields.Dict(keys=Text(), values=Whole())


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
    """A complaint as moderators read it."""

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
    profile = Text()
    text = Text()
    themes = fields.List(Text())
    h5 = Text(allow_none=True)
    files = fields.List(fields.Nested(File))
    at = Whole()


class Place(Told):
    entry = Text()
    number = Text()
    type = Text()
    title = Text()
    unit = Text()
    city = Text()
    likes = Whole(allow_none=True)
    place = Whole(allow_none=True)


class Leaderboard(Told):
    """`types` and `overall` without a filter, `types` alone with a type, `rows` with a theme or a city."""

    as_of = Whole()
    visibility = Text()
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
    """`at` is when the exhibition was opened, `changed` when it last changed."""

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
    """Objections may be filed before `until`.

    `basis` is `table`, `weekends` (no holiday table of that year) or `none`.
    """

    since = Whole()
    until = Whole()
    basis = Text()


class Lot(Told):
    """Values of the drawn tie-break, in hex.

    In a tie that comes to it, the entry with the lowest SHA-256 of seed, root and entry id, concatenated, wins.
    """

    seed = Text()
    root = Text()


class Result(Told):
    """`outdated`: a winner has left the competition, and another result will follow."""

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
    status = Text()
    likes = fields.List(fields.Nested(OwnLike))
    remaining = Whole()


# unit


class Upload(File):
    problems = fields.List(fields.Nested(Found))


class HandedIn(Done):
    entry = Text()
    version = Whole()
    status = Text()
    late_pass = Text(allow_none=True)
    at = Whole()


class Entry(Told):
    entry = Text()
    unit = Text()
    type = Text()
    status = Text()
    version = Whole()
    latest = Whole()
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
    counts = fields.Dict(keys=Text(), values=Whole())


# moderation


class Desk(Done):
    entry = Text()
    unit = Text()
    type = Text()
    version = Whole()
    status = Text()
    frozen = Flag()
    number = Text(allow_none=True)


class Claim(Done):
    entry = Text()
    by = Text()
    until = Whole()


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


class Listing(Told):
    """A list under the name that the route has for it, with `next` where there is more."""

    next = Text(allow_none=True)


class Shortlist(Done):
    entries = fields.List(fields.Dict())


# judging


class Mark(Done):
    entry = Text()
    state = Text()
    marks = fields.Dict(keys=Text(), values=Whole(), allow_none=True)
    total = Text(allow_none=True)
    draft = fields.Dict(allow_none=True)


class AnchorFeedback(Told):
    """`difference`: the judge's mean less the panel's, in points, once three judges have marked their anchors."""

    assigned = Whole()
    marked = Whole()
    difference = Text(allow_none=True)


class Assignments(Told):
    """`histogram`: the judge's marks in steps of ten points. `close`: pairs of marks at most half a point apart."""

    judge = Text()
    assigned = Whole()
    marked = Whole()
    left = Whole()
    minutes_left = Whole(allow_none=True)
    words_below = Whole()
    words_above = Whole()
    histogram = fields.List(Whole())
    close = fields.List(fields.Dict())
    anchors = fields.Nested(AnchorFeedback)
    entries = fields.List(fields.Nested(Mark))


class Reassigned(Done):
    judge = Text()
    moved = Whole()
    assigned = Whole()
    judges = fields.List(fields.Dict())


class ThirdReadings(Done):
    called = Whole()
    assigned = Whole()
    judges = fields.List(fields.Dict())


# ranking


class Proposal(Done):
    proposal = Text()
    digest = Text()
    winners = Whole()


class Publication(Proposal):
    notice_until = Whole()
    notice_basis = Text()


class Spot(Told):
    type = Text()
    place = Whole()
    seat = Text(allow_none=True)
    seat_reason = Text(allow_none=True)
    final = Text()


class Change(Told):
    """A change of a winner. `kind` is `came`, `went` or `moved`."""

    entry = Text()
    kind = Text()
    why = Text()
    before = fields.Nested(Spot, allow_none=True)
    after = fields.Nested(Spot, allow_none=True)


class Preview(Told):
    """The result as it would be now. `obstacles` are all problems that prevent it."""

    proposal = Text()
    digest = Text()
    winners = fields.List(fields.Dict())
    seats = fields.List(fields.Dict())
    changes = fields.List(fields.Nested(Change))
    obstacles = fields.List(fields.Nested(Found))


class Awaited(Told):
    published_proposal = Text(allow_none=True)
    notice_until = Whole()
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
    """An objection as organisers read it."""

    words = Text()
    contact = Text(allow_none=True)
    by = Text(allow_none=True)


class Objections(Told):
    objections = fields.List(fields.Nested(FiledObjection))
    next = Text(allow_none=True)
    open = Whole()


class Certificate(Told):
    """The printed facts of a certificate, and its `status`: `valid` or `revoked`.

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
    """`without` counts winners who have no valid certificate."""

    issued = Whole()
    valid = Whole()
    without = Whole()


class Signing(Done):
    """`came` and `went`: how the winners differ from those of the proposal that this one replaces.

    `standing_signatures` are those of current organisers; only these count.
    """

    proposal = Text(allow_none=True)
    digest = Text()
    rule_hash = Text()
    winners = fields.List(Text())
    signatures = fields.List(Text())
    standing_signatures = fields.List(Text())
    changes = fields.List(fields.Nested(Change))
    came = fields.List(Text())
    went = fields.List(Text())
    published = Flag()
    published_proposal = Text(allow_none=True)
    published_at = Whole()
    notice_until = Whole()
    notice_basis = Text()
    open_objections = Whole()
    final_at = Whole(allow_none=True)
    outdated = fields.List(Text())


class Ranking(Told):
    """`likes` replaces `table` for an instant at which marks were missing."""

    digest = Text(allow_none=True)
    cut = fields.Dict(keys=Text(), values=Whole())
    table = fields.Dict(allow_none=True)
    likes = fields.List(fields.Dict())


class Explanation(Told):
    entry = Text()
    number = Text(allow_none=True)
    digest = Text()
    rule_hash = Text()
    cut = fields.Dict(keys=Text(), values=Whole())
    likes = fields.Dict()
    experts = fields.Dict()
    final = fields.Dict()
    place = fields.Dict()
    ties = fields.Dict()
    seat = fields.Dict(allow_none=True)
    more = fields.Dict()


class Recount(Done):
    """`enters` and `leaves`: who would gain and who would lose a seat compared with the official record."""

    unofficial = Flag()
    official_digest = Text()
    digest = Text()
    cut = fields.Dict(keys=Text(), values=Whole())
    enters = fields.List(fields.Dict())
    leaves = fields.List(fields.Dict())
    dropped = fields.List(Text())

"""The events of moderation, the organiser's office. Other services read them, and the rule set in `campaign.py`."""

from dataclasses import dataclass
from typing import Any

from shared.events import Sealed, event, upcaster

NETWORK_KEY = "n1"  # the one subject that is not a person: the key of network signals

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("campaign-opened")
@dataclass(frozen=True, slots=True)
class CampaignOpened:
    """The campaign opened; this is the first event of its log. `campaign` is the rule set as plain data
    (`campaign.to_data`).
    """

    campaign: dict[str, Any]
    rehearsal: bool
    now: int  # the start of a rehearsal's clock; in a live campaign the wall clock's time
    by: str


@event("page-theme-set")
@dataclass(frozen=True, slots=True)
class PageThemeSet:
    """The pages look like this from now on. `theme` is the table `[theme]` of a campaign file as plain data, with its
    pictures in base64; it is no rule, so it may change while the rules are locked.
    """

    theme: dict[str, Any]
    by: str
    at: int


@event("window-moved")
@dataclass(frozen=True, slots=True)
class WindowMoved:
    """A window of the campaign has a new start and end."""

    window: str  # submission | likes | judging | exhibition
    start: int  # ms since the epoch; the window is [start, end)
    end: int
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class WindowChange:
    """A window as it became, and as it was before, in ms since the epoch."""

    window: str  # likes | judging | exhibition
    start: int
    end: int
    start_before: int
    end_before: int


@event("outage-declared")
@dataclass(frozen=True, slots=True)
class OutageDeclared:
    """Likes could not be given for a time, so like week lasts longer.

    The windows that move, this one and those that would overlap with it, stand after this event in the same commit.
    """

    outage: str  # O1, O2 …
    start: int  # of the outage, ms since the epoch
    end: int
    extension_ms: int  # by so much like week lasts longer
    moved: tuple[WindowChange, ...]
    reason: str
    evidence: str | None  # SHA-256 of the evidence, which the office has
    by: str
    at: int


@event("outage-revoked")
@dataclass(frozen=True, slots=True)
class OutageRevoked:
    """A declared outage was taken back before it took effect. The windows move back in the same commit."""

    outage: str
    words: str
    by: str
    at: int


@event("clock-moved")
@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The clock of a rehearsal was moved: the campaign time is `now` (ms since the epoch) until it is moved again."""

    now: int
    by: str


@event("rules-locked", v=2)
@dataclass(frozen=True, slots=True)
class RulesLocked:
    """A version of the rule set was locked and applies from now on; `rule_hash` is the hash of all of `campaign`, with
    the commitment, which the digest of a result covers; people are shown the hash of the rules alone
    (`campaign.rule_hash`). Every version after the first has a reason, and earlier versions stay visible.
    """

    campaign: dict[str, Any]
    rule_hash: str
    seed_commitment: str  # SHA-256 of the lot's seed, which is revealed with the result; the same in all versions
    by: str
    at: int
    version: int = 1
    reason: str | None = None


@upcaster("rules-locked", v=1)
def _first_version(data: dict[str, Any]) -> dict[str, Any]:
    """Upgrade version 1 of the event, which had no versions of the rules."""
    return {**data, "version": 1, "reason": None}


@event("rules-replaced")
@dataclass(frozen=True, slots=True)
class RulesReplaced:
    """The rules that are not locked yet became another rule set, windows and all.

    `rule_hash` is the one that people are shown (`campaign.rule_hash`).
    """

    campaign: dict[str, Any]
    rule_hash: str
    reason: str
    by: str
    at: int


@event("staff-appointed")
@dataclass(frozen=True, slots=True)
class StaffAppointed:
    """A member of staff has these roles from now on. An empty tuple means that the person is dismissed."""

    staff: str
    name: Sealed  # sealed, like the password, with the key of the person `staff.<staff>`
    roles: tuple[str, ...]
    password: Sealed  # an argon2id hash; empty until the person has set one
    by: str
    at: int


@event("staff-change-proposed")
@dataclass(frozen=True, slots=True)
class StaffChangeProposed:
    """A change of somebody's office waits for a second person, until `until` (campaign time, ms)."""

    change: str
    staff: str
    name: Sealed  # with the key of the person `staff.<staff>`
    roles: tuple[str, ...]
    resets: bool  # whether the person gets a link for a new password
    until: int
    by: str
    at: int


@event("password-link-issued")
@dataclass(frozen=True, slots=True)
class PasswordLinkIssued:
    """A link was issued by which a member of staff sets a password, once and before `until` (campaign time, ms).

    The old password ended with it. The link itself is computed from its name and a secret of the campaign.
    """

    staff: str
    link: str  # its name
    change: str | None  # the change that two people made: then the person also needs the code of the first of them
    until: int
    by: str
    at: int


@event("password-set")
@dataclass(frozen=True, slots=True)
class PasswordSet:
    """A member of staff set a password: by a link, or by the old password, then `link` is None."""

    staff: str
    password: Sealed  # an argon2id hash, with the key of the person `staff.<staff>`
    link: str | None
    at: int


@event("authenticator-added")
@dataclass(frozen=True, slots=True)
class AuthenticatorAdded:
    """A member of staff showed a code of an authenticator app: its codes prove from now on who the person is."""

    staff: str
    authenticator: str  # its name
    secret: Sealed  # what the codes are computed from, with the key of the person `staff.<staff>`
    at: int


@event("authenticator-removed")
@dataclass(frozen=True, slots=True)
class AuthenticatorRemoved:
    """A member of staff removed the authenticator: the password alone counts again."""

    staff: str
    authenticator: str
    at: int


@event("recovery-code-used")
@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed:
    """A member of staff proved who they are by one of the recovery codes, which works no more."""

    staff: str
    authenticator: str
    code: int  # its number, from 0
    at: int


@event("entry-claimed")
@dataclass(frozen=True, slots=True)
class EntryClaimed:
    """A moderator reserved an entry until `until` (ms since the epoch). No other moderator decides on it meanwhile."""

    entry: str
    by: str
    until: int
    at: int


@event("entry-approved")
@dataclass(frozen=True, slots=True)
class EntryApproved:
    """A moderator approved a version of an entry: it may be shown."""

    entry: str
    version: int
    grade: int | None  # 0 to 100, if the shortlist rule uses grades
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A moderator's remark on what is wrong with one item of an entry (`title`, `text`, `files/2` …)."""

    item: str
    words: str


@event("entry-returned")
@dataclass(frozen=True, slots=True)
class EntryReturned:
    """A moderator sent a version of an entry back. The unit may correct it until `until`, even after the submission
    window.
    """

    entry: str
    version: int
    remarks: tuple[Remark, ...]
    until: int
    by: str
    at: int


@event("entry-rejected", v=2)
@dataclass(frozen=True, slots=True)
class EntryRejected:
    """A moderator rejected a version of an entry: it may not be shown. `remarks` say what is wrong with which item."""

    entry: str
    version: int
    reason: str
    by: str
    at: int
    remarks: tuple[Remark, ...] = ()


@upcaster("entry-rejected", v=1)
def _without_remarks(data: dict[str, Any]) -> dict[str, Any]:
    """Read a rejection of the time when a rejection had one reason and no remarks on items."""
    return {**data, "remarks": []}


@event("entry-flagged")
@dataclass(frozen=True, slots=True)
class EntryFlagged:
    """A moderator put a flag on an entry by hand, with words for the other moderators."""

    entry: str
    flag: str  # symbols | attention
    words: str
    by: str
    at: int


@event("entry-unflagged")
@dataclass(frozen=True, slots=True)
class EntryUnflagged:
    """A moderator took a flag off an entry."""

    entry: str
    flag: str
    by: str
    at: int


@event("second-opinion-asked")
@dataclass(frozen=True, slots=True)
class SecondOpinionAsked:
    """A moderator proposed a decision on a version of an entry, and another person is to say whether it stands.

    `kind` is the decision (approved, returned or rejected), with what it would hold.
    """

    entry: str
    version: int
    kind: str
    because: str  # asked | rejection | symbols: what calls for a second person
    grade: int | None
    remarks: tuple[Remark, ...]
    until: int | None
    reason: str
    by: str
    at: int


@event("second-opinion-given")
@dataclass(frozen=True, slots=True)
class SecondOpinionGiven:
    """Another person answered the proposal of a decision. If they agree, the decision follows in the same commit."""

    entry: str
    version: int
    agrees: bool
    words: str
    by: str
    at: int


@event("decision-undone")
@dataclass(frozen=True, slots=True)
class DecisionUndone:
    """The decision on a version of an entry was undone. The version waits again, at the place that it had.

    If an earlier decision was in force before, it follows in the same commit as it was.
    """

    entry: str
    version: int
    bulk: str | None  # the bulk that it was made in
    by: str
    at: int


@event("bulk-decided")
@dataclass(frozen=True, slots=True)
class BulkDecided:
    """The decisions on these entries, before this event in the same commit, were made as one bulk."""

    bulk: str
    kind: str  # approved | returned | rejected
    digest: str  # of the list that was confirmed
    entries: tuple[str, ...]
    by: str
    at: int


@event("entries-handed-over")
@dataclass(frozen=True, slots=True)
class EntriesHandedOver:
    """These entries are the share of the moderator `to` from now on; of nobody, if `to` is None."""

    entries: tuple[str, ...]
    to: str | None
    by: str
    at: int


@event("entry-frozen")
@dataclass(frozen=True, slots=True)
class EntryFrozen:
    """An entry was frozen: it is shown but takes no likes."""

    entry: str
    reason: str
    by: str
    at: int


@event("entry-unfrozen")
@dataclass(frozen=True, slots=True)
class EntryUnfrozen:
    """A frozen entry takes likes again."""

    entry: str
    reason: str
    by: str
    at: int


@event("disqualification-proposed")
@dataclass(frozen=True, slots=True)
class DisqualificationProposed:
    """An organiser proposed to disqualify an entry, which a second organiser confirms or declines."""

    entry: str
    reason: str
    words: str  # what the evidence shows
    evidence: str | None  # SHA-256 of the evidence, which the office has
    by: str
    at: int


@event("disqualification-declined")
@dataclass(frozen=True, slots=True)
class DisqualificationDeclined:
    """A second organiser declined a proposed disqualification: the entry stays."""

    entry: str
    words: str
    by: str
    at: int


@event("entry-disqualified", v=2)
@dataclass(frozen=True, slots=True)
class EntryDisqualified:
    """An entry was removed from the campaign for good. It is not ranked, and no entry is compared with it any more."""

    entry: str
    reason: str
    by: str
    at: int
    words: str = ""  # what the evidence shows
    evidence: str | None = None  # SHA-256 of the evidence, which the office has
    proposed_by: str | None = None  # whoever proposed it, where the rules want two persons


@upcaster("entry-disqualified", v=1)
def _without_evidence(data: dict[str, Any]) -> dict[str, Any]:
    """Read a disqualification of the time when it had a reason alone."""
    return {**data, "words": "", "evidence": None, "proposed_by": None}


@event("type-correction-asked")
@dataclass(frozen=True, slots=True)
class TypeCorrectionAsked:
    """A unit asked for another unit type of its entry. A later request replaces one that is not decided."""

    entry: str
    type: str
    reason: str
    by: str  # the unit
    at: int


@event("type-correction-declined")
@dataclass(frozen=True, slots=True)
class TypeCorrectionDeclined:
    """A moderator declined the type that a unit asked for: the entry keeps its type."""

    entry: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found in an item: a label, its place (`start` to `end` in characters; 0, 0 for the whole item), and
    how sure the check is, in per cent.
    """

    label: str
    start: int
    end: int
    score: int


@dataclass(frozen=True, slots=True)
class ItemCheck:
    """The result of a check for one item of a version: clean, hit or not-checked, and then why not."""

    item: str  # title | profile | text | h5 | files/0 …
    state: str
    why: str | None
    hits: tuple[Hit, ...]


@event("entry-checked")
@dataclass(frozen=True, slots=True)
class EntryChecked:
    """A machine looked at a version of an entry. This is a hint for moderators, and decides nothing."""

    entry: str
    version: int
    source: str  # words | wechat | link | film
    items: tuple[ItemCheck, ...]
    at: int


@event("type-corrected")
@dataclass(frozen=True, slots=True)
class TypeCorrected:
    """An entry has another unit type from now on than the type that its unit submitted it with."""

    entry: str
    type: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Correction:
    """One part of a change set: another type, a disqualification, a mark that is excluded, or likes that are void."""

    kind: str  # type | disqualification | mark | likes
    entry: str
    reason: str
    type: str | None = None  # the new unit type; only of the kind `type`
    judge: str | None = None  # whose mark does not count any more; only of the kind `mark`
    likes: tuple[str, ...] = ()  # the addresses of likes that are void; only of the kind `likes`
    evidence: str | None = None  # SHA-256 of the evidence, which the office has


@event("changes-proposed")
@dataclass(frozen=True, slots=True)
class ChangesProposed:
    """An organiser put corrections together. None of them counts until all are applied together."""

    changes: str  # C1, C2 …
    corrections: tuple[Correction, ...]
    reason: str
    by: str
    at: int


@event("changes-dropped")
@dataclass(frozen=True, slots=True)
class ChangesDropped:
    """A change set was dropped: none of its corrections counts."""

    changes: str
    words: str
    by: str
    at: int


@event("changes-applied")
@dataclass(frozen=True, slots=True)
class ChangesApplied:
    """A change set was applied. Its corrections stand before this event in the same commit."""

    changes: str
    digest: str  # of the preview that was confirmed
    proposed_by: str
    by: str
    at: int


@event("mark-excluded")
@dataclass(frozen=True, slots=True)
class MarkExcluded:
    """A judge's mark of an entry does not count any more, as a part of a change set."""

    changes: str
    judge: str
    entry: str
    reason: str
    by: str
    at: int


@event("likes-excluded")
@dataclass(frozen=True, slots=True)
class LikesExcluded:
    """Two officers voided likes of an entry as a part of a change set: they do not count any more."""

    changes: str
    entry: str
    likes: tuple[str, ...]  # the addresses of their events
    officers: tuple[str, ...]
    reason: str
    evidence: str  # SHA-256 of the evidence
    at: int


@event("unit-name-corrected")
@dataclass(frozen=True, slots=True)
class UnitNameCorrected:
    """An entry has another name and city of its unit from now on than those of its hand-in.

    What was published or certified before keeps the names that it holds.
    """

    entry: str
    unit_name: str
    city: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry on the shortlist, with its poster number and its unit type."""

    entry: str
    number: str  # the number on the poster, such as A012
    type: str


@event("shortlist-confirmed")
@dataclass(frozen=True, slots=True)
class ShortlistConfirmed:
    """The organiser confirmed the shortlist. A later shortlist keeps the poster numbers of earlier lists."""

    entries: tuple[Listed, ...]
    by: str
    at: int


@event("complaint-filed")
@dataclass(frozen=True, slots=True)
class ComplaintFiled:
    """Somebody filed a complaint or a suggestion. Nobody asks or stores who it was; only the sealed (encrypted) texts
    may tell.
    """

    complaint: str  # the complaint's number
    kind: str  # complaint | suggestion
    entry: str | None  # None if it is about the campaign
    words: Sealed  # sealed, like the contact, with the key of `complaint.<complaint>`
    contact: Sealed | None
    at: int


@event("complaint-answered")
@dataclass(frozen=True, slots=True)
class ComplaintAnswered:
    """The office answered a complaint or a suggestion. Whoever has its reference number may read the answer."""

    complaint: str
    words: str
    by: str
    at: int


@event("question-asked")
@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A unit asked the organisers a question. Only the organisers and the unit read its words."""

    question: str  # the question's number
    unit: str
    entry: str | None  # None if it is about the campaign
    words: Sealed  # sealed with the key of `question.<question>`
    at: int


@event("question-claimed")
@dataclass(frozen=True, slots=True)
class QuestionClaimed:
    """An organiser answers this question: until `until` no other organiser does."""

    question: str
    by: str
    until: int
    at: int


@event("question-answered")
@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """An organiser answered a unit's question. Of several answers the last counts."""

    question: str
    words: str
    stock: str | None  # the stock answer that it began with
    by: str
    at: int


@event("stock-answer-set")
@dataclass(frozen=True, slots=True)
class StockAnswerSet:
    """Organisers keep this text for questions that come again; a later one with the same number replaces it."""

    stock: str  # S1, S2 …
    title: str
    words: str
    by: str
    at: int


@event("stock-answer-dropped")
@dataclass(frozen=True, slots=True)
class StockAnswerDropped:
    """A stock answer is not offered any more. Answers that began with it stay as they are."""

    stock: str
    by: str
    at: int


@event("common-question-published")
@dataclass(frozen=True, slots=True)
class CommonQuestionPublished:
    """A question and its answer, in words that name nobody, are of general interest: everybody may read them."""

    question: str  # the number of the question that it came from, or one of its own
    text: str  # the question
    words: str  # the answer
    by: str
    at: int


@event("common-question-removed")
@dataclass(frozen=True, slots=True)
class CommonQuestionRemoved:
    """A question and its answer are not public any more."""

    question: str
    by: str
    at: int


@event("letter-texts-set")
@dataclass(frozen=True, slots=True)
class LetterTextsSet:
    """Letters have these texts from now on: the table `[letters]` of a campaign file as plain data. Texts that it lacks
    are the defaults.
    """

    table: dict[str, Any]
    by: str
    at: int


@event("message-contact-set")
@dataclass(frozen=True, slots=True)
class MessageContactSet:
    """Letters to `contact` go to these addresses from now on; None means that there is none of this kind.

    A contact is `contact.<unit>`, the person who reads a unit's letters, or `staff.<staff>`.
    """

    contact: str
    email: Sealed | None  # sealed, like the phone, with the key of the contact
    phone: Sealed | None
    lang: str  # zh | en: the language of the letters
    by: str
    at: int


@event("wechat-consent-given")
@dataclass(frozen=True, slots=True)
class WeChatConsentGiven:
    """A cadre of a unit agreed in WeChat to get one message about a topic. A later consent to it takes its place.

    A message that was sent, or that WeChat refused, uses the consent up.
    """

    contact: str  # `contact.<unit>`
    topic: str  # review | result | news
    template: str  # id of WeChat's template, to which the person agreed
    openid: Sealed  # of the person at the service account, sealed with the key of the contact
    by: str
    at: int


@event("wechat-consent-withdrawn")
@dataclass(frozen=True, slots=True)
class WeChatConsentWithdrawn:
    """No message about a topic goes to a unit by WeChat, until somebody agrees again."""

    contact: str
    topic: str
    by: str
    at: int


@event("letters-drafted")
@dataclass(frozen=True, slots=True)
class LettersDrafted:
    """An organiser proposed one letter to each of these contacts. None is sent before it is approved."""

    batch: str
    kind: str  # broadcast | reminder
    to: tuple[str, ...]  # contacts
    title: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class ApprovedLetter:
    """A letter as it was approved: its name, what it is about, and the text as it is sent."""

    letter: str
    kind: str
    to: str  # a contact
    entry: str | None
    title: str
    words: str  # `{link}` stands for a secret link, which is filled in when the letter is sent


@event("letters-approved")
@dataclass(frozen=True, slots=True)
class LettersApproved:
    """An organiser read these letters and lets them go out."""

    letters: tuple[ApprovedLetter, ...]
    by: str
    at: int


@event("letters-withdrawn")
@dataclass(frozen=True, slots=True)
class LettersWithdrawn:
    """These letters are not sent any more: proposed ones, and approved ones that had not gone out."""

    letters: tuple[str, ...]
    why: str  # reversed: what they say no longer holds | dropped: an organiser said so
    by: str
    at: int


@event("letters-resumed")
@dataclass(frozen=True, slots=True)
class LettersResumed:
    """Letters that failed, or of which nobody knows whether they went out, are tried again from the first channel."""

    letters: tuple[str, ...]
    by: str
    at: int


@event("delivery-begun")
@dataclass(frozen=True, slots=True)
class DeliveryBegun:
    """The sender is about to pass a letter to a channel. Without a DeliveryEnded, nobody knows what became of it."""

    letter: str
    channel: str  # email | sms | wechat
    attempt: int  # from 1, counted over all channels
    at: int


@event("delivery-ended")
@dataclass(frozen=True, slots=True)
class DeliveryEnded:
    """What a channel answered to an attempt."""

    letter: str
    channel: str
    attempt: int
    state: str  # sent | later: again after `again` | next: another channel is tried | failed: there is none | unsure
    code: str  # the channel's own answer, such as `550`
    again: int | None  # wall time in ms, also in a rehearsal
    at: int


@event("subject-forgotten")
@dataclass(frozen=True, slots=True)
class SubjectForgotten:
    """The vault's key of `subject` is to be destroyed; the clock process, which follows this log, destroys it.

    A subject is `staff.<staff>`, `voter.<voter>`, `complaint.<complaint>`, `objection.<objection>`, `contact.<unit>`,
    or NETWORK_KEY.
    """

    subject: str
    reason: str  # asked | unsubscribed | mistake | term-over: a code, since free text could describe the person
    at: int

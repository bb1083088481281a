"""Views of entries and of the roll (the organiser's list of eligible units). Nothing is decided in this module.

Promises: of an entry, the public sees only the approved version, and nothing if the entry is withdrawn or disqualified.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.moderation.events import EntryRejected, EntryReturned
from services.submission import drafts
from services.submission.comparison import differences
from services.submission.declaration import TEXTS_ZH
from services.submission.domain import HandIn, readiness
from services.submission.drafts import StoredDraft
from services.submission.eligibility import deadline
from services.submission.entry_checks import (
    ALT_MAX_CHARS,
    CAPTION_MAX_CHARS,
    EXTENTS,
    H5_MAX_CHARS,
    PROFILE_MAX_CHARS,
    SUBTITLES_MAX_CHARS,
    TEXT_PARTS,
    TITLE_MAX_CHARS,
    Draft,
)
from services.submission.events import EntrySubmitted, File, RollRow
from services.submission.progress import progress
from services.submission.roll import RollReading
from services.submission.roll_difference import RollDifference, changed_fields, compare, complete, namesakes
from services.submission.state import RETURNED, LatePass, SubmissionState
from services.submission.version_digest import content, version_digest
from shared import text_rule
from shared.decider import Refused
from shared.media.jobs import Standing
from shared.pasted_html import plain_text
from shared.text_rule import length, one_line_form
from shared.web_links import is_public_https

View = dict[str, Any]


def refusal_view(refused: Refused) -> View:
    """Return a refusal as plain data: code, field and detail."""
    return {"code": refused.code, "field": refused.field, "detail": refused.detail}


def entry_view(entry: str, state: SubmissionState, *, version: int | None = None) -> View | None:
    """Return everything of an entry that its own unit and the staff may see, with the content of one version.

    `version` None means the latest. Return None if there is no such entry or version.
    """
    found = state.entries.get(entry)
    if found is None or not 1 <= (version or 1) <= len(found.versions):
        return None
    shown = found.versions[version - 1] if version else found.latest
    decision = state.verdict(entry).decision
    return {
        **_content(shown),
        **_status_fields(entry, state),
        "unit_name": _unit_name(entry, shown, state),
        "version": shown.version,
        "latest": found.latest.version,
        "late_pass": shown.late_pass,
        "receipt": shown.receipt,
        "digest": version_digest(shown, state.consents.get((entry, shown.version))),
        "by": shown.by,
        "first_at": found.versions[0].at,
        "versions": [
            {
                "version": each.version,
                "at": each.at,
                "receipt": each.receipt,
                "late_pass": each.late_pass,
                "by": each.by,
            }
            for each in found.versions
        ],
        "returned": _return_view(decision) if state.status(entry) == RETURNED else None,
        "reason": _reason(entry, state),
    }


def summary_view(entry: str, state: SubmissionState) -> View:
    """Return one row of the staff's list of entries: status, title and themes of the latest version."""
    latest = state.entries[entry].latest
    return {
        **_status_fields(entry, state),
        "latest": latest.version,
        "title": latest.title,
        "themes": list(latest.themes),
        "at": latest.at,
    }


def public_view(entry: str, state: SubmissionState) -> View | None:
    """Return what the public may see of an entry: its approved version. Return None if it is not approved, or was
    withdrawn or disqualified.
    """
    shown = state.public_version(entry)
    if shown is None:
        return None
    h5 = shown.h5 if is_public_https(shown.h5 or "") else None  # an entry from before the rule may hold any link
    return {**_content(shown), "h5": h5, **_public(entry, shown, state), "version": shown.version}


def public_versions(state: SubmissionState) -> Iterator[tuple[str, EntrySubmitted]]:
    """Yield the entries that the public may see, each with the version that is shown."""
    for entry in state.entries:
        shown = state.public_version(entry)
        if shown is not None:
            yield entry, shown


def consent_view(entry: str, state: SubmissionState) -> View | None:
    """Return the declaration that the unit accepted when it submitted the public version: its hash and its full text.

    Return None if the entry has no public version.
    """
    shown = state.public_version(entry)
    given = None if shown is None else state.consents.get((entry, shown.version))
    if given is None:
        return None
    return {
        "entry": entry,
        "version": given.version,
        "words": given.words,
        "zh": TEXTS_ZH.get(given.words, ""),
        "at": given.at,
        "ai": _ai(shown) if shown is not None else [],
    }


def draft_view(
    draft: StoredDraft, base: EntrySubmitted | None, state: SubmissionState, *, files: Mapping[str, File], at: int
) -> View:
    """Return a draft of an entry: each field that is not empty with its revision, and which differ from what was handed
    in last. `version` is the latest version that was handed in, 0 if there is none; `status` is then `draft`.

    `files` are the unit's uploads that the draft names, by hash; those of `base` are known too. `closes` says until
    when the entry may be handed in, as of `at` (campaign time, ms), and by what.
    """
    before = drafts.base_of(base)
    known = {each.sha256: each for each in (base.files if base is not None else ())} | dict(files)
    names = sorted({*before, *draft.fields})
    is_known = draft.entry in state.entries
    closes = deadline(state, draft.unit, entry=draft.entry if is_known else None, at=at)
    return {
        "entry": draft.entry,
        "version": state.entries[draft.entry].latest.version if is_known else 0,
        "status": state.status(draft.entry) if is_known else "draft",
        "revision": draft.revision,
        "at": draft.at,
        "fields": {name: drafts.field_view(drafts.present(draft, before, name)) for name in names},
        "unsent": drafts.unsent(draft, before),
        "files": {sha256: file_facts(file) for sha256, file in known.items()},
        "closes": None if closes is None else {"at": closes[0], "by": closes[1]},
    }


def draft_base(entry: str, state: SubmissionState) -> EntrySubmitted | None:
    """Return the version that a draft of an entry begins with: the latest one; for an entry that was not handed in yet,
    the latest of the unit's entry before, which it withdrew, so that nothing is typed twice. None if there is neither.
    """
    if entry in state.entries:
        return state.entries[entry].latest
    own = state.of_unit.get(entry.rpartition("-")[0], ())
    return state.entries[own[-1]].latest if own else None


def unit_view(row: RollRow, state: SubmissionState) -> View:
    """Return a unit of the roll, and whether its level is eligible, without the hash of its access code."""
    eligible = state.campaign is not None and row.level in state.campaign.eligible_levels
    view = asdict(row) | {"eligible": eligible}
    del view["access"]
    return view


def difference_counts(difference: RollDifference) -> dict[str, int]:
    """Return how many units of a roll's difference are added, changed, the same and gone."""
    return {
        "added": len(difference.added),
        "changed": len(difference.changed),
        "same": len(difference.same),
        "gone": len(difference.gone),
    }


def roll_counts(state: SubmissionState) -> dict[str, int]:
    """Return how many units are on the roll, may enter, have somebody who can sign in, and have an open invitation."""
    eligible = state.campaign.eligible_levels if state.campaign is not None else ()
    return {
        "units": len(state.units),
        "eligible": sum(each.level in eligible for each in state.units.values()),
        "reachable": sum(bool(each.access or state.cadres_of(each.code)) for each in state.units.values()),
        "invited": len(state.invitations),
    }


def units_without_cadre(state: SubmissionState, at: int) -> list[str]:
    """Return the units that may enter and have no cadre, no access code and no open invitation, sorted."""
    eligible = state.campaign.eligible_levels if state.campaign is not None else ()
    invited = {unit for unit, each in state.invitations.items() if at < each.until}
    return sorted(
        row.code
        for row in state.units.values()
        if row.level in eligible and not row.access and not state.cadres_of(row.code) and row.code not in invited
    )


def reading_counts(read: RollReading, state: SubmissionState) -> dict[str, int]:
    """Return how many rows of a file with flaws would be added, changed or the same, and how many have a flaw.

    The four add up to `rows`.
    """
    rows, _ = complete(read.sound, state.units, keep=())
    counts = difference_counts(compare(state.units, rows))
    del counts["gone"]
    return {"rows": len(read.rows), **counts, "refused": len(read.refused)}


def difference_view(
    rows: Sequence[RollRow],
    kept: Sequence[RollRow],
    state: SubmissionState,
    *,
    matched: Sequence[tuple[int, str, str]] = (),
) -> View:
    """Return how a roll with these rows differs from the roll in force, and the text that confirms the difference.

    `kept` are the rows of units that the file lacks and that stay as they are. Access codes are never shown: a change
    of one has neither a value before nor after. `namesakes` are units whose names read the same, and `matched` are rows
    whose code was written in another way than in force.
    """
    difference = compare(state.units, rows)
    counted = difference_counts(difference)
    return {
        "confirm": difference.digest,
        "rows": len(rows),
        "counts": {**counted, "same": counted["same"] - len(kept), "kept": len(kept)},
        "added": [unit_view(each, state) for each in difference.added],
        "changed": [_change_view(before, after, state) for before, after in difference.changed],
        "gone": [unit_view(each, state) for each in difference.gone],
        "kept": [
            {"unit": each.code, "name": each.name, "entries": list(state.of_unit.get(each.code, ()))} for each in kept
        ],
        "namesakes": [list(each) for each in namesakes(rows)],
        "matched": [{"row": row, "written": written, "unit": unit} for row, written, unit in matched],
    }


def _change_view(before: RollRow, after: RollRow, state: SubmissionState) -> View:
    """Return the fields that change for a unit, and its entries, which keep the name and city that they have."""
    changes = [
        {
            "field": each,
            "before": None if each == "access" else getattr(before, each),
            "after": None if each == "access" else getattr(after, each),
        }
        for each in changed_fields(before, after)
    ]
    entries = list(state.of_unit.get(after.code, ()))
    return {"unit": after.code, "name": after.name, "changes": changes, "entries": entries}


def pass_view(held: LatePass) -> View:
    """Return a late pass as plain data, with the entry that used it."""
    granted = held.granted
    return {
        "late_pass": granted.late_pass,
        "unit": granted.unit,
        "until": granted.until,
        "reason": granted.reason,
        "by": granted.by,
        "used_by": held.used_by,
    }


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an entry, and why a caller may see it.

    `own` says that the caller may see it whether or not it is public. `shown_in` are the entries whose approved version
    contains it; ranking decides whether these entries are public at the moment.
    """

    file: File
    own: bool
    shown_in: tuple[str, ...]


def file_view(sha256: str, state: SubmissionState, *, all_of: bool, unit: str | None) -> StoredFile | None:
    """Return the file with this hash if the caller may see it, or None.

    With `all_of` (staff) the caller may see every file, with `unit` the files of that unit's entries, and otherwise
    only files of public versions.
    """
    file: File | None = None
    own, shown_in = False, []
    for entry in state.holding.get(sha256, ()):
        versions = state.entries[entry].versions
        shown = _file(sha256, [each for each in [state.public_version(entry)] if each is not None])
        if shown is not None:
            shown_in.append(entry)
        is_own = all_of or versions[0].unit == unit
        own = own or is_own
        file = shown or (_file(sha256, versions) if is_own else None) or file
    return None if file is None else StoredFile(file, own, tuple(shown_in))


def preparation_view(standings: Sequence[Standing]) -> View:
    """Return how far the jobs of a file are together: it is done when all are, and failed when one is.

    A file without jobs waits: the media worker has not found it yet.
    """
    states = {each.state for each in standings}
    state = next((each for each in ("failed", "running", "waiting") if each in states), "done" if states else "waiting")
    failed = [{"code": each.code, "field": "", "detail": {}} for each in standings if each.state == "failed"]
    jobs = [{"recipe": each.recipe, "state": each.state, "progress": each.progress} for each in standings]
    progress = sum(each.progress for each in standings) // max(1, len(standings))
    return {"state": state, "progress": progress, "jobs": jobs, "problems": failed}


def page(keys: Iterable[str], *, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """Return at most `limit` keys after `after`, in order, and the key to continue after, if there are more."""
    left = sorted(each for each in keys if after is None or each > after)
    return left[:limit], left[limit - 1] if len(left) > limit else None


def missing(unit: str, draft: Draft, state: SubmissionState, *, entry: str | None, at: int) -> list[Refused]:
    """Return everything that would prevent the unit from submitting this draft at `at` (campaign time, ms)."""
    return readiness(HandIn(unit, entry, draft, at), state)[1]


def counts(draft: Draft, state: SubmissionState) -> View:
    """Return the counts of characters and pictures in a draft, and their limits, for the counters of the form."""
    limits = state.campaign.entry if state.campaign is not None else None
    return {
        "title": length(one_line_form(draft.title)),
        "title_max": TITLE_MAX_CHARS,
        "profile": length(draft.profile),
        "profile_max": PROFILE_MAX_CHARS,
        "text": length(draft.text),
        "text_max": limits.text_max_chars if limits else None,
        "pictures": sum(each.kind == "picture" for each in draft.files),
        "pictures_min": limits.pictures_min if limits else None,
        "pictures_max": limits.pictures_max if limits else None,
    }


def rule_view(state: SubmissionState) -> View:
    """Return what an entry may hold, and how its texts are counted: all that a form needs, so that it states no limit
    of its own.
    """
    campaign = state.campaign
    assert campaign is not None  # the caller has checked
    limits, window = campaign.entry, campaign.window("submission")
    return {
        "limits": {
            "title_max": TITLE_MAX_CHARS,
            "profile_max": PROFILE_MAX_CHARS,
            "text_max": limits.text_max_chars,
            "caption_max": CAPTION_MAX_CHARS,
            "alt_max": ALT_MAX_CHARS,
            "subtitles_max": SUBTITLES_MAX_CHARS,
            "h5_max": H5_MAX_CHARS,
            "pictures_min": limits.pictures_min,
            "pictures_max": limits.pictures_max,
            "picture_max_bytes": limits.picture_max_bytes,
            "video_max_s": limits.video_max_s,
            "video_max_bytes": limits.video_max_bytes,
            "audio_max_bytes": limits.audio_max_bytes,
        },
        "containers": {
            "picture": list(limits.picture_containers),
            "video": list(limits.video_containers),
            "audio": list(limits.audio_containers),
        },
        "themes": [{"code": each.code, "zh": each.zh, "en": each.en} for each in campaign.themes],
        "ai_parts": list(TEXT_PARTS),
        "ai_extents": list(EXTENTS),
        "window": {"start": window.start, "end": window.end},
        "text": text_rule.published(),
    }


def paste_view(html: str) -> View:
    """Return pasted HTML as plain text, and its count: in all, and how many characters are blanks and line ends.

    `zh` and `en` say how the count comes about, since Word counts otherwise.
    """
    text = plain_text(html)
    counted, ends = length(text), text.count("\n")
    blanks = sum(each.isspace() for each in text) - ends
    shown = counted - ends - blanks
    return {
        "text": text,
        "counted": counted,
        "shown": shown,
        "blanks": blanks,
        "line_ends": ends,
        "zh": f"共 {counted:,} 字：文字和标点 {shown:,}，空格 {blanks:,}，换行 {ends:,}。"
        "格式已去掉；Word 的字数统计方法不同，结果可能不一样。",
        "en": f"{counted:,} characters: {shown:,} letters and signs, {blanks:,} blanks, {ends:,} line ends. Formatting "
        "was removed. Word counts in another way, so its figure may differ.",
    }


def receipt_view(receipt: str, state: SubmissionState) -> View | None:
    """Return the receipt of a hand-in with the version as it was handed in, or None if there is no such receipt.

    `digest` is the digest of `content` (`version_digest.py`).
    """
    named = state.receipts.get(receipt)
    return None if named is None else version_view(*named, state)


def version_view(entry: str, number: int, state: SubmissionState) -> View | None:
    """Return one version of an entry as it was handed in, with its receipt and digest, or None."""
    found = state.entries.get(entry)
    if found is None or not 1 <= number <= len(found.versions):
        return None
    version, consent = found.versions[number - 1], state.consents.get((entry, number))
    return {
        "entry": entry,
        "version": number,
        "receipt": version.receipt,
        "at": version.at,
        "digest": version_digest(version, consent),
        "content": content(version, consent),
    }


def comparison_view(entry: str, before: int, after: int, state: SubmissionState) -> View | None:
    """Return two versions of an entry with their difference, or None if there is no such entry or version."""
    views = [version_view(entry, each, state) for each in (before, after)]
    if None in views:
        return None
    versions = state.entries[entry].versions
    found = differences(versions[before - 1], versions[after - 1])
    return {"entry": entry, "before": views[0], "after": views[1], "differences": found}


def managed_view(unit: str, state: SubmissionState, *, at: int) -> View:
    """Return a unit that somebody types for: who, why, and where its entry stands."""
    appointed, own = state.managers[unit], state.of_unit.get(unit, ())
    entry = own[-1] if own else f"{unit}-1"
    row = state.units.get(unit)
    return {
        "unit": unit,
        "name": row.name if row is not None else unit,
        "manager": appointed.manager,
        "reason": appointed.reason,
        "at": appointed.at,
        "progress": progress(entry, state, at=at),
    }


def file_facts(file: File) -> View:
    """Return the facts of a file as plain data. How it looks is for those who compare entries, not for pages."""
    facts = asdict(file)
    del facts["look"]
    return facts | {"ai_labels": list(file.ai_labels)}


def _content(shown: EntrySubmitted) -> View:
    return {
        "title": shown.title,
        "profile": shown.profile,
        "text": shown.text,
        "themes": list(shown.themes),
        "h5": shown.h5,
        "files": [file_facts(each) for each in shown.files],
        "ai": _ai(shown),
        "at": shown.at,
    }


def _ai(shown: EntrySubmitted) -> list[View]:
    """Return the parts of a version that its unit declared as made or altered by AI; none if it was never asked."""
    return [{"part": each.part, "extent": each.extent} for each in shown.ai or ()]


def _status_fields(entry: str, state: SubmissionState) -> View:
    latest, verdict = state.entries[entry].latest, state.verdict(entry)
    return {
        "entry": entry,
        "unit": latest.unit,
        "type": verdict.type or latest.type,
        "status": state.status(entry),
        "approved_version": verdict.approved_version,
        "frozen": verdict.frozen,
        "number": verdict.number,
    }


def _unit_name(entry: str, shown: EntrySubmitted, state: SubmissionState) -> str:
    """Return the name of an entry's unit: as an organiser corrected it, or as of the hand-in of this version."""
    named = state.verdict(entry).named
    return named.unit_name if named is not None else shown.unit_name or shown.unit


def _public(entry: str, shown: EntrySubmitted, state: SubmissionState) -> View:
    verdict = state.verdict(entry)
    return {
        "entry": entry,
        "unit": shown.unit,
        "unit_name": _unit_name(entry, shown, state),
        "type": verdict.type or shown.type,
        "number": verdict.number,
        "frozen": verdict.frozen,
    }


def _return_view(decision: object) -> View | None:
    if not isinstance(decision, EntryReturned):
        return None
    return {"remarks": [asdict(each) for each in decision.remarks], "until": decision.until}


def _reason(entry: str, state: SubmissionState) -> str | None:
    """Return why the entry is disqualified, withdrawn or rejected, or None."""
    verdict, found = state.verdict(entry), state.entries[entry]
    if verdict.disqualified is not None:
        return verdict.disqualified.reason
    if found.withdrawn is not None:
        return found.withdrawn.reason
    return verdict.decision.reason if isinstance(verdict.decision, EntryRejected) else None


def _file(sha256: str, versions: Sequence[EntrySubmitted]) -> File | None:
    return next((file for each in versions for file in each.files if file.sha256 == sha256), None)

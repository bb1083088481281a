"""Store drafts of entries: one document a unit and entry, beside the log.

Promises: two writers never overwrite each other, since a draft is replaced only if it still has the revision that was
read (`save`); a change is tried again on what the other has written, and `drafts.changed` decides it anew.
Does not promise to hold a draft for ever: `drop_old` says until when.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.submission import drafts
from services.submission.drafts import Change, DraftField, StoredDraft
from shared.decider import Refused
from shared.errors import Unreachable

TRIES = 50  # of a change, each after another writer has changed the same draft


class Drafts:
    """Store of drafts in the campaign's database. Each method raises Unreachable if the database does not answer."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._drafts = database.get_collection(
            "drafts", write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
        )

    def find(self, unit: str, entry: str) -> StoredDraft:
        """Return the draft of an entry; an empty one if none is stored."""
        found = self._read({"_id": _key(unit, entry)})
        return _draft(found[0]) if found else StoredDraft(unit, entry)

    def of_unit(self, unit: str) -> list[StoredDraft]:
        """Return the stored drafts of a unit, by entry."""
        # By a range of the key, which has an index; "0" is the character after "/".
        found = self._read({"_id": {"$gt": f"{unit}/", "$lt": f"{unit}0"}})
        return sorted((_draft(each) for each in found if each["unit"] == unit), key=lambda each: each.entry)

    def every(self) -> list[StoredDraft]:
        """Return all drafts of all units."""
        return [_draft(each) for each in self._read({})]

    def change(self, unit: str, entry: str, base: Mapping[str, Any], change: Change) -> StoredDraft | Refused:
        """Store a change of a draft, and return the draft as it then is, or the refusal, which stores nothing."""
        return self._replace(unit, entry, lambda draft: drafts.changed(draft, base, change))

    def clear(self, unit: str, entry: str, *, revision: int) -> StoredDraft:
        """Note that the draft was handed in as of a revision: what changed later stays in it. Return it."""
        after = self._replace(unit, entry, lambda draft: drafts.handed_in(draft, revision))
        assert isinstance(after, StoredDraft)  # `handed_in` refuses nothing
        return after

    def save(self, draft: StoredDraft, *, seen: int) -> bool:
        """Store a draft if it still has the revision `seen` (0: none is stored), and return whether it was stored."""
        document = _document(draft)
        try:
            if seen == 0:
                self._drafts.insert_one(document)
                return True
            return self._drafts.replace_one({"_id": document["_id"], "revision": seen}, document).matched_count == 1
        except DuplicateKeyError:
            return False
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem

    def drop_old(self, *, before: int) -> int:
        """Delete the drafts that were last changed before this campaign time (ms), and return their number."""
        dropped = 0
        for each in self._read({"at": {"$lt": before}}):
            try:
                wanted = {"_id": each["_id"], "revision": each["revision"]}
                dropped += self._drafts.delete_one(wanted).deleted_count
            except PyMongoError as problem:
                raise Unreachable(str(problem)) from problem
        return dropped

    def _replace(
        self, unit: str, entry: str, decide: Callable[[StoredDraft], StoredDraft | Refused]
    ) -> StoredDraft | Refused:
        for _ in range(TRIES):
            before = self.find(unit, entry)
            after = decide(before)
            if isinstance(after, Refused) or after == before or self.save(after, seen=before.revision):
                return after
        raise Unreachable(f"the draft of {entry} changed {TRIES} times meanwhile")

    def _read(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            return list(self._drafts.find(wanted))
        except PyMongoError as problem:
            raise Unreachable(str(problem)) from problem


def _key(unit: str, entry: str) -> str:
    return f"{unit}/{entry}"


def _document(draft: StoredDraft) -> dict[str, Any]:
    fields = [
        {
            "name": name,
            "value": each.value,
            "revision": each.revision,
            "at": each.at,
            "by": each.by,
            "device": each.device,
            "sequence": each.sequence,
        }
        for name, each in draft.fields.items()
    ]
    return {
        "_id": _key(draft.unit, draft.entry),
        "unit": draft.unit,
        "entry": draft.entry,
        "revision": draft.revision,
        "cleared": draft.cleared,
        "at": draft.at,
        "fields": fields,
    }


def _draft(document: Mapping[str, Any]) -> StoredDraft:
    fields = {
        each["name"]: DraftField(**{key: each[key] for key in each if key != "name"}) for each in document["fields"]
    }
    return StoredDraft(
        document["unit"], document["entry"], document["revision"], document["cleared"], document["at"], fields
    )

"""Submission and moderation over one ledger in memory, called as the gateway calls them: calls in, replies out."""

import itertools
import operator
import threading
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from pymongo.errors import DuplicateKeyError
from pymongo.results import DeleteResult, UpdateResult

from services.moderation.domain import ModerationDecider
from services.moderation.service import ModerationService
from services.submission.domain import SubmissionDecider
from services.submission.service import SubmissionService
from shared.decider import CommandEnvelope, Outcome
from shared.group import GroupCommit
from shared.keys import Keys
from shared.settings import Settings
from shared.stamps import stamp, wall_ms
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.memory_vault import memory_vault
from shared.testing.trusted_callers import TrustedCallers
from shared.vault import Vault
from shared.writer import LogWriter
from tests.declared_answers import check_reply

#: The first two organisers of a campaign, and the password that they set.
ORGANISERS = [{"staff": "olga", "name": "奥尔加"}, {"staff": "otto", "name": "奥托"}]
PASSWORD = "correct horse"
KEYS = Keys(*(bytes([k]) * 32 for k in range(6)))
LOGS = ("submission", "moderation")


class MemoryCollection:
    """The methods of a MongoDB collection that sessions and drafts use, over a dictionary: each is atomic."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self._lock = threading.RLock()

    def insert_one(self, document: dict[str, Any]) -> None:
        with self._lock:
            if document["_id"] in self.kept:
                raise DuplicateKeyError("E11000")
            self.kept[document["_id"]] = deepcopy(document)

    def replace_one(self, wanted: Mapping[str, Any], document: dict[str, Any], *, upsert: bool = False) -> UpdateResult:
        with self._lock:
            found = self.find_one(wanted)
            if found is not None or upsert:
                self.kept[document["_id"]] = deepcopy(document)
            return UpdateResult({"n": int(found is not None)}, acknowledged=True)

    def find(self, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        found = list(self.kept.values())
        return (deepcopy(each) for each in found if all(_fits(each[name], wanted[name]) for name in wanted))

    def find_one(self, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
        return next(self.find(wanted), None)

    def update_one(self, wanted: Mapping[str, Any], change: Mapping[str, dict[str, Any]]) -> None:
        for each in self.find(wanted):
            self.kept[each["_id"]] |= change["$set"]

    def delete_many(self, wanted: Mapping[str, Any]) -> DeleteResult:
        with self._lock:
            found = list(self.find(wanted))
            for each in found:
                del self.kept[each["_id"]]
            return DeleteResult({"n": len(found)}, acknowledged=True)

    delete_one = delete_many


def _fits(value: Any, wanted: Any) -> bool:
    """Return whether a value fits a part of a query."""
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    tests = {"$lt": operator.lt, "$lte": operator.le, "$gt": operator.gt, "$ne": operator.ne}
    return all(tests[name](value, bound) for name, bound in wanted.items())


class Documents:
    """The methods of a MongoDB collection that uploads use; `get_collection` returns the object itself, so it serves as
    its own database.
    """

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.sessions, self.drafts = MemoryCollection(), MemoryCollection()

    def get_collection(self, name: str, **concerns: Any) -> "Documents | MemoryCollection":
        if name == "sessions":
            return self.sessions
        assert {"write_concern", "read_concern"} == set(concerns)
        if name == "drafts":
            return self.drafts
        assert name == "uploads"
        return self

    def replace_one(self, wanted: Mapping[str, str], document: dict[str, Any], *, upsert: bool) -> None:
        assert upsert
        self.kept[wanted["_id"]] = document

    def find(self, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        return (each for each in list(self.kept.values()) if _matches(each, wanted))

    def update_many(self, wanted: Mapping[str, Any], change: Mapping[str, dict[str, Any]]) -> None:
        for each in self.find(wanted):
            each.update(change["$set"])

    def delete_one(self, wanted: Mapping[str, Any]) -> DeleteResult:
        found = next(self.find(wanted), None)
        if found is not None:
            del self.kept[found["_id"]]
        return DeleteResult({"n": int(found is not None)}, acknowledged=True)


def _matches(document: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "$in": lambda value, among: value in list(among),
        "$lt": lambda value, other: value is not None and value < other,
        "$gt": lambda value, other: value is not None and value > other,
        "$exists": lambda value, there: (value is not None) == there,
    }
    return all(
        tests[test](document.get(name), argument)
        for name, condition in wanted.items()
        for test, argument in (condition if isinstance(condition, dict) else {"$in": [condition]}).items()
    )


class MemoryLog:
    """The interface of `shared.hosting.EventLog` that services use, without engines."""

    def __init__(self, writer: LogWriter[Any], ledger: MemoryLedger, data: Path, vault: Vault, public_url: str) -> None:
        self.callers = TrustedCallers()
        self.keys, self.ledger, self.database, self.vault = KEYS, ledger, Documents(), vault
        settings = {"BAIJIA_CAMPAIGN": "town", "BAIJIA_DATA": str(data), "BAIJIA_PUBLIC_URL": public_url}
        self.settings = Settings.read(settings)
        self.group = GroupCommit(writer, ledger)

    @property
    def state(self) -> Any:
        return self.group.state

    def submit(self, order: CommandEnvelope, *, timeout_s: float) -> Outcome:
        return self.group.submit(order, timeout_s=timeout_s)

    def wait(self, at_least: Mapping[str, int], *, timeout_s: float) -> None:
        assert timeout_s > 0
        for log, n in at_least.items():
            self.group.catch_up([log], at_least=n)


class Town:
    """Both services. Each call reads everything that was written before it, as calls of the gateway do."""

    def __init__(self, data: Path, *, public_url: str = "https://like.example.cn") -> None:
        self.data, self.ledger, self._ids = data, MemoryLedger(), itertools.count()
        self.vault = memory_vault()
        self._services: dict[str, Any] = {"submission": SubmissionService(), "moderation": ModerationService()}
        for name, decider in (("submission", SubmissionDecider()), ("moderation", ModerationDecider())):
            writer: LogWriter[Any] = LogWriter(name, decider, stamp=stamp)
            self._services[name].log = MemoryLog(writer, self.ledger, data, self.vault, public_url)

    def call(self, method: str, actor: str = "", role: str = "", /, *, at: int = 0, **body: Any) -> dict[str, Any]:
        """Call the service that has the method, or the one that a method such as `moderation.use_session` names."""
        named, _, method = method.rpartition(".")
        name = named or next(each for each in LOGS if hasattr(type(self._services[each]), method))
        command = body.pop("id", f"c{next(self._ids)}.d")
        call = {
            "id": command,
            "actor": actor,
            "roles": [role] if role else [],
            "at": at,
            "deadline": wall_ms() + 10_000,
            "at_least": {log: self.ledger.head(log) for log in (*LOGS, "ranking")},
            "body": body,
        }
        answer: dict[str, Any] = getattr(self._services[name], method)(call)
        check_reply(name, method, answer)
        return answer

    def forward(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        """Hand a call of a gateway to a service, which reads everything that was written before."""
        written = {log: self.ledger.head(log) for log in (*LOGS, "ranking")}
        answer: dict[str, Any] = getattr(self._services[service], method)({**call, "at_least": written, "seen": {}})
        return answer

    def open(self, file: str, **more: Any) -> dict[str, Any]:
        """Open a rehearsal with two organisers, each of whom sets a password by the link; return the answer."""
        opened = self.ok("open_campaign", "root", "operator", file=file, rehearsal=True, organisers=ORGANISERS, **more)
        for staff, link in opened["links"].items():
            self.ok("set_password", staff=staff, link=link, password=PASSWORD)
        return opened

    def appoint(self, staff: str, name: str, *roles: str, password: str = "battery staple") -> None:
        """Appoint somebody who is no organiser, and let the person set this password by the link."""
        appointed = self.ok("appoint_staff", "olga", "organiser", staff=staff, name=name, roles=list(roles))
        self.ok("set_password", staff=staff, link=appointed["link"], password=password)

    def ok(self, method: str, actor: str = "", role: str = "", /, *, at: int = 0, **body: Any) -> dict[str, Any]:
        answer = self.call(method, actor, role, at=at, **body)
        assert "ok" in answer, answer
        told: dict[str, Any] = answer["ok"]
        return told

    def import_roll(self, csv: str, *, actor: str = "olga", **body: Any) -> dict[str, Any]:
        """Compare a roll with the roll in force, and import it as the answer says."""
        chosen = {"gone": body["gone"]} if "gone" in body else {}
        seen = self.ok("compare_roll", actor, "organiser", csv=csv, **chosen)
        return self.ok("import_roll", actor, "organiser", csv=csv, confirm=seen["confirm"], **body)

    def no(self, method: str, actor: str = "", role: str = "", /, *, at: int = 0, **body: Any) -> str:
        """Return the code of a refusal, or `invalid` and the fields."""
        answer = self.call(method, actor, role, at=at, **body)
        if "invalid" in answer:
            return f"invalid {','.join(sorted(answer['invalid']))}"
        return str(answer["refused"]["code"])

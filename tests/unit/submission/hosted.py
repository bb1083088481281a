"""Submission and moderation over one ledger in memory, called as the gateway calls them: calls in, replies out."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
from tests.memory_documents import MemoryDatabase

#: The first two organisers of a campaign, and the password that they set.
ORGANISERS = [{"staff": "olga", "name": "奥尔加"}, {"staff": "otto", "name": "奥托"}]
PASSWORD = "correct horse"
KEYS = Keys(*(bytes([k]) * 32 for k in range(6)))
LOGS = ("submission", "moderation")


class MemoryLog:
    """The interface of `shared.hosting.EventLog` that services use, without engines."""

    def __init__(self, writer: LogWriter[Any], ledger: MemoryLedger, data: Path, vault: Vault, public_url: str) -> None:
        self.callers = TrustedCallers()
        self.keys, self.ledger, self.database, self.vault = KEYS, ledger, MemoryDatabase(), vault
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
            "deadline": wall_ms() + 120_000,
            "at_least": {log: self.ledger.head(log) for log in (*LOGS, "ranking")},
            "body": body,
        }
        answer: dict[str, Any] = getattr(self._services[name], method)(call)
        check_reply(name, method, answer)
        return answer

    def state_of(self, service: str) -> Any:
        """Return the state of a service that includes everything that was written before."""
        log = self._services[service].log
        log.wait({name: self.ledger.head(name) for name in LOGS}, timeout_s=120)
        return log.state

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

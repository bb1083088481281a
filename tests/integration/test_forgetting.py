"""A person is forgotten on the real engines: afterwards neither their clear text nor their keys can be found
anywhere.

The person is a judge, whose name and telephone stand in the name and whose address stands in the reason of a
recusal; the network address stands in the signals of a like. The process that destroys keys is the product's own
clock.
"""

import base64
import json
import os
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import bson
import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from click.testing import CliRunner
from kombu.message import Message
from kombu.messaging import Consumer

from deploy import engines
from deploy.cli import main
from deploy.commands.logs import verify_log
from deploy.local import paths
from services.moderation.decisions.forget_subject import NETWORK_KEPT_MS
from services.ranking.events import ResultPublished
from services.scoring.events import ConflictDeclared, JudgeAppointed
from services.voting.events import LikeCast
from shared import streams
from shared.errors import Corrupt, Forgotten
from shared.events import Sealed
from shared.mongo_vault import vault_of
from shared.network import network_sealer
from shared.personal import DELETED, PersonalFields
from shared.sealing import Sealer, key_id_of
from shared.vault import Vault
from shared.wrapping import NETWORK, KeyFile, Wrapping
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, Process, process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.ranking.stories import submitted

pytestmark = pytest.mark.slow

JUDGE = "judge-1"
SUBJECT = f"staff.{JUDGE}"
LOGS = ("moderation", "submission", "scoring", "ranking", "vote.0")


@dataclass(frozen=True, slots=True)
class Person:
    """Texts that must not be found afterwards; random, so that they occur nowhere else."""

    name: str
    telephone: str
    address: str
    network: str

    @staticmethod
    def invented() -> "Person":
        mark = secrets.token_hex(5)
        return Person(f"欧阳{mark}", f"139{secrets.randbelow(10**12):012}", f"裕华路{mark}号", f"2001:db8:{mark}::7")

    def needles(self) -> dict[str, bytes]:
        """Return the texts in UTF-8, also as JSON would escape them."""
        words = {"name": self.name, "telephone": self.telephone, "address": self.address, "network": self.network}
        spelled = {f"{each} in JSON": json.dumps(text)[1:-1] for each, text in words.items()}
        return {each: text.encode() for each, text in {**words, **spelled}.items()}


def keys_as_needles(**keys: bytes) -> dict[str, bytes]:
    """Return each key as it is, in hex, and in both alphabets of base64.

    The last base64 character is cut off, as it depends on what follows.
    """
    found: dict[str, bytes] = {}
    for name, key in keys.items():
        found |= {name: key, f"{name} in hex": key.hex().encode()}
        found[f"{name} in base64"] = base64.b64encode(key).rstrip(b"=")[:-1]
        found[f"{name} in base64url"] = base64.urlsafe_b64encode(key).rstrip(b"=")[:-1]
    return found


def stored(place: Place) -> Iterator[tuple[str, bytes]]:
    """Yield everything that is stored of the campaign: each collection, each stream, and each file, among them the
    processes' log files.
    """
    for name in place.database.list_collection_names():
        documents = place.database.get_collection(name).with_options(
            codec_options=CodecOptions(document_class=RawBSONDocument)
        )
        yield f"collection {name}", b"".join(each.raw for each in documents.find())
    for log in LOGS:
        yield f"stream {log}", b"".join(bytes(each.body) for each in stream_messages(place, log))
    for path in sorted(place.settings.data.rglob("*")):
        if path.is_file():
            yield f"file {path.name}", path.read_bytes()


def stream_messages(place: Place, log: str) -> list[Message]:
    """Return all messages of a stream."""
    arrived: list[Message] = []
    head = place.ledger.head(log)

    def at_the_end() -> bool:
        streams.drain(connection, 0.2)
        return head in [bson.decode(each.body)["n"] for each in arrived]

    with place.broker() as connection:
        queue = streams.stream_queue(place.stream(log), offset="first")
        with Consumer(connection.channel(), [queue], on_message=arrived.append, accept=None, prefetch_count=1_000):
            wait(at_the_end, what=f"the stream of {log} is read to {head}")
    return arrived


def metrics(services: Iterable[Process]) -> bytes:
    """Return the metrics of the services."""
    told = b""
    for each in services:
        with urlopen(f"http://127.0.0.1:{each.port}/metrics", timeout=60) as answer:
            told += answer.read()
    return told


def hits(place: Place, needles: dict[str, bytes]) -> list[str]:
    """Return where which needle was found."""
    return [f"{what} in {where}" for where, held in stored(place) for what, needle in needles.items() if needle in held]


def hits_on_disk(needles: dict[str, bytes], scratch: Path) -> list[str]:
    """Search the files of the box's engines with grep, as they are large and change meanwhile; return those with a
    needle.

    A key that contains a line break would be two patterns; it is left out and found by its other spellings.
    """
    patterns = scratch / "needles"
    patterns.write_bytes(b"\n".join(each for each in needles.values() if b"\n" not in each))
    process = subprocess.run(
        ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings", "-f", patterns, box_folder()],
        capture_output=True, check=False, env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    return process.stdout.decode().splitlines()


def box_folder() -> Path:
    return paths.home() / "box"


def open_campaign_with_person(caller: Caller, place: Place, person: Person) -> None:
    """Open a campaign with a judge who has a name and a recusal, and a like with signals."""
    sealer = network_sealer(place.settings, place.keys)
    signals = sealer.seal(json.dumps({"net": person.network}).encode())
    place.append("vote.0", [LikeCast("0f" * 12, "a", "2021-06-07", 1, "web", None, signals)])
    opened = caller.call(
        "moderation", "open_campaign",
        {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True,
         "organisers": [{"staff": "olga", "name": "奥尔加"}]},
    )["ok"]  # fmt: skip
    place.append("submission", [submitted("a")])
    place.append("ranking", [ResultPublished("p1", "d" * 64, "olga", opened["now"], opened["now"], "none")])
    name = f"{person.name} {person.telephone}"
    judge = {"staff": JUDGE, "name": name, "roles": ["judge"]}
    result_of(caller.call("moderation", "appoint_staff", judge))
    seen = {log: place.ledger.head(log) for log in ("moderation", "submission")}
    body = {"judge": JUDGE, "name": name, "employer": "", "city": ""}
    result_of(caller.call("scoring", "appoint_judge", body, at_least=seen))
    reason = {"entry": "a", "reason": f"内弟住 {person.address}, 电话 {person.telephone}"}
    result_of(caller.call("scoring", "declare_conflict", reason, roles=("judge",), actor=JUDGE))


def result_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a call that must succeed."""
    assert "ok" in answer, answer
    ok: dict[str, Any] = answer["ok"]
    return ok


def names(caller: Caller) -> list[str]:
    """Return the judges' names as scoring shows them."""
    return [each["name"] for each in result_of(caller.call("scoring", "progress"))["judges"]]


def sealed_fields(place: Place) -> tuple[Sealed, Sealed, Sealed]:
    """Return the name, the reason and the signals as they stand in the logs."""
    scoring, (like,) = place.events("scoring"), place.events("vote.0")
    (name,) = (each.name for each in scoring if isinstance(each, JudgeAppointed))
    (reason,) = (each.reason for each in scoring if isinstance(each, ConflictDeclared))
    assert isinstance(like, LikeCast)
    return name, reason, like.signals


def opens_with(backup: Sealed, wrapping: Wrapping) -> bool:
    """Return whether a backed-up key can be opened with this wrapping key."""
    try:
        Sealer(wrapping.key, key_id=key_id_of(backup)).open(backup)
    except Corrupt:
        return False
    return True


def test_after_forgetting_no_clear_text_and_no_key_is_anywhere(
    place: Place, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, vault, file = Person.invented(), vault_of(place.settings, place.database), KeyFile(tmp_path, place.campaign)
    fields = PersonalFields(vault, place.keys.campaign)
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    with running_services(place, "moderation", "scoring", "ranking") as (caller, services), process(place, "relay"):
        open_campaign_with_person(caller, place, person)
        name, reason, signals = sealed_fields(place)
        before, backup = file.read(), place.database["vault.1"].find_one({"_id": SUBJECT})
        keys = before_forgetting(vault, before)

        assert names(caller) == [f"{person.name} {person.telephone}"]
        assert person.address in fields.open(reason).decode()
        assert person.network in network_sealer(place.settings, place.keys).open(signals).decode()
        assert backup is not None
        assert opens_with(backup["key"], before)
        assert hits(place, person.needles()) == []
        assert {"it in collection commits", "it in stream scoring"} <= set(hits(place, {"it": name.encode()}))

        with process(place, "clock"):
            judge = {"staff": JUDGE, "name": f"{person.name} {person.telephone}", "roles": []}
            result_of(caller.call("moderation", "appoint_staff", judge))
            forgotten = CliRunner().invoke(main, ["forget", SUBJECT])
            start = result_of(caller.call("moderation", "campaign"))["now"]
            result_of(caller.call("moderation", "move_clock", {"now": start + NETWORK_KEPT_MS}))
            wait(lambda: not vault.holds(NETWORK), what="the clock ends the network key")

        assert forgotten.output == f"{SUBJECT}：密钥已销毁 / key destroyed\n"
        assert names(caller) == [DELETED]
        for sealed in (name, reason):
            with pytest.raises(Forgotten):
                fields.open(sealed)
        with pytest.raises(Forgotten):
            network_sealer(place.settings, place.keys).open(signals)
        assert not opens_with(backup["key"], file.read())
        assert [verify_log(place.ledger, log)[0] for log in LOGS] == [place.ledger.head(log) for log in LOGS]
        needles = person.needles() | keys_as_needles(**keys)
        assert hits(place, needles) == []
        assert [what for what, needle in needles.items() if needle in metrics(services.values())] == []
    assert hits(place, needles) == []  # also in what the processes log when they end
    if engines.kind() == "box":
        assert hits_on_disk({"it": name.encode()}, tmp_path_factory.mktemp("control")) != []
        assert hits_on_disk(needles, tmp_path_factory.mktemp("grep")) == []


def before_forgetting(vault: Vault, wrapping: Wrapping) -> dict[str, bytes]:
    """Return all keys that must be destroyed."""
    network = wrapping.network_key()
    assert network is not None
    return {"person's key": vault.key_of(SUBJECT).clear, "network key": network, "wrapping key": wrapping.key}

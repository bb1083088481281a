"""Every text field of every event is classified, so that no personal data is stored in clear; `docs/privacy.md`
agrees with the code.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from deploy.clock import key_destruction, loop
from deploy.commands import forget
from gateway.admission import devices
from gateway.backends import staff_roster
from gateway.http import known_devices, sessions
from services.moderation.decisions import forget_subject as desk
from shared import network, personal, security_log
from shared.events import Sealed
from tests.files import ROOT
from tests.unit.shared.golden_events import registered

PAGE = (ROOT / "docs" / "privacy.md").read_text()

# All names of event fields that may hold text in clear, by kind. Whoever adds a name must classify it here, or seal
# the field.
CODES_OF_PERSONS = {
    "by",
    "cadre",
    "contact",
    "judge",
    "officers",
    "other",
    "proposed_by",
    "staff",
    "subject",
    "to",
    "voter",
}
CODES = {
    "account", "ai_labels", "authenticator", "batch", "because", "bulk", "case", "certificate", "changes", "channel",
    "complaint",
    "conflicts", "container", "criterion", "day", "device", "digest", "door", "enters", "entries", "entry", "evidence",
    "extent", "flag", "held", "invitation", "item", "kind", "label",
    "lang", "late_pass", "leaves", "letter", "letters", "like", "likes", "link", "look", "notice_basis", "number",
    "objection", "opening", "question",
    "manager", "official_digest", "outage", "part", "proposal", "receipt", "roles",
    "roll", "rule_hash", "seed",
    "seed_commitment", "sha256", "source", "state", "stock", "template", "themes", "topic", "type",
    "unit", "why", "window", "winners",
}  # fmt: skip
OF_THE_CAMPAIGN = {"campaign", "change", "cut", "table", "theme"}
ORGANISATIONS = {"access", "city", "code", "employer", "level", "organiser", "unit_name"}
PUBLISHED = {"alt", "caption", "h5", "profile", "subtitles", "text", "title"}
OF_AN_OFFICE = {"reason", "words"}
NAMES_OF_THINGS = {"RollChunk.rows.name", "EntrySubmitted.files.name", "ProjectionPromoted.name", "ScenarioSaved.name"}
KNOWN = CODES_OF_PERSONS | CODES | OF_THE_CAMPAIGN | ORGANISATIONS | PUBLISHED | OF_AN_OFFICE


def text_fields(kind: Any, path: str) -> Iterator[tuple[str, bool]]:
    """Yield the paths of an event's fields that may hold text, and whether they are sealed."""
    if kind is Sealed or Sealed in get_args(kind):
        yield path, True
    elif kind is str or kind is Any:
        yield path, False
    elif is_dataclass(kind):
        hints = get_type_hints(kind)
        for each in fields(kind):
            yield from text_fields(hints[each.name], f"{path}.{each.name}")
    else:
        for each in get_args(kind):
            yield from text_fields(each, path)


FIELDS = {found for shape in registered() for found in text_fields(shape.cls, shape.cls.__name__)}
SEALED = {path for path, sealed in FIELDS if sealed}


def test_field_in_clear_is_known_to_tell_of_no_private_person() -> None:
    clear = {path for path, sealed in FIELDS if not sealed}

    assert [path for path in sorted(clear - NAMES_OF_THINGS) if path.rpartition(".")[2] not in KNOWN] == []


def test_every_known_name_is_that_of_a_field() -> None:
    clear = {path for path, sealed in FIELDS if not sealed}

    assert KNOWN - {path.rpartition(".")[2] for path in clear} == set()
    assert NAMES_OF_THINGS - clear == set()


def test_page_lists_exactly_the_sealed_fields() -> None:
    listed = re.findall(
        r"^\| `(\w+\.\w+)` \| `(p\.(?:staff|cadre|voter|complaint|objection|contact|question)\.<\w+>|n1)` \|",
        PAGE,
        re.MULTILINE,
    )

    assert sorted(field for field, _ in listed) == sorted(SEALED)


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        (r"(\d+) days after the result", desk.NETWORK_KEPT_MS / desk.DAY_MS),
        (r"dropped (\d+) s after it was read", network.FRESH_S),
        (r"looks every (\d+) s", loop.EVERY_S),
        (r"waits (\d+) times as long", key_destruction.SHARE),
        (r"(\d+) hours for staff", sessions.LIFE_MS["staff"] / 3_600_000),
        (r"`baijia-device`: a random value, in that browser alone, (\d+) days", devices.LIFE_S / 86_400),
        (r"pseudonym, (\d+) days", sessions.LIFE_MS["voter"] / 86_400_000),
        (r"accounts, in that browser alone, (\d+) days", known_devices.LIFE_S / 86_400),
        (r"`<data>/security/<campaign>/`: (\d+) days", security_log.KEPT_DAYS),
        (r"lose their roles within (\d+) s", staff_roster.FRESH_S),
    ],
)
def test_number_on_the_page_is_the_codes(said: str, amount: float) -> None:
    (found,) = re.findall(said, PAGE)

    assert float(found) == amount


def test_page_names_the_reasons_and_what_is_shown() -> None:
    (reasons,) = re.findall(r"a reason \(([^)]*)\)", PAGE)

    assert tuple(re.findall(r"`([a-z-]+)`", reasons)) == desk.REASONS == forget.REASONS
    assert personal.DELETED in PAGE

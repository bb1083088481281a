"""Personal fields: opened with the key that they name, and shown as deleted once that key is destroyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.events import ConflictDeclared
from shared.errors import Corrupt, Forgotten
from shared.events import Sealed, build_all
from shared.personal import DELETED, PersonalFields
from shared.sealing import Sealer
from shared.testing.memory_vault import memory_vault
from shared.vault import Vault
from tests.unit.shared import golden_events

CAMPAIGN = bytes(range(32))
PERSONS = ["staff.olga", "staff.mo.li", "voter.0123"]


@pytest.fixture
def vault() -> Vault:
    return memory_vault()


@pytest.fixture
def fields(vault: Vault) -> PersonalFields:
    return PersonalFields(vault, CAMPAIGN)


def test_a_field_names_its_person_and_opens_again(fields: PersonalFields) -> None:
    sealed = fields.seal_text("staff.olga", "奥尔加")

    assert sealed.startswith("p.staff.olga.")
    assert "奥尔加" not in sealed
    assert fields.open(sealed).decode() == "奥尔加"


def test_fields_of_the_campaigns_key_and_fields_in_clear_still_open(fields: PersonalFields) -> None:
    old, clear = Sealer(CAMPAIGN).seal_text("旧名"), Sealed("clear.见 p. 12.")

    text = fields.text_lookup([old, clear])

    assert (text(old), text(clear)) == ("旧名", "见 p. 12.")


def test_a_forgotten_persons_fields_are_shown_as_deleted_and_the_others_stay(
    vault: Vault, fields: PersonalFields
) -> None:
    olga, mo = fields.seal_text("staff.olga", "奥尔加"), fields.seal_text("staff.mo", "莫")

    vault.forget(["staff.olga"])
    text = fields.text_lookup([olga, mo])

    assert (text(olga), text(mo)) == (DELETED, "莫")
    with pytest.raises(Forgotten):
        fields.open(olga)


def test_standing_field_is_kept_only_where_it_says_the_same_under_the_present_key(
    vault: Vault, fields: PersonalFields
) -> None:
    standing, campaign = fields.seal_text("staff.olga", "奥尔加"), Sealer(CAMPAIGN).seal_text("奥尔加")

    assert fields.seal_text("staff.olga", "奥尔加", current=standing) == standing
    assert fields.seal_text("staff.olga", "另一个", current=standing) != standing
    assert fields.seal_text("staff.olga", "奥尔加", current=campaign).startswith("p.staff.olga.")
    vault.forget(["staff.olga"])
    assert fields.seal_text("staff.olga", "奥尔加", current=standing) != standing


def test_a_field_moved_to_another_person_does_not_open(fields: PersonalFields) -> None:
    olga, mo = fields.seal_text("staff.olga", "x"), fields.seal_text("staff.mo", "y")
    forged = Sealed(f"{mo.rpartition('.')[0]}.{olga.rpartition('.')[2]}")

    with pytest.raises(Corrupt):
        fields.open(forged)


def test_a_field_of_no_known_kind_is_corrupt(fields: PersonalFields) -> None:
    with pytest.raises(Corrupt):
        fields.open(Sealed("x9.AAAA"))


@given(
    texts=st.lists(st.tuples(st.sampled_from(PERSONS), st.text(st.characters(exclude_categories=["Cs"])))),
    forgotten=st.sets(st.sampled_from(PERSONS)),
)
def test_exactly_the_fields_of_the_forgotten_close(texts: list[tuple[str, str]], forgotten: set[str]) -> None:
    vault = memory_vault()
    fields = PersonalFields(vault, CAMPAIGN)
    sealed = [fields.seal_text(person, words) for person, words in texts]

    vault.forget(forgotten)
    text = fields.text_lookup(sealed)

    assert [text(each) for each in sealed] == [DELETED if person in forgotten else words for person, words in texts]


def test_recusals_from_before_reasons_were_sealed_are_read_and_shown(fields: PersonalFields) -> None:
    (old,) = (each for each in golden_events.read() if (each["type"], each["v"]) == ("conflict-declared", 1))

    (found,) = build_all(old["type"], 1, {name: [value] for name, value in old["data"].items()}, 1)

    assert isinstance(found, ConflictDeclared)
    assert fields.text_lookup([found.reason])(found.reason) == old["data"]["reason"]

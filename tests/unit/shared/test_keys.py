"""Key file of a campaign: created once, read by all processes, renewed for a rehearsal only."""

from pathlib import Path

from shared.keys import Keys

LOT = bytes(range(32))


def test_whoever_asks_first_makes_the_keys_that_all_others_read(tmp_path: Path) -> None:
    first = Keys.of(tmp_path, "one")
    assert Keys.of(tmp_path, "one") == first


def test_two_campaigns_share_no_key(tmp_path: Path) -> None:
    one, other = (set(map(Keys.of(tmp_path, name).__getattribute__, Keys.__slots__)) for name in ("one", "other"))
    assert len(one) == len(other) == 6
    assert one & other == set()


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    Keys.of(tmp_path, "one")
    assert (tmp_path / "keys" / "one.json").stat().st_mode & 0o777 == 0o600


def test_renewed_keys_have_the_lot_that_was_given_and_nothing_of_the_old_ones(tmp_path: Path) -> None:
    old = Keys.of(tmp_path, "one")
    Keys.renew(tmp_path, "one", lot=LOT)
    new = Keys.of(tmp_path, "one")
    assert new.lot == LOT
    assert [name for name in Keys.__slots__ if getattr(new, name) == getattr(old, name)] == []


def test_a_voter_is_the_same_whatever_the_door_and_another_in_another_campaign(tmp_path: Path) -> None:
    one, other = Keys.of(tmp_path, "one"), Keys.of(tmp_path, "other")
    assert one.voter("openid") == one.voter("openid")
    assert one.voter("openid") != other.voter("openid")

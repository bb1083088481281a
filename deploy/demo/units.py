"""Generate the demo's roll of unions, that is, the organiser's list of the units that may take part.

Promises: the same seed gives the same roll; names and codes are unique; 20 of the 400 units are federations, which may
not take part.
Does not promise secrecy: the access codes are derived from the seed, so this roll must never be imported into a live
campaign.
"""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields

from deploy.demo import place_names
from deploy.demo.place_names import City

ACCESS_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without 0, O, 1 and I, because people copy the code from paper
FEDERATION_LEVELS = ("city", "county", "township")
TYPE_COUNTS = {"state": 80, "private": 90, "foreign": 62, "public": 78, "other": 70}  # and 20 federations: 400


@dataclass(frozen=True, slots=True)
class RollRow:
    """One unit on the roll. The fields are the columns of its CSV file."""

    code: str
    name: str
    level: str
    type: str
    city: str
    employer: str
    access_code: str


def roll(seed: int) -> list[RollRow]:
    """Return the demo's roll of 400 units for this seed."""
    rng = random.Random(f"{seed}/roll")
    wanted = [("grassroots", kind) for kind, count in TYPE_COUNTS.items() for _ in range(count)]
    wanted += [(FEDERATION_LEVELS[k % 3], "public") for k in range(20)]
    rng.shuffle(wanted)
    serials: Counter[str] = Counter()
    used_names: set[str] = set()
    rows = []
    for level, kind in wanted:
        city, name, employer = _unused(rng, used_names, _federation(level) if level != "grassroots" else _NAMES[kind])
        serials[city.code] += 1
        code = f"HB{city.code}{serials[city.code]:04d}"
        access_code = "".join(rng.choices(ACCESS_LETTERS, k=20))
        rows.append(RollRow(code, name, level, kind, city.name, employer, access_code))
    return rows


def roll_csv(rows: Sequence[RollRow]) -> str:
    """Return a roll as the CSV text that the product imports, with a header line."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(field.name for field in fields(RollRow))
    writer.writerows(astuple(row) for row in rows)
    return page.getvalue()


Naming = Callable[[random.Random, City], tuple[str, str]]  # returns the names of a union and of its employer


def _unused(rng: random.Random, used_names: set[str], naming: Naming) -> tuple[City, str, str]:
    weights = [city.weight for city in place_names.CITIES]
    while True:
        city = rng.choices(place_names.CITIES, weights)[0]
        name, employer = naming(rng, city)
        if name not in used_names:
            used_names.add(name)
            return city, name, employer


def _state(rng: random.Random, city: City) -> tuple[str, str]:
    employer = f"{city.name}{_brand(rng)}{rng.choice(place_names.STATE_LINES)}有限责任公司"
    return f"{employer}工会", employer


def _private(rng: random.Random, city: City) -> tuple[str, str]:
    employer = f"{city.name}{_brand(rng)}{rng.choice(place_names.PRIVATE_LINES)}有限公司"
    return f"{employer}工会", employer


def _foreign(rng: random.Random, city: City) -> tuple[str, str]:
    employer = f"{rng.choice(place_names.FOREIGN_BRANDS)}{rng.choice(place_names.FOREIGN_LINES)}（{city.name}）有限公司"
    return f"{employer}工会", employer


def _public(rng: random.Random, city: City) -> tuple[str, str]:
    employer = f"{city.full_name}{rng.choice(place_names.DISTRICTS)}{rng.choice(place_names.PUBLIC_BODIES)}"
    return f"{employer}工会", employer


def _other(rng: random.Random, city: City) -> tuple[str, str]:
    employer = f"{city.full_name}{rng.choice(place_names.DISTRICTS)}{rng.choice(place_names.OTHER_BODIES)}"
    return f"{employer}{'联合' if '协会' in employer or '商会' in employer else ''}工会", employer


def _federation(level: str) -> Naming:
    def name(rng: random.Random, city: City) -> tuple[str, str]:
        area = city.full_name
        if level != "city":
            area += rng.choice(place_names.DISTRICTS)
        if level == "township":
            area += rng.choice(place_names.TOWNS)
        return f"{area}总工会", f"{area}总工会"

    return name


def _brand(rng: random.Random) -> str:
    return rng.choice(place_names.BRAND_HEADS) + rng.choice(place_names.BRAND_TAILS)


_NAMES: dict[str, Naming] = {
    "state": _state,
    "private": _private,
    "foreign": _foreign,
    "public": _public,
    "other": _other,
}

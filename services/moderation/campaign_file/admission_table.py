"""The `[admission]` table of a campaign file: settings that operations may tune while likes run.

The table is not part of the rule set or its hash: it decides what a like costs its sender (a short wait, a little
computing), never whether the like counts. `baijia campaign check` checks it with the rest of the file; each gateway
reads it when it starts.
Promises: a table without errors gives an `Admission`; a missing key has its default.
"""

from dataclasses import dataclass, fields

from services.moderation.campaign_file.toml_reader import Table


@dataclass(frozen=True, slots=True)
class Admission:
    """The admission settings of the whole campaign: what a like costs its sender.

    `gateway/admission/settings.py` explains each name.
    """

    ticket_life_s: int = 600
    tickets_at_once: int = 20
    session_per_s: int = 1
    session_burst: int = 5
    device_voters_per_day: int = 3
    address_per_min: int = 60
    network_per_min: int = 300
    step: int = 8
    challenge_tries: int = 50_000
    challenge_life_s: int = 300
    breaker_times: int = 5
    breaker_floor_per_s: int = 100


_BOUNDS = {
    "ticket_life_s": (60, 3_600),
    "tickets_at_once": (1, 100),
    "session_per_s": (1, 1_000),
    "session_burst": (1, 10_000),
    "step": (2, 64),
    "challenge_tries": (1_000, 1_000_000),
    "challenge_life_s": (30, 3_600),
    "breaker_times": (2, 1_000),
}
_ANY = (1, 100_000_000)


def read(root: Table) -> Admission:
    """Return the settings of a campaign file, and report the table's problems. Return the defaults if there is no
    table.
    """
    if not root.has("admission"):
        return Admission()
    table = root.table("admission")
    values: dict[str, int] = {}
    for each in fields(Admission):
        least, most = _BOUNDS.get(each.name, _ANY)
        values[each.name] = table.whole(each.name, least=least, most=most, default=each.default)
    table.close()
    return Admission(**values)

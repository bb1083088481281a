"""Time zones of campaigns, and times as people read them.

Promises: pure functions; a time is shown in the zone that the caller names, never in the machine's.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT = "Asia/Shanghai"  # where no campaign is known yet
_NAMES = {
    "Asia/Shanghai": ("北京时间", "Beijing time"),
    "Asia/Hong_Kong": ("香港时间", "Hong Kong time"),
    "Asia/Urumqi": ("新疆时间", "Xinjiang time"),
}


def zone_names(zone: str) -> tuple[str, str]:
    """Return what people call a time zone, in Chinese and in English; the IANA name if there is no other."""
    return _NAMES.get(zone, (f" {zone} 时间", f"{zone} time"))


def local_time(at: int, zone: str) -> datetime:
    """Return an instant (ms since the epoch) as a local time of a zone."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


def end_to_the_minute(at: int, zone: str) -> str:
    """Return an instant at which something ends, as `to_the_minute` does, but midnight as 24:00 of the day before."""
    local = local_time(at, zone)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return to_the_minute(at, zone)
    return (local - timedelta(days=1)).strftime("%Y-%m-%d 24:00")


def to_the_minute(at: int, zone: str) -> str:
    """Return an instant (ms since the epoch) as a local time of a zone, `2021-06-07 12:00`."""
    return local_time(at, zone).strftime("%Y-%m-%d %H:%M")

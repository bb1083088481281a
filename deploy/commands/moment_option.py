"""Parse a moment on the command line: an instant with or without an offset, or a cut.

A cut says, for each log, up to which commit it is read.

Examples: `2021-06-10T18:00+08:00`, `2021-06-10T18:00` (China Standard Time), `1623319200000` (milliseconds since the
epoch), and the cut `moderation:8,vote.0:120`.
"""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import click

from services.moderation.campaign import instant

_CHINA = timezone(timedelta(hours=8))
_CUT = re.compile(r"[a-z.0-9]+:\d{1,12}(,[a-z.0-9]+:\d{1,12})*\Z")


class Moment(click.ParamType):
    """Option type that converts a moment into fields of a call: `{"as_of": milliseconds}` or `{"cut": {log: n}}`."""

    name = "instant or cut"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        text = str(value).strip()
        if re.fullmatch(r"\d{10,15}", text):
            return {"as_of": int(text)}
        if _CUT.match(text):
            return {"cut": {log: int(n) for log, _, n in (each.partition(":") for each in text.split(","))}}
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"读不懂时刻 {text!r} / {text!r} is neither an instant nor a cut", param, ctx)
        return {"as_of": instant(when if when.tzinfo else when.replace(tzinfo=_CHINA))}


MOMENT = Moment()

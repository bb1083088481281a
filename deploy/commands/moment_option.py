"""Parse a moment on the command line: an instant with or without an offset, or a cut.

A cut says, for each log, up to which commit it is read.

Examples: `2021-06-10T18:00+08:00`, `2021-06-10T18:00` (in the campaign's time zone), `1623319200000` (milliseconds
since the epoch), and the cut `moderation:8,vote.0:120`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from deploy.commands.current_settings import settings
from deploy.commands.rpc_client import call_service
from services.moderation.campaign import instant

_CUT = re.compile(r"[a-z.0-9]+:\d{1,12}(,[a-z.0-9]+:\d{1,12})*\Z")


class Moment(click.ParamType):
    """Option type that converts a moment into fields of a call: `{"as_of": milliseconds}` or `{"cut": {log: n}}`.

    `zone` returns the campaign's time zone. It is called only for an instant without an offset.
    """

    name = "instant or cut"

    def __init__(self, zone: Callable[[], str]) -> None:
        self._zone = zone

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        text = str(value).strip()
        if _CUT.match(text):
            return {"cut": {log: int(n) for log, _, n in (each.partition(":") for each in text.split(","))}}
        try:
            return {"as_of": parse_instant(text, self._zone)}
        except click.BadParameter:
            self.fail(
                f"读不懂时刻 {text!r}，应写作 2021-06-10T18:00 或 moderation:8,vote.0:120"
                f" / {text!r} is neither an instant such as 2021-06-10T18:00 nor a cut such as moderation:8,vote.0:120",
                param,
                ctx,
            )


def parse_instant(text: str, zone: Callable[[], str]) -> int:
    """Return an instant in ms since the epoch. `zone` returns the time zone of one without an offset.

    Raises click.BadParameter.
    """
    text = text.strip()
    if re.fullmatch(r"\d{10,15}", text):
        return int(text)
    try:
        when = datetime.fromisoformat(text)
        return instant(when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone())))
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"读不懂时刻 {text!r}，应写作 2021-06-10T18:00 / {text!r} is not an instant such as 2021-06-10T18:00"
        ) from None


def check_instant(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return the text of an instant as it is. Raises click.BadParameter for one that cannot be read in any zone."""
    if value is not None:
        try:
            parse_instant(value, lambda: "UTC")
        except click.BadParameter as problem:
            problem.ctx, problem.param = context, parameter
            raise
    return value


def _campaign_zone() -> str:
    """Ask the running campaign for its time zone. Raises CommandRefused if it does not answer."""
    return str(call_service(settings(), "moderation", "campaign", {})["zone"])


MOMENT = Moment(_campaign_zone)

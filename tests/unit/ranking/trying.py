"""`baijia rules try` as an organiser calls it, and lists of entries to try."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from deploy.commands.rules import rules
from tests.files import CAMPAIGN_FILE, ROOT

CAMPAIGNS = ROOT / "tests" / "campaigns"


def called(text: str | bytes, *options: str, file: Path = CAMPAIGN_FILE) -> Result:
    """Run the command on a list that would be in a file (here: standard input); only an exit may end it."""
    result = CliRunner().invoke(rules, ["try", "-", "--campaign", str(file), *options], input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def tried(entries: object, *options: str, file: Path = CAMPAIGN_FILE) -> dict[str, Any]:
    """Return the command's answer, parsed from JSON."""
    result = called(json.dumps(entries), "--json", *options, file=file)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    return told


def rows_by_id(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in told["rows"]}


def entry(id: str, likes: int = 0, marks: Sequence[Sequence[int]] = (), *, type: str = "all") -> dict[str, Any]:
    return {"id": id, "type": type, "likes": likes, "handed_in": 0, "marks": [list(each) for each in marks]}


def field(size: int, *, mark: int = 80, judges: int = 1) -> list[dict[str, Any]]:
    """Return entries with different likes, the first with the most, and the same marks for all."""
    return [entry(f"E{n:03}", likes=size - n, marks=[[mark]] * judges) for n in range(1, size + 1)]

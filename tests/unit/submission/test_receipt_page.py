"""The program on the page about receipts computes the digest that the service gave."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.files import ROOT
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_service import form

PROGRAM = re.search(r"```python\n(.*?)```", (ROOT / "docs/explanation/receipts.md").read_text(), re.DOTALL)


def test_program_of_the_page_agrees_with_the_receipt_and_notices_a_change(
    town: Town,
    upload: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    receipt = town.ok("hand_in", "U1", "unit", **form(upload, title="题 «é» 😀"))["receipt"]
    answer = town.ok("receipt", "U1", "unit", receipt=receipt)
    monkeypatch.chdir(tmp_path)
    assert PROGRAM is not None

    for title in (answer["content"]["title"], "另题"):
        changed = answer | {"content": answer["content"] | {"title": title}}
        (tmp_path / "receipt.json").write_text(json.dumps(changed))
        exec(PROGRAM[1], {})

    assert capsys.readouterr().out.split() == ["True", "False"]

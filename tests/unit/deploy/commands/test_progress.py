"""Progress is shown with the time left on a terminal, and not at all where standard error is piped."""

import io
import sys

import pytest

from deploy.commands.progress import progress


class Terminal(io.StringIO):
    """A standard error that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_piped_standard_error_stays_empty(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    with progress("核对提交", "verifying commits", 10) as completed:
        completed(5)

    assert (sys.stderr.getvalue(), capsys.readouterr().out) == ("", "")


def test_terminal_shows_what_is_complete_and_the_time_left_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")

    with progress("核对提交", "verifying commits", 10) as completed:
        completed(10)

    shown = sys.stderr.getvalue()
    assert "核对提交 / verifying commits" in shown
    assert "10/10" in shown
    assert "还剩 / left" in shown
    assert capsys.readouterr().out == ""

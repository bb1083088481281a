"""Command `baijia recount` refuses a file that is not text before it calls a service."""

from pathlib import Path

from click.testing import CliRunner

from deploy.cli import main


def test_a_file_of_likes_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "likes.txt"
    file.write_bytes(b"\xff\xfe\xb1")

    result = CliRunner().invoke(main, ["recount", "--without-cohort", str(file)])

    assert result.exit_code == 1
    assert "读不了 / cannot be read" in result.output

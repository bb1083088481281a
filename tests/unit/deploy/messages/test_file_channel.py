"""The channel that writes files, by the contract of channels."""

import email
import os
import stat
from email.policy import default
from pathlib import Path

from deploy.messages.channel import FAILED, LATER, Message
from deploy.messages.file_channel import FileChannel
from tests.unit.deploy.messages.channel_contract import FIRST, Case, check_channel, check_repeat

OFFICE = "百家 <office@example.cn>"


def mails(folder: Path) -> list[tuple[str, str, str]]:
    found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in folder.glob("*.eml")]
    return sorted((each["To"], each["Subject"], each.get_content().replace("\r\n", "\n").strip()) for each in found)


def texts(folder: Path) -> list[tuple[str, str, str]]:
    found = [path.read_text().strip().split("\n", 2) for path in folder.glob("*.txt")]
    return sorted((address, title, words) for address, title, words in found)


def test_mail_files_keep_the_contract(tmp_path: Path) -> None:
    check_channel(Case(FileChannel(tmp_path, sender=OFFICE), lambda: mails(tmp_path)))


def test_repeated_mail_is_one_file(tmp_path: Path) -> None:
    check_repeat(Case(FileChannel(tmp_path, sender=OFFICE), lambda: mails(tmp_path)))

    assert len(list(tmp_path.iterdir())) == 1


def test_text_files_keep_the_contract(tmp_path: Path) -> None:
    check_channel(Case(FileChannel(tmp_path), lambda: texts(tmp_path)))


def test_folder_is_for_us_alone(tmp_path: Path) -> None:
    FileChannel(tmp_path / "out").send(FIRST)

    assert stat.S_IMODE(os.stat(tmp_path / "out").st_mode) == 0o700


def test_folder_that_cannot_be_made_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")

    assert FileChannel(tmp_path / "out").send(FIRST).state == LATER


def test_address_with_a_line_break_makes_no_header(tmp_path: Path) -> None:
    message = Message("k" * 32, "li@example.cn\nBcc: x@example.cn", "题", "文")

    assert FileChannel(tmp_path, sender=OFFICE).send(message).state == FAILED
    assert list(tmp_path.iterdir()) == []

"""The file of channels."""

from pathlib import Path

import pytest

from deploy.messages.file_channel import FileChannel
from deploy.messages.settings import BadMessagesFile, read_channels
from deploy.messages.smtp_channel import SmtpChannel

SMTP = '[email]\ntransport = "smtp"\nhost = "smtp.example.cn"\nsender = "o@example.cn"\n'


def written(path: Path, text: str) -> Path:
    file = path / "messages.toml"
    file.write_text(text)
    return file


def test_without_a_file_there_is_no_channel(tmp_path: Path) -> None:
    assert read_channels(None, folder=tmp_path) == {}


def test_each_table_is_a_channel(tmp_path: Path) -> None:
    found = read_channels(written(tmp_path, SMTP + '[sms]\ntransport = "file"\n'), folder=tmp_path)

    assert {name: type(each) for name, each in found.items()} == {"email": SmtpChannel, "sms": FileChannel}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[fax]\n", "unknown table [fax]"),
        ('[email]\ntransport = "pigeon"\n', "transport must be one of file, smtp"),
        ('[email]\ntransport = "smtp"\nhost = "h"\n', "sender is missing"),
        ('[email]\ntransport = "file"\n', "sender is missing"),
        (SMTP + 'pasword = "x"\n', "pasword is not known"),
        (SMTP + 'security = "yes"\n', "security must be starttls, tls or none"),
        ("[email\n", "cannot be read"),
    ],
)
def test_broken_file_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadMessagesFile) as problem:
        read_channels(written(tmp_path, text), folder=tmp_path)

    assert words in str(problem.value)

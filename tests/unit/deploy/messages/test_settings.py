"""The file of channels."""

from pathlib import Path
from typing import Any

import pytest

from deploy.messages.file_channel import FileChannel
from deploy.messages.settings import BadMessagesFile, read_channels
from deploy.messages.smpp_channel import SmppChannel
from deploy.messages.smtp_channel import SmtpChannel
from deploy.messages.wechat_channel import WeChatChannel

SMTP = '[email]\ntransport = "smtp"\nhost = "smtp.example.cn"\nsender = "o@example.cn"\n'
SMPP = '[sms]\ntransport = "smpp"\nhost = "smpp.example.cn"\nsystem_id = "baijia"\nsender = "10690000"\n'


def how(folder: Path) -> dict[str, Any]:
    """Return what the channels need besides the file."""
    return {"folder": folder, "tokens": lambda _stale: "t", "api": "http://127.0.0.1:1"}


def written(path: Path, text: str) -> Path:
    file = path / "messages.toml"
    file.write_text(text)
    return file


def test_without_a_file_there_is_no_channel(tmp_path: Path) -> None:
    assert read_channels(None, **how(tmp_path)) == {}


def test_each_table_is_a_channel(tmp_path: Path) -> None:
    found = read_channels(written(tmp_path, SMTP + '[sms]\ntransport = "file"\n'), **how(tmp_path))

    assert {name: type(each) for name, each in found.items()} == {"email": SmtpChannel, "sms": FileChannel}


def test_short_messages_may_go_to_a_message_centre(tmp_path: Path) -> None:
    found = read_channels(written(tmp_path, SMPP + 'password = "secret"\nport = 3550\n'), **how(tmp_path))

    assert {name: type(each) for name, each in found.items()} == {"sms": SmppChannel}


def test_wechat_sends_from_the_account_of_its_own_file(tmp_path: Path) -> None:
    found = read_channels(written(tmp_path, "[wechat]\n"), **how(tmp_path))

    assert {name: type(each) for name, each in found.items()} == {"wechat": WeChatChannel}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SMTP + 'port = "587"\n', "[email] port must be a whole number"),
        (SMTP + "port = true\n", "[email] port must be a whole number"),
        (SMTP + "port = 70000\n", "[email] port must be from 1 to 65535"),
        (SMTP + 'timeout_s = "20"\n', "[email] timeout_s must be a number of seconds"),
        (SMTP + "timeout_s = 0\n", "[email] timeout_s must be more than 0"),
        (SMTP + "password = 12345678\n", "[email] password must be a text in quotes"),
        ('[email]\ntransport = "smtp"\nhost = ""\nsender = "o@example.cn"\n', "[email] host is empty"),
        ('[email]\ntransport = "file"\nsender = 1\n', "[email] sender must be a text in quotes"),
        ('[email]\ntransport = "file"\nsender = "office"\n', "[email] sender is not an e-mail address"),
        ('[email]\ntransport = ["file"]\nsender = "o@example.cn"\n', "transport must be one of file, smtp"),
        ('[sms]\ntransport = "smpp"\n', "[sms] host is missing"),
        (SMPP + 'security = "starttls"\n', "[sms] security must be tls or none"),
        (SMPP + 'password = "longer than eight"\n', "[sms] password: at most 8 ASCII characters"),
        (SMPP.replace("10690000", "a name that is long"), "[sms] sender: at most 11 ASCII characters"),
        ("[fax]\n", "unknown table [fax]"),
        ('[email]\ntransport = "pigeon"\n', "transport must be one of file, smtp"),
        ('[email]\ntransport = "smtp"\nhost = "h"\n', "sender is missing"),
        ('[email]\ntransport = "file"\n', "sender is missing"),
        (SMTP + 'pasword = "x"\n', "pasword is not known"),
        (SMTP + 'security = "yes"\n', "security must be starttls, tls or none"),
        ('[wechat]\nappid = "wx1"\n', "[wechat] appid is not known; known: transport"),
        ("[email\n", "cannot be read"),
    ],
)
def test_broken_file_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadMessagesFile) as problem:
        read_channels(written(tmp_path, text), **how(tmp_path))

    assert words in str(problem.value)

"""A channel that writes each message as a file of its own: somebody else sends it, or nobody in a rehearsal.

An e-mail is an `.eml` file (RFC 5322), which mail programs open; a short message is a `.txt` file whose first line is
the number.
Promises: exactly once. The file's name is the message's key, and the file appears as a whole under that name, also if
the process dies while it writes. The folder is readable by our user alone.
Does not promise that anybody sends them. The files hold addresses and texts in clear until somebody deletes them.
"""

import os
import tempfile
from pathlib import Path

from deploy.messages.channel import FAILED, LATER, SENT, Answer, Message
from deploy.messages.mail import compose


class FileChannel:
    """Writes messages into a folder. With `sender` they are e-mails from that address, else short messages."""

    is_repeatable = True

    def __init__(self, folder: Path, *, sender: str = "") -> None:
        self._folder, self._sender = folder, sender

    def send(self, message: Message) -> Answer:
        """Write the message, unless its file is there already."""
        path = self._folder / f"{message.key}{'.eml' if self._sender else '.txt'}"
        try:
            content = self._content(message)
        except ValueError:
            return Answer(FAILED, "address")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                _put(path, content)
        except OSError as problem:
            return Answer(LATER, f"errno {problem.errno}")
        return Answer(SENT, "written")

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _content(self, message: Message) -> bytes:
        if self._sender:
            return compose(message, sender=self._sender).as_bytes()
        return f"{message.address}\n{message.title}\n{message.words}\n".encode()


def _put(path: Path, content: bytes) -> None:
    """Write a file under its name as a whole, durably. Raises OSError."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

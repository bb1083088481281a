"""An e-mail of a letter: plain text in UTF-8, marked as sent by a machine, with a Message-ID made of the key.

Promises: the same key gives the same Message-ID, by which mail programs drop a second copy; no text becomes a header.
"""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from deploy.messages.channel import Message


def compose(message: Message, *, sender: str) -> EmailMessage:
    """Return the e-mail. `sender` is an address, with a name or without. Raises ValueError for an unusable address."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = " ".join(message.title.split())
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{message.key}@{domain_of(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: vacation programs do not answer
    mail.set_content(message.words.strip() + "\n", cte="base64")  # any server passes it on unchanged
    return mail


def domain_of(sender: str) -> str:
    """Return the domain of an address, for Message-IDs."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"

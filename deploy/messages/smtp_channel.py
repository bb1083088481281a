"""A channel that hands e-mails to a mail server by SMTP (RFC 5321), with TLS, and a password if it wants one.

Promises: a 5xx answer to the address or the text is FAILED, a 4xx answer or an unreachable server LATER. A connection
that breaks after the text was sent is LATER too, since a second copy has the same Message-ID, by which mail programs
drop it; so a receiver gets the mail at least once, and nearly always once.
Does not promise that the mail arrives: SENT says that the server took it. What comes back later is not seen.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.utils import parseaddr

from deploy.messages.channel import FAILED, LATER, SENT, Answer, Message
from deploy.messages.mail import compose, domain_of

TIMEOUT_S = 20.0
NONE, STARTTLS, TLS = "none", "starttls", "tls"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails go: the server, the account, and the address that they come from."""

    host: str  # of the mail server
    sender: str  # address that letters come from, such as `百家 <office@example.cn>`
    port: int = 587  # 465 with `security = "tls"`
    security: str = STARTTLS  # starttls, tls from the start, or none, which sends the password in clear
    user: str = ""  # of the account; empty if the server wants none
    password: str = ""  # of the account
    timeout_s: float = TIMEOUT_S  # for each step of the protocol


class SmtpChannel:
    """Sends e-mails over one connection, which it opens for the first message and keeps until `close`."""

    is_repeatable = True

    def __init__(self, server: MailServer, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the system's certificates, for a server with a certificate of its own."""
        self._server, self._tls = server, tls or ssl.create_default_context()
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> Answer:
        """Hand an e-mail to the server."""
        try:
            mail = compose(message, sender=self._server.sender)
        except ValueError:
            return Answer(FAILED, "address")
        try:
            connection = self._connection or self._connect()
            connection.send_message(mail, parseaddr(self._server.sender)[1], [message.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = refused.recipients.get(message.address, (550, b""))
            return self._refused(code)
        except smtplib.SMTPAuthenticationError as refused:
            self.close()
            return Answer(LATER, f"{refused.smtp_code} auth")  # of the account, not of this letter
        except smtplib.SMTPResponseException as refused:
            return self._refused(refused.smtp_code)
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            return Answer(LATER, type(problem).__name__)
        return Answer(SENT, "250")

    def close(self) -> None:
        """Say goodbye to the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()

    def _connect(self) -> smtplib.SMTP:
        server, name = self._server, domain_of(self._server.sender)
        connection: smtplib.SMTP
        if server.security == TLS:
            connection = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=name, timeout=server.timeout_s, context=self._tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=server.timeout_s)
        try:
            if server.security == STARTTLS:
                connection.starttls(context=self._tls)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _refused(self, code: int) -> Answer:
        # The session may be in the middle of a transaction, or the server may have said goodbye (421).
        self._drop()
        return Answer(FAILED if 500 <= code < 600 else LATER, str(code))

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

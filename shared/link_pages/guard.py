"""Where a link may lead: names are resolved here, every address is checked, and only a checked one is connected to.

Promises: `checked` returns addresses of the public network alone, and refuses a name as soon as one of its addresses is
not; whoever connects uses what was returned and resolves nothing again, so that a name which changes its address in
between (rebinding) gains nothing.
Does not promise that a public address is not the organiser's own: a firewall of the host says that.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from shared.web_links import is_public_address, is_public_host

Resolve = Callable[[str], list[str]]
MOST_ADDRESSES = 16


class LinkRefused(Exception):
    """A link cannot or may not be fetched. `code` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def resolve(host: str) -> list[str]:
    """Return the addresses of a host by the system's resolver. Raises OSError and UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """What is asked for the addresses of a host, and which hosts and addresses may be connected to.

    Tests pass others than these defaults; the product never does.
    """

    resolve: Resolve = resolve
    is_allowed_host: Callable[[str], bool] = is_public_host
    is_allowed_address: Callable[[str], bool] = is_public_address

    def checked(self, host: str) -> list[str]:
        """Return the addresses of a host that may be connected to. Raises LinkRefused."""
        if not self.is_allowed_host(host):
            raise LinkRefused("link-not-public", host)
        try:
            addresses = self.resolve(host)[:MOST_ADDRESSES]
        except (OSError, UnicodeError) as problem:
            raise LinkRefused("link-unresolved", f"{host}: {problem}") from problem
        if not addresses:
            raise LinkRefused("link-unresolved", host)
        for address in addresses:
            if not self.is_allowed_address(address):
                raise LinkRefused("link-not-public", f"{host} is {address}")
        return addresses

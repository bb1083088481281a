"""Where a visitor who is not signed in is led: to the right sign-in, and back to where the visitor came from.

Promises: nobody is led to another site. A form that was sent without a valid session is kept, in the visitor's browser
alone, until it can be sent again after the sign-in. The module is pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson

from gateway.http.sessions import Session
from gateway.routing.route import JUDGE, STAFF, UNIT, Route

UNIT_SIGN_IN, DESK_SIGN_IN = "/unit/sign-in", "/desk/sign-in"
JUDGE_HOME = "/judge"
HOME = {UNIT_SIGN_IN: "/unit", DESK_SIGN_IN: "/desk"}
WAITING_FORM_BYTES = 256 * 1024
PATH_MAX_CHARS = 500
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """A form that was sent to `path` without a valid session, with its fields in order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def to_text(self) -> str:
        """Return the form as the text that a hidden field holds."""
        return orjson.dumps([self.path, self.fields]).decode()

    @staticmethod
    def from_text(text: str) -> "WaitingForm | None":
        """Return the form that a hidden field holds; None if the field is empty or holds something else."""
        try:
            path, fields = orjson.loads(text)
            pairs = tuple((str(name), str(value)) for name, value in fields)
        except (ValueError, TypeError):
            return None
        return WaitingForm(path, pairs) if isinstance(path, str) and local_path(path, "") else None

    @staticmethod
    def from_body(path: str, body: bytes) -> "WaitingForm | None":
        """Return the form that the body of a request to `path` holds; None for one that is empty or unreadable."""
        try:
            fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError:
            return None
        return WaitingForm(path, tuple(fields)) if fields else None


def sign_in_path(route: Route) -> str:
    """Return the path of the sign-in page for those whom a page admits; empty for voters, who sign in by WeChat."""
    if route.roles == {UNIT} or (UNIT in route.roles and route.path.startswith("/unit")):
        return UNIT_SIGN_IN
    return DESK_SIGN_IN if route.roles & STAFF and route.roles <= STAFF else ""


def is_for(session: Session | None, sign_in: str) -> bool:
    """Return whether a session is of the kind that a sign-in page opens."""
    return session is not None and session.kind == ("unit" if sign_in == UNIT_SIGN_IN else "staff")


def local_path(text: str, default: str) -> str:
    """Return the path of a page of ours, or the default for anything that a browser could take for another site."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    is_plain = text.isascii() and text.isprintable() and "\\" not in text and len(text) <= PATH_MAX_CHARS
    return text if is_path and is_plain else default


def landing_path(to: str, session: Session | None) -> str:
    """Return where a sign-in leads: to `to`, but for whoever is a judge alone from the desk on to the judge's pages."""
    is_judge = session is not None and session.roles == {JUDGE}
    return JUDGE_HOME if is_judge and to == HOME[DESK_SIGN_IN] else to


def next_path(query: Mapping[str, str], sign_in: str) -> str:
    """Return where a sign-in leads by its parameter `to`: the page one came from, else the first page of the desk."""
    return local_path(query.get("to", ""), HOME[sign_in])

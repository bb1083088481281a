"""Bodies of plain HTML forms, so that every page works without scripts."""

from collections import Counter
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.http import limits
from gateway.http.problems import BODY, Problem

FORM_BYTES = 8 * 1024
FIELDS = 20
TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request, *, limit: int = FORM_BYTES, most_fields: int = FIELDS) -> dict[str, str]:
    """Return the fields of a plain HTML form by name.

    Raise Problem if the body is too large (`limit` bytes) or too slow, of another type, or not readable, if it has more
    than `most_fields` fields, or if a field is repeated.
    """
    body = await limits.read_body(request, limit=limit)
    content_type = request.headers.get("content-type", TYPE).partition(";")[0].strip().lower()
    if body and content_type != TYPE:
        raise Problem("media-type-unknown", facts={"accepted": TYPE})
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=most_fields)
    except ValueError as problem:
        raise Problem("text-broken") from problem
    repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if repeated:
        raise Problem("invalid", errors={name: ["repeated"] for name in repeated}, place=BODY)
    return dict(pairs)

"""Bodies of plain HTML forms, so that every page works without scripts."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from gateway.http import limits
from gateway.http.problems import BODY, Problem

FORM_BYTES = 8 * 1024
TYPE, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FIELDS = 20


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


def contact_fields(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that a form holds, without the spaces and dashes that people type into phone numbers."""
    phone = "".join(each for each in sent.get("phone", "") if each not in " -()（）")
    lang = "en" if sent.get("lang") == "en" else "zh"
    return {"email": sent.get("email", "").strip(), "phone": phone, "lang": lang}


async def read_file_form(request: Request, *, limit: int) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the fields and the files of an HTML form that has files, each by its name. File names are ignored.

    Raise Problem as `read_form` does.
    """
    body = await limits.read_body(request, limit=limit, within_s=limits.ROLL_S)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != MULTIPART:
        raise Problem("media-type-unknown", facts={"accepted": MULTIPART})

    async def whole() -> AsyncIterator[bytes]:
        yield body

    try:
        form = await MultiPartParser(
            request.headers, whole(), max_files=5, max_fields=FIELDS, max_part_size=limit
        ).parse()
    except (MultiPartException, KeyError) as problem:
        raise Problem("text-broken") from problem
    fields, files = dict[str, str](), dict[str, bytes]()
    for name, value in form.multi_items():
        if name in fields or name in files:
            raise Problem("invalid", errors={name: ["repeated"]}, place=BODY)
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            fields[name] = value
    await form.close()
    return fields, files

"""Every refusal of the gateway as RFC 9457 `application/problem+json`. The texts are in `problem_texts.py`.

Promises: `type` is `urn:baijia:problem:<code>` and never changes; the body holds both languages, and `title` and
`detail` are in the language of the request, Chinese by default; no exception's text reaches a client.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.problem_texts import FIELDS, WORDS, Words
from shared.logs import logger
from shared.zones import DEFAULT, end_to_the_minute, to_the_minute, zone_names

MEDIA_TYPE = "application/problem+json"
URN = "urn:baijia:problem:"
RETRY_AFTER_S = {429: "1", 503: "2"}
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}
ENDS = frozenset({"until"})  # facts that say until when something is: midnight is 24:00 of the day before
UNKNOWN_DATES = 100_000_000_000  # smaller numbers are not instants
log_ = logger(__name__)
BODY = "body"
HEADERS = frozenset(  # those that problems name
    {
        "Campaign-Time", "Idempotency-Key", "Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata",
        "Upload-Checksum",
    }
)  # fmt: skip
Errors = Mapping[str, list[str]]
Place = Callable[[str], str]


class Problem(Exception):
    """A refusal of a request, raised anywhere in the gateway and turned into the response by the pipeline.

    `code` names the problem, `field` the part of the request that it concerns. `facts` are plain values that fill the
    texts; `errors` maps JSON pointers or field names to the codes of what is wrong there. `place` says in which part of
    the request the fields are, where it is not the one that their names tell (`place_in`). After `retry_s` seconds the
    client may try again. `headers` are further ones of the response.
    """

    def __init__(
        self,
        code: str,
        *,
        field: str | None = None,
        facts: Mapping[str, Any] | None = None,
        errors: Errors | None = None,
        retry_s: int | None = None,
        place: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.field, self.retry_s, self.place = code, field, retry_s, place
        self.facts, self.errors = dict(facts or {}), dict(errors or {})
        self.headers = dict(headers or {})

    @property
    def words(self) -> Words:
        """The status and texts of the code; if the code has none, those of the general problem `refused`."""
        words = WORDS.get(self.code)
        if words is None:
            log_.error("a problem code has no text", code=self.code)
            return WORDS["refused"]
        return words

    @property
    def status(self) -> int:
        """The HTTP status of the problem."""
        return self.words.status


def in_body(field: str) -> str:  # noqa: ARG001 -- a `Place`
    """Return "body": a field of a request that has nothing else."""
    return BODY


def place_in(request: Request) -> Place:
    """Return a function that tells in which part of this request a field is, by its name.

    It is in the path or a header if one has its name, in the query if the request has no body by its method, and else
    in the body.
    """

    def place(field: str) -> str:
        if field in request.path_params:
            return "path"
        if field in HEADERS:
            return "header"
        without_body = request.method in ("GET", "HEAD", "DELETE")
        return "query" if without_body or field in request.query_params else BODY

    return place


def document(
    problem: Problem, *, lang: str, request: str, place: Place = in_body, zone: str = DEFAULT
) -> dict[str, Any]:
    """Return the body of the problem's response (RFC 9457) as a dictionary.

    `lang` is the language of `title` and `detail`, `request` the request's id, and `zone` the campaign's time zone, in
    which times are given; a detail with a time names it. `place` tells in which part of the
    request a field is: what is in the body is named by a JSON pointer, anything else by its name and where it is.
    """
    where = in_body if problem.place == BODY else (lambda _: problem.place) if problem.place else place
    words, facts = problem.words, {**problem.facts, "request": request}
    detail_zh, detail_en = _details(words, facts, zone)
    titles = {"zh": words.zh, "en": words.en}
    details = {"zh": detail_zh or words.zh, "en": detail_en or words.en}
    body: dict[str, Any] = {
        "type": URN + problem.code,
        "code": problem.code,
        "status": words.status,
        "title": titles[lang],
        "detail": details[lang],
        "title_zh": words.zh,
        "title_en": words.en,
        "detail_zh": details["zh"],
        "detail_en": details["en"],
        "instance": f"urn:baijia:request:{request}",
    }
    if problem.field:
        body["field"] = problem.field
    if problem.facts:
        body["facts"] = with_texts(problem.facts, zone=zone)
    if problem.errors:
        body["errors"] = [
            {**_location(path, where), **_field_words(code)} for path, codes in problem.errors.items() for code in codes
        ]
    elif problem.field:
        texts = {"code": problem.code, "zh": words.zh, "en": words.en}
        body["errors"] = [{**_location(problem.field, where), **texts}]
    return body


def response(
    problem: Problem,
    *,
    lang: str,
    request: str,
    headers: Mapping[str, str] | None = None,
    place: Place = in_body,
    zone: str = DEFAULT,
) -> Response:
    """Return the problem as an HTTP response; `lang`, `request`, `place` and `zone` as for `document`."""
    header_fields = {
        "Content-Language": LANGUAGE_TAGS[lang],
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    wait = str(problem.retry_s) if problem.retry_s is not None else RETRY_AFTER_S.get(problem.status)
    if wait is not None:
        header_fields["Retry-After"] = wait
    if problem.status == 401:
        header_fields["WWW-Authenticate"] = "Bearer"
    body = orjson.dumps(document(problem, lang=lang, request=request, place=place, zone=zone))
    return Response(
        body,
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**header_fields, **problem.headers, **(headers or {})},
    )


def with_texts(facts: Any, *, zone: str = DEFAULT) -> Any:
    """Return facts in which every problem code in the list `problems` has its texts in both languages.

    Facts without such a list are returned unchanged. `zone` is the campaign's time zone.
    """
    if isinstance(facts, dict) and isinstance(facts.get("problems"), list):
        return {**facts, "problems": [_with_texts(each, zone) for each in facts["problems"]]}
    return facts


def pointer(path: str) -> str:
    """Return what a service names, such as `title`, `files/0` or the JSON pointer `/files/0/name`, as a JSON pointer.

    The result is a URI fragment (RFC 6901, section 6), such as `#/files/0/name`; the whole body is `#`.
    """
    found = path if path.startswith("/") or not path else f"/{path}"
    return "#" + quote(found, safe="/~!$&'()*+,;=:@?-._")


def _location(path: str, place: Place) -> dict[str, str]:
    name = path.removeprefix("/")
    where = place(name)
    return {"pointer": pointer(path)} if where == BODY else {"parameter": name, "in": where}


def _field_words(code: str) -> dict[str, str]:
    if code in FIELDS:
        zh, en = FIELDS[code]
        return {"code": code, "zh": zh, "en": en}
    # A service's own validation answers in English; it only sees what passed the gateway's.
    return {"code": "invalid", "zh": FIELDS["invalid"][0], "en": code}


def _with_texts(item: Any, zone: str) -> Any:
    if not isinstance(item, dict) or "code" not in item or "zh" in item:
        return item
    code = str(item["code"])
    if code in FIELDS:
        zh, en = (_fill(text, item, "、", zone) for text in FIELDS[code])
    elif code in WORDS:
        facts = item.get("detail") or {}
        zh, en = WORDS[code].zh, WORDS[code].en
        more_zh, more_en = _details(WORDS[code], facts, zone)
        zh, en = (f"{zh}：{more_zh}" if more_zh else zh), (f"{en}: {more_en}" if more_en else en)
    else:
        return item
    return {**item, "zh": zh, "en": en}


def _details(words: Words, facts: Mapping[str, Any], zone: str) -> tuple[str, str]:
    """Return both details with their `{names}` filled in, lists joined by the punctuation of each language, and the
    zone named after a detail with a time.
    """
    zh, en = zone_names(zone)
    has_times = any(_is_instant(value) and f"{{{name}}}" in words.detail_zh for name, value in facts.items())
    detail_zh = _fill(words.detail_zh, _in_language(facts, "zh"), "、", zone)
    detail_en = _fill(words.detail_en, _in_language(facts, "en"), ", ", zone)
    if has_times and detail_zh and detail_en:
        return f"{detail_zh}（{zh.strip()}）", f"{detail_en} ({en})"
    return detail_zh, detail_en


def _in_language(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return the facts with the text of this language in place of each item of a list that has texts (`zh`, `en`)."""

    def text(item: Any) -> Any:
        return item[lang] if isinstance(item, dict) and lang in item else item

    return {name: [text(each) for each in value] if isinstance(value, list) else value for name, value in facts.items()}


def _fill(text: str, facts: Mapping[str, Any], between: str, zone: str) -> str:
    """Return the text with its `{names}` filled in; empty if a fact is missing, rather than a sentence with a gap."""
    try:
        shown = {name: _as_text(value, between, zone, ends=name in ENDS) for name, value in facts.items()}
        return text.format_map(shown)
    except (KeyError, IndexError, AttributeError):
        return ""


def _is_instant(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > UNKNOWN_DATES


def _as_text(value: Any, between: str, zone: str, *, ends: bool = False) -> str:
    if _is_instant(value):
        return (end_to_the_minute if ends else to_the_minute)(value, zone)
    if isinstance(value, (list, tuple)):
        return between.join(_as_text(each, between, zone) for each in value) or "—"
    return str(value)

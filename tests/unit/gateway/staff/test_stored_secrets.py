"""Nothing that is stored can be recomputed from a request's body with a secret: a scan of what services are sent
and of what moderation's log holds.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.http.idempotency import without_secrets
from gateway.routes import ROUTES
from gateway.routing.route import Route
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.town import Visitor
from tests.unit.submission.hosted import Town as Office

HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")
LEAST_CHARS = 12  # of a digest: fewer than 48 bits prove no guess
SECRET_NAMES = {"password", "new_password", "access_code", "link", "code_word"}


def derived(body: dict[str, Any]) -> Iterator[str]:
    """Yield the fast hashes, in hex, of a body and its parts, in the ways in which programs write them."""
    sorted_body = dict(sorted(body.items()))
    whole = [body, sorted_body, [{}, {}, body], [{}, {}, sorted_body], list(body.values()), *body.values()]
    texts = {each for each in body.values() if isinstance(each, str)}
    written = {text.encode() for text in texts}
    for each in whole:
        written |= {orjson.dumps(each), json.dumps(each).encode(), json.dumps(each, ensure_ascii=False).encode()}
    joined = itertools.permutations(sorted(texts), 2)
    written |= {separator.join(pair).encode() for pair in joined for separator in ("", ":", " ", "\n")}
    for name in HASHES:
        yield from (hashlib.new(name, each).hexdigest() for each in written)


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside a value, at any depth; bytes as hex."""
    match value:
        case str():
            yield value
        case bytes():
            yield value.hex()
        case dict():
            yield from strings(list(value.items()))
        case list() | tuple():
            for each in value:
                yield from strings(each)


def recomputed(stored: Iterable[str], body: dict[str, Any]) -> list[str]:
    """Return the stored values that contain the first characters of a hash of the body, or one of its secrets."""
    heads = {each[:LEAST_CHARS] for each in derived(body)} | {body[name] for name in SECRET_NAMES & set(body)}
    return sorted({each for each in stored if any(head in each for head in heads)})


def test_scan_finds_the_hash_that_was_once_stored():
    body = {"staff": "mo", "name": "莫", "roles": ["moderator"], "password": "kelp-orbit-58-saddle"}
    digest = hashlib.sha256(orjson.dumps([{}, {}, body], option=orjson.OPT_SORT_KEYS)).hexdigest()

    assert recomputed([f"{'0' * 32}.{digest[:16]}", "x"], body) == [f"{'0' * 32}.{digest[:16]}"]


def secret_routes() -> list[Route]:
    return [each for each in ROUTES if each.body is not None and SECRET_NAMES & set(each.body().fields)]


@pytest.mark.parametrize("route", secret_routes(), ids=lambda route: route.name)
def test_secret_of_a_body_takes_no_part_in_the_id_of_its_command(route: Route):
    assert route.body is not None
    names = SECRET_NAMES & set(route.body().fields)

    assert without_secrets(route.body, dict.fromkeys(names, "kelp")) == dict.fromkeys(names, True)


@pytest.fixture
def office(tmp_path: Path, visitor: Visitor) -> Office:
    """Moderation over a ledger in memory, which answers the calls of the visitor's gateway."""
    office = Office(tmp_path)
    office.open(CAMPAIGN_FILE.read_text())

    def answer(method: str) -> Any:
        def answered(call: dict[str, Any]) -> dict[str, Any]:
            role = (call["roles"] or [""])[0]
            return office.call(method, call["actor"], role, id=call["id"], **call["body"])

        return answered

    for method in ("set_password", "change_password"):
        visitor.town.answers["moderation", method] = answer(method)
    return office


def test_nothing_stored_can_be_recomputed_from_a_body_with_a_password(visitor: Visitor, office: Office):
    link = office.ok("appoint_staff", "olga", "organiser", staff="judge-li", name="李", roles=["judge"])["link"]
    first = {"staff": "judge-li", "link": link, "password": "quiet-lantern-7-moss"}
    own = {"password": "quiet-lantern-7-moss", "new_password": "kelp-orbit-58-saddle"}

    assert visitor.request("POST", "/passwords", key="k1", json=first).status_code == 200
    assert visitor.request("POST", "/my/password", role="judge", key="k1", json=own).status_code == 200

    commits = list(strings([each.document for each in office.ledger.read("moderation", 0)]))
    envelopes = [{name: each for name, each in call.items() if name != "body"} for _, _, call in visitor.town.calls]
    assert len(commits) > 20
    assert [recomputed([*commits, *strings(envelopes)], body) for body in (first, own)] == [[], []]

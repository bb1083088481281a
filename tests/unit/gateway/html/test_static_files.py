"""Files that pages load: names with a hash, what may be stored for how long, and the packages that are copied in."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from gateway.html.static_files import FILES, FOLDER, IMMUTABLE, find_file, hashed_name, read_files, static_url
from gateway.http.responses import SHARED
from tests.unit.gateway.town import Visitor

VENDOR = FOLDER / "vendor"
PACKAGES = json.loads((VENDOR / "packages.json").read_text())


def cached_as(visitor: Visitor, path: str) -> tuple[int, str | None]:
    answer = visitor.request("GET", path, plain=True)
    return answer.status_code, answer.headers.get("cache-control")


def test_name_with_the_hash_may_be_stored_for_ever_and_any_other_is_asked_for_again(visitor: Visitor):
    current, old = static_url("baijia.css"), "/static/baijia.0123456789ab.css"

    assert re.fullmatch(r"/static/baijia\.[0-9a-f]{12}\.css", current)
    assert cached_as(visitor, current) == (200, IMMUTABLE)
    assert cached_as(visitor, old) == cached_as(visitor, "/static/baijia.css") == (200, SHARED)
    for path in ("/static/baijia.abc.css", "/static/nothing.0123456789ab.css", "/static/", "/static/vendor"):
        assert cached_as(visitor, path)[0] == 404


def test_file_is_not_sent_twice(visitor: Visitor):
    etag = visitor.request("GET", "/static/baijia.css", plain=True).headers["etag"]

    answer = visitor.request("GET", "/static/baijia.css", plain=True, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_page_names_its_files_by_their_hashes(visitor: Visitor):
    loaded = re.findall(r'(?:src|href)="/static/([^"]*)"', visitor.request("GET", "/", plain=True).text)

    assert loaded
    assert [name for name in loaded if (found := find_file(name)) is None or not found[1]] == []


def test_script_finds_what_it_imports_under_its_hash(tmp_path: Path):
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport * from "./b.js";\nimport("./b.js");\n')
    (tmp_path / "b.js").write_text("export const b = 1;\n")

    before = read_files(tmp_path)
    b = hashed_name("b.js", before["b.js"].digest)
    (tmp_path / "b.js").write_text("export const b = 2;\n")
    after = read_files(tmp_path)

    assert before["a.js"].body.decode() == f'import {{ b }} from "./{b}";\nexport * from "./{b}";\nimport("./{b}");\n'
    assert before["a.js"].digest != after["a.js"].digest


@pytest.mark.parametrize("imported", ["a.js", "nothing.js"])
def test_script_that_imports_in_a_circle_or_nothing_is_refused(tmp_path: Path, imported: str):
    (tmp_path / "a.js").write_text(f'import "./{imported}";\n')

    with pytest.raises(ValueError, match="a circle, or no such file"):
        read_files(tmp_path)


def test_copied_file_is_the_one_that_its_package_has():
    copied = {each.name for each in VENDOR.iterdir()} - {"packages.json"}

    assert copied == set(PACKAGES)
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in copied} == {
        name: each["sha256"] for name, each in PACKAGES.items()
    }
    assert {each["licence"] for each in PACKAGES.values()} == {"0BSD", "MIT"}
    assert {"vendor/htmx.min.js", "vendor/tus.min.js"} <= set(FILES)

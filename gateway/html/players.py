"""How a page shows the films and sounds of an entry: by their renditions, or in words why not yet, or not at all.

The media worker writes `film.json` beside each rendition (`services/submission/film_recipe.py`); pages read it here and
hand it to the macro `film` of `html/media.html`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.http.problem_texts import WORDS
from gateway.http.problems import Problem
from gateway.routing.context import AppContext

FACTS = "film.json"
READY, CONVERTING, FAILED = "ready", "converting", "failed"


@dataclass(frozen=True, slots=True)
class Player:
    """A film or a sound on a page. `state` is ready, converting or failed; `why` says why it failed, and what to do.

    `form` names the format of the file for those who download it; `name` is that of the uploaded file.
    """

    sha256: str
    kind: str
    state: str
    width: int = 0
    height: int = 0
    form: str = ""
    name: str = ""
    why: str = ""


async def players(app: AppContext, files: Iterable[Mapping[str, Any]], kind: str, lang: str) -> list[Player]:
    """Return how a page shows those of these files that are of a kind, `video` or `audio`, in their order."""
    return [await _player(app, each, lang) for each in files if each["kind"] == kind]


async def _player(app: AppContext, file: Mapping[str, Any], lang: str) -> Player:
    sha256, kind, name = file["sha256"], file["kind"], str(file.get("name") or "")
    form = str(file.get("container") or "").upper()
    try:
        path = await app.copies.rendition_file(sha256, FACTS)
    except Problem:
        path = None  # the store does not answer: the page says what it says of a film that is not ready
    if path is None:
        return Player(sha256, kind, CONVERTING, form=form, name=name)
    facts = json.loads(path.read_bytes())
    if facts["state"] != "done":
        words = WORDS.get(facts["code"], WORDS["rendition-broken"])
        told = (words.zh, words.detail_zh) if lang == "zh" else (words.en, words.detail_en)
        why = "。".join(filter(None, told)) if lang == "zh" else ". ".join(filter(None, told))
        return Player(sha256, kind, FAILED, form=form, name=name, why=why)
    return Player(sha256, kind, READY, facts["width"], facts["height"], form=form, name=name)

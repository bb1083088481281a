"""The recipe of films and sounds for the media worker: their rendition, poster and strip (`film_renditions.py`).

Beside the files it stores `film.json`: whether there is a rendition, its size and length, or why there is none. It is
written last, so whoever finds it finds the rest.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared.media.copies import RENDITIONS
from shared.media.film_renditions import Failed, create
from shared.media.probe import Unreadable, read_streams
from shared.media.work import Recipe, Work, WorkFailed

NAME = RENDITIONS
FACTS = "film.json"


def do(work: Work) -> Mapping[str, Any]:
    """Write the rendition of a film or a sound, and return its facts. Raises WorkFailed and OSError."""
    sha256 = work.job.subject

    def progress(percent: int) -> None:
        work.progress = percent

    with work.copies.original_and_folder(sha256) as (original, folder):
        film = read_streams(original, work.run)
        created = film if isinstance(film, Unreadable) else create(original, folder, film, work.run, progress)
        if isinstance(created, Unreadable | Failed):
            _store_facts(work, folder, {"state": "failed", "code": created.code})
            raise WorkFailed(created.code, created.detail)
        facts = asdict(created)
        for path in sorted(folder.iterdir()):
            work.copies.put_rendition(sha256, path.name, path)
        shown = {name: facts[name] for name in ("name", "width", "height", "duration_ms", "bytes")}
        _store_facts(work, folder, {"state": "done", **shown})
        return facts


def _store_facts(work: Work, folder: Path, facts: Mapping[str, Any]) -> None:
    draft = folder / FACTS
    draft.write_text(json.dumps(facts), encoding="utf-8")
    work.copies.put_rendition(work.job.subject, FACTS, draft)


def recipe(rank: int) -> Recipe:
    """Return the recipe; of this work one job is done at a time."""
    return Recipe(NAME, frozenset({"video", "audio"}), rank, is_long=True, do=do, proof=FACTS)

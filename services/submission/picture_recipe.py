"""The recipe of pictures for the media worker: three widths, each as WebP and as JPEG (`shared/media/pictures.py`)."""

import json
from collections.abc import Mapping
from typing import Any

from shared.media.copies import PICTURES
from shared.media.limited_process import NOT_STORED, Finished, Limits
from shared.media.picture_sizes import WIDTHS
from shared.media.work import Recipe, Work, WorkFailed

LIMITS = Limits(cpu_s=40, wall_s=120.0, memory_bytes=1024 * 1024 * 1024)


def do(work: Work) -> Mapping[str, Any]:
    """Write a picture in every width, and return its facts. Raises WorkFailed and OSError."""
    sha256 = work.job.subject
    with work.copies.original_and_folder(sha256) as (original, folder):
        target = folder / "p"
        job = {"picture": str(original.absolute()), "target": str(target.absolute()), "outlet": ["widths", *WIDTHS]}
        ended = work.run(job, LIMITS)
        if not isinstance(ended, Finished):
            raise WorkFailed("media-too-large" if ended.reason == "memory" else "media-timeout", ended.reason)
        if ended.exit_code == NOT_STORED:
            raise OSError("the store of media cannot be read or written")
        if ended.exit_code:
            raise WorkFailed("media-unreadable", "the picture is broken or cut short")
        facts: dict[str, Any] = json.loads(ended.output)
        if "code" in facts:
            raise WorkFailed(facts["code"], facts["detail"])
        for path in sorted(folder.iterdir()):
            work.copies.put_rendition(sha256, path.name.removeprefix("p."), path)
        return facts


def recipe(rank: int) -> Recipe:
    """Return the recipe."""
    return Recipe(PICTURES, frozenset({"picture"}), rank, is_long=False, do=do, proof=f"{WIDTHS[0]}.webp")

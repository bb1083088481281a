"""Do the media worker's job of one film in this process, and print the most memory that it and its children had.

`python -m tests.bench.film_worker FILM FOLDER` prints, in bytes: this process, the child that encodes.
"""

import hashlib
import json
import resource
import sys
from pathlib import Path

from services.submission import film_recipe, media_worker
from shared.media.copies import PublicCopies
from shared.media.jobs import Job
from shared.media.work import Work


def main(film: Path, folder: Path) -> None:
    """Store a film under its hash, make its rendition, and print the figures."""
    with film.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    stored = folder / sha256[:2] / sha256
    stored.parent.mkdir(parents=True)
    film.rename(stored)
    assert media_worker.LANES  # what the worker has in memory is in memory
    facts = film_recipe.do(Work(Job(sha256, film_recipe.NAME, 1, ""), PublicCopies(folder)))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"worker": own, "child": facts["peak_bytes"], "bytes": facts["bytes"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

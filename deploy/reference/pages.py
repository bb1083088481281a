"""The reference pages under `docs/reference`, made from the code: settings, command line, HTTP and events.

`make reference` writes them (`deploy/generate.py`), and `make check` and a test fail where one is stale.

Promises: the same code gives the same bytes. Sentences come from where the code has them: comments beside fields,
docstrings, help texts and the table of problems.
Does not promise to explain: the how-to pages and the explanations do that.
"""

from pathlib import Path

import click

from deploy.local.paths import CHECKOUT
from deploy.reference.cli_page import cli_page
from deploy.reference.events_page import events_page
from deploy.reference.http_page import http_page
from deploy.reference.settings_page import settings_page

FOLDER = CHECKOUT / "docs" / "reference"


def files(baijia: click.Command) -> dict[Path, str]:
    """Return every reference page as the code makes it now: its path and its Markdown. `baijia` is the command line."""
    return {
        FOLDER / "settings.md": settings_page(),
        FOLDER / "cli.md": cli_page(baijia),
        FOLDER / "http.md": http_page(),
        FOLDER / "events.md": events_page(),
    }

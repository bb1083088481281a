"""`baijia certificates`: every valid certificate on paper, or as pictures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from deploy.commands.current_settings import settings
from deploy.commands.rpc_client import ask

LISTED_S = 60.0
Printed = Callable[[Mapping[str, Any], str], bytes]


@click.command()
@click.option("--pdf", type=click.Path(file_okay=False, path_type=Path), help="Write a PDF of each into this folder.")
@click.option("--png", type=click.Path(file_okay=False, path_type=Path), help="Write a picture of each.")
@click.option("--address", default="", help="Where people reach the gateway; without it BAIJIA_PUBLIC_URL.")
def certificates(pdf: Path | None, png: Path | None, address: str) -> None:
    """List the certificates with their state, and print the valid ones."""
    from gateway.certificates import document as paper

    here = settings()
    listed = ask(here, "ranking", "certificates", {}, deadline_s=LISTED_S)["certificates"]
    for each in listed:
        click.echo(f"{each['certificate']}\t{each['entry']}\t{each['status']}\t{each['why'] or ''}\t{each['unit']}")
    if pdf is None and png is None:
        return
    base = (address or here.public_url).rstrip("/")
    if not base:
        base = f"http://{here.host}:{here.gateway_port}"
        click.echo(f"没有公开网址，二维码指向 {base} / no public address: the codes lead to {base}", err=True)
    valid = [each for each in listed if each["status"] == "valid"]
    wanted: list[tuple[Path | None, Printed, str]] = [(pdf, paper.pdf, "pdf"), (png, paper.png, "png")]
    for folder, printed, ending in wanted:
        if folder is not None:
            _write(valid, folder, printed, base=base, ending=ending)


def _write(valid: list[dict[str, Any]], folder: Path, printed: Printed, *, base: str, ending: str) -> None:
    from gateway.certificates.bundle import file_name
    from gateway.http.problems import Problem

    folder.mkdir(parents=True, exist_ok=True)
    try:
        for each in valid:
            made = printed(each, f"{base}/certificates/{each['certificate']}")
            (folder / file_name(each, ending=ending)).write_bytes(made)
    except Problem as problem:
        raise click.ClickException(f"{problem.words.zh} / {problem.words.en}") from problem
    click.echo(f"{len(valid)} {ending} -> {folder}")

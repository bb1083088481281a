"""Command `baijia certificates`: list all certificates, and write the valid ones as PDF or PNG files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from deploy.commands.current_settings import settings
from deploy.commands.rpc_client import call_service

LIST_DEADLINE_S = 60.0
Renderer = Callable[[Mapping[str, Any], str], bytes]


@click.command()
@click.option(
    "--pdf",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a PDF of each valid certificate into this folder.",
)
@click.option(
    "--png",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a picture of each valid certificate into this folder.",
)
@click.option("--address", default="", help="Public address for the QR codes; default BAIJIA_PUBLIC_URL.")
def certificates(pdf: Path | None, png: Path | None, address: str) -> None:
    """List all certificates with their status; optionally write the valid ones to files."""
    from gateway.certificates import document

    current = settings()
    listed = call_service(current, "ranking", "certificates", {}, deadline_s=LIST_DEADLINE_S)["certificates"]
    for each in listed:
        click.echo(f"{each['certificate']}\t{each['entry']}\t{each['status']}\t{each['why'] or ''}\t{each['unit']}")
    if pdf is None and png is None:
        return
    base = (address or current.public_url).rstrip("/")
    if not base:
        base = f"http://{current.host}:{current.gateway_port}"
        click.echo(f"没有公开网址，二维码指向 {base} / no public address is set: the QR codes lead to {base}", err=True)
    valid = [each for each in listed if each["status"] == "valid"]
    wanted: list[tuple[Path | None, Renderer, str]] = [(pdf, document.pdf, "pdf"), (png, document.png, "png")]
    for folder, render, ending in wanted:
        if folder is not None:
            write_certificates(valid, folder, render, base=base, ending=ending)


def write_certificates(valid: list[dict[str, Any]], folder: Path, render: Renderer, *, base: str, ending: str) -> None:
    """Write each certificate into the folder. Raises ClickException that names those that cannot be printed in full,
    once the others are written.
    """
    from gateway.certificates.bundle import file_name
    from gateway.http.problems import Problem, document

    folder.mkdir(parents=True, exist_ok=True)
    refused: list[Problem] = []
    for each in valid:
        try:
            content = render(each, f"{base}/certificates/{each['certificate']}")
        except Problem as problem:
            if problem.code != "certificate-unprintable":
                raise click.ClickException(f"{problem.words.zh} / {problem.words.en}") from problem
            refused.append(problem)
        else:
            (folder / file_name(each, ending=ending)).write_bytes(content)
    click.echo(f"{len(valid) - len(refused)} {ending} -> {folder}")
    if refused:
        told = [document(each, lang="zh", request="") for each in refused]
        raise click.ClickException("\n".join(f"{each['detail_zh']}\n{each['detail_en']}" for each in told))

"""Command `baijia certificates`: list all certificates, and write the valid ones as PDF or PNG files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from deploy.commands.command import Command
from deploy.commands.console_tables import Column, table_lines
from deploy.commands.current_settings import settings
from deploy.commands.entry_names import EntryNames
from deploy.commands.language import BOTH, in_language, text
from deploy.commands.progress import progress
from deploy.commands.refusals import CommandRefused
from deploy.commands.rpc_client import call_service, entry_names
from gateway.http.reference_numbers import format_number

STATUSES = {"valid": ("有效", "valid"), "revoked": ("无效", "not valid")}
WHYS = {
    "order": ("组织者撤销", "by order"),
    "disqualified": ("取消资格", "disqualified"),
    "replaced": ("结果已更换", "result replaced"),
    "reissued": ("已换发", "reissued"),
    "changed": ("名次有变", "place changed"),
}
COLUMNS = (
    Column("证书", "certificate"), Column("成果", "entry", wraps=True), Column("状态", "status"),
    Column("原因", "why", wraps=True), Column("单位", "unit", wraps=True),
)  # fmt: skip
LIST_DEADLINE_S = 60.0
Renderer = Callable[[Mapping[str, Any], str], bytes]


@click.command(cls=Command)
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
    click.echo("\n".join(certificate_lines(listed, entry_names(current) if listed else EntryNames())))
    if pdf is None and png is None:
        return
    base = (address or current.public_url).rstrip("/")
    if not base:
        base = f"http://{current.host}:{current.gateway_port}"
        click.echo(
            text(f"没有公开网址，二维码指向 {base}", f"no public address is set: the QR codes lead to {base}"), err=True
        )
    valid = [each for each in listed if each["status"] == "valid"]
    wanted: list[tuple[Path | None, Renderer, str]] = [(pdf, document.pdf, "pdf"), (png, document.png, "png")]
    for folder, render, ending in wanted:
        if folder is not None:
            write_certificates(valid, folder, render, base=base, ending=ending)


def write_certificates(valid: list[dict[str, Any]], folder: Path, render: Renderer, *, base: str, ending: str) -> None:
    """Write each certificate into the folder. Raises CommandRefused that names those that cannot be printed in full,
    once the others are written.
    """
    from gateway.certificates.bundle import file_name
    from gateway.http.problems import Problem, document

    folder.mkdir(parents=True, exist_ok=True)
    refused: list[Problem] = []
    with progress("写出证书", "writing certificates", len(valid)) as completed:
        for n, each in enumerate(valid, start=1):
            try:
                content = render(each, f"{base}/certificates/{each['certificate']}")
            except Problem as problem:
                if problem.code != "certificate-unprintable":
                    raise
                refused.append(problem)
            else:
                (folder / file_name(each, ending=ending)).write_bytes(content)
            completed(n)
    click.echo(f"{len(valid) - len(refused)} {ending} -> {folder}")
    if refused:
        documents = [document(each, lang="zh", request="") for each in refused]
        raise CommandRefused(
            f"{len(refused)} 份证书印不全",
            f"{len(refused)} certificates cannot be printed in full",
            code="certificate-unprintable",
            details="\n".join(f"  {in_language(each['detail_zh'], each['detail_en'], BOTH)}" for each in documents),
        )


def certificate_lines(listed: Sequence[Mapping[str, Any]], names: EntryNames) -> list[str]:
    """Return certificates as a table in lines: number, entry, status with its reason, and unit."""
    if not listed:
        return [text("还没有证书", "no certificates yet")]
    rows = [
        [
            format_number(each["certificate"]),
            names.short(each["entry"]),
            STATUSES[each["status"]],
            WHYS.get(each["why"] or "", each["why"] or ""),
            each["unit"],
        ]
        for each in listed
    ]
    return table_lines(COLUMNS, rows)

"""`baijia wechat …`: for organisers who set up their account at WeChat.

Promises: `vectors` exits 1 unless every vector comes out, and says of each that does not what differs.
Does not promise that WeChat would say the same: a vector is as good as its source.
"""

import json
from pathlib import Path
from typing import Any

import click

from gateway.wechat.vectors import differences


@click.group()
def wechat() -> None:
    """WeChat accounts: signatures, keys and messages."""


@wechat.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def vectors(file: Path) -> None:
    """Check each vector of FILE against the gateway's own code; exit 1 unless all come out.

    FILE is a JSON list of objects with an id, a kind (url, decrypt, encrypt, jssdk, wxa_sig, wxa_data) and its fields,
    as in tests/unit/gateway/wechat/vectors.json.
    """
    sound, listed = 0, _listed(file)
    for place, vector in enumerate(listed, 1):
        found = differences(vector)
        sound += not found
        click.echo(f"{_named(vector, place)} {'; '.join(found) or 'ok'}")
    click.echo(f"{sound} of {len(listed)}")
    if sound < len(listed):
        raise SystemExit(1)


def _listed(file: Path) -> list[Any]:
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))
    except OSError as refusal:
        raise click.ClickException(f"{file}: 文件读不了 / the file cannot be read: {refusal.strerror}") from refusal
    except UnicodeDecodeError as refusal:
        raise click.ClickException(f"{file}: 文件不是 UTF-8 编码 / the file is not UTF-8") from refusal
    except (ValueError, RecursionError) as refusal:
        raise click.ClickException(f"{file}: 不是 JSON / this is no JSON: {refusal}") from refusal
    if not isinstance(listed, list) or not listed:
        raise click.ClickException(f"{file}: 应为非空的 JSON 列表 / a JSON list with vectors in it is wanted")
    return listed


def _named(vector: Any, place: int) -> str:
    said = vector if isinstance(vector, dict) else {}
    return f"{said.get('id', f'#{place}')} {said.get('kind', '?')}"

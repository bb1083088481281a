"""WeChat on this machine, for rehearsals: the simulator as one process more, and what the product is told of it.

Promises: runs beside a stack that was started `simulated`, until the next `start` or `stop`; the accounts and their
secrets are invented, once for each folder of data. It proves nobody's identity: a live campaign is never told of it
(`run.py` refuses), as little as it has the development door.

It is no row of the process table, for it is no part of the product: neither compose nor Kubernetes knows of it.
`tests/wechat_sim` is started by its name and not imported, so nothing of the product depends on a test.
"""

import base64
import secrets
from pathlib import Path

from deploy.local import state_files
from deploy.topology.processes import Process

PROCESS = Process("wechat-sim", ("wechat-sim",), 9110, health="/sim/accounts", ready="/sim/accounts")
MODULE = "tests.wechat_sim"
KINDS = ("service", "subscription")


def environment(data: Path, *, wechat: str, gateway: str) -> dict[str, str]:
    """The settings of a product whose WeChat is at the address `wechat`. Writes its secrets where there are none."""
    file = data / "wechat.toml"
    if not file.exists():
        state_files.write(file, "\n\n".join(_account(kind) for kind in KINDS) + "\n")
    return {
        "BAIJIA_WECHAT_FILE": str(file),
        "BAIJIA_WECHAT_API": wechat,
        "BAIJIA_WECHAT_OPEN": wechat,
        "BAIJIA_PUBLIC_URL": gateway,
    }


def command(accounts: Path, *, port: int, gateway: str) -> list[str]:
    """What `python` is given to be the simulator."""
    told = [f"--callback={kind}={gateway}/wechat" for kind in KINDS]
    return ["-m", MODULE, "--port", str(port), "--accounts", str(accounts), *told]


def _account(kind: str) -> str:
    fields = {
        "appid": f"wx{secrets.token_hex(8)}",
        "original_id": f"gh_{secrets.token_hex(6)}",
        "secret": secrets.token_hex(16),
        "token": secrets.token_hex(8),
        "aeskey": base64.b64encode(secrets.token_bytes(32), altchars=b"Aa").decode()[:43],
        "mode": "safe",
    }
    return "\n".join([f"[{kind}]", *(f'{name} = "{value}"' for name, value in fields.items())])

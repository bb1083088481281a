"""Run the WeChat simulator beside a local stack for rehearsals, and configure the product to use it.

Promises: the simulator runs beside a stack that was started with `simulate`, until the next `start` or `stop`. The
accounts and their secrets are invented once for each data folder. The simulator proves nobody's identity, so it never
serves a live campaign (`run.py` refuses), just as a live campaign has no development door.

It is not in the process table, because it is not part of the product: neither Compose nor Kubernetes runs it.
`tests/wechat_sim` is started by name and never imported, so that no product code depends on test code.
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
    """Return the settings with which the product uses the simulator at the URL `wechat` in place of WeChat.

    `gateway` is the product's own URL. If `data` has no secrets file, one with invented accounts is created.
    """
    file = data / "wechat.toml"
    if not file.exists():
        state_files.write(file, "\n\n".join(_account(kind) for kind in KINDS) + "\n")
    return {
        "BAIJIA_WECHAT_FILE": str(file),
        "BAIJIA_WECHAT_API": wechat,
        "BAIJIA_WECHAT_OPEN": wechat,
        "BAIJIA_WECHAT_MP": wechat,
        "BAIJIA_PUBLIC_URL": gateway,
    }


def command(accounts: Path, *, port: int, gateway: str) -> list[str]:
    """Return Python's arguments to run the simulator on `port`, with the accounts of the file `accounts`.

    It pushes messages to the product at the URL `gateway`.
    """
    callbacks = [f"--callback={kind}={gateway}/wechat" for kind in KINDS]
    return ["-m", MODULE, "--port", str(port), "--accounts", str(accounts), *callbacks]


def _account(kind: str) -> str:
    fields = {
        "appid": f"wx{secrets.token_hex(8)}",
        "original_id": f"gh_{secrets.token_hex(6)}",
        "secret": secrets.token_hex(16),
        "token": secrets.token_hex(8),
        "aeskey": base64.b64encode(secrets.token_bytes(32), altchars=b"Aa").decode()[:43],
        "mode": "safe",
    }
    if kind == "service":
        fields["template_id"] = secrets.token_urlsafe(32)
    return "\n".join([f"[{kind}]", *(f'{name} = "{value}"' for name, value in fields.items())])

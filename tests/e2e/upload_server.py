"""A gateway that takes uploads, on a real socket: `python -m tests.e2e.upload_server DATA PORT` runs it as a process.

Its other services are those of the gateway's unit tests. Several may run on one data folder, as gateways do.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.http.server_protocol import SERVING
from gateway.http.sessions import Sessions
from gateway.read_models.cache import Views
from shared.keys import Keys
from shared.settings import Settings
from tests.e2e.web_server import free_port
from tests.files import ROOT
from tests.unit.gateway.town import CLOCK, VIEWS, Town

LARGEST = 300_000_000
CAMPAIGN = "demo"
START_S = 120.0


def settings_of(data: Path, **more: str) -> Settings:
    """Return the settings of a gateway on this data folder."""
    return Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": CAMPAIGN, **more})


def upload_app(data: Path, town: Town | None = None, **more: str) -> Any:
    """Return a gateway on this data folder, whose submission takes every file for a picture."""
    services = town or Town()
    services.answers["moderation", "campaign"] = {"ok": {"entry": {"video_max_bytes": LARGEST}}}
    services.answers["submission", "inspect_upload"] = _inspect
    views = Views(wall=lambda: CLOCK + 1)
    views.load({name: {"cut": {"moderation": 5, "submission": 9}, "data": each} for name, each in VIEWS.items()})
    return create_app(settings_of(data, **more), Ports(services, services, views), folded_logs=FOLDED_LOGS)


def bearer(data: Path, unit: str = "u1") -> str:
    """Return the header Authorization of a session of a unit."""
    token, _ = Sessions(Keys.of(data, CAMPAIGN).session, CAMPAIGN).issue(unit, frozenset({"unit"}), name="")
    return f"Bearer {token}"


def _inspect(call: dict[str, Any]) -> dict[str, Any]:
    sha256 = call["body"]["path"].rpartition("/")[2]
    return {"ok": {"sha256": sha256, "kind": "picture", "name": call["body"]["name"], "problems": []}}


@contextlib.contextmanager
def gateway_process(data: Path, module: str = __name__) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a gateway, or another module that takes its arguments, as a process while the context is entered."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *([str(data)] if module == __name__ else []), str(port)],
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    uvicorn.run(upload_app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", **SERVING)

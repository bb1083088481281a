"""Start a real S3 server for tests: versitygw, which `deploy/setup` builds, with its files in a temporary folder."""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import paths
from shared.media.storage import Bucket
from tests.files import ROOT

START_S = 120.0


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[Bucket]:
    """Run an S3 server with one empty bucket while the context is entered, and give its account."""
    buckets, log = folder / "buckets", folder / "log"
    (buckets / "media").mkdir(parents=True)
    key, secret, port = secrets.token_hex(8), secrets.token_hex(16), _free_port()
    endpoint = f"127.0.0.1:{port}"
    command = [_program(), "--port", endpoint, "--region", "cn-north-1", "posix"]
    environment = {"ROOT_ACCESS_KEY": key, "ROOT_SECRET_KEY": secret, "PATH": os.defpath}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, str(buckets)], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(endpoint, process, log)
        yield Bucket("s3://media/uploads", key, secret, f"http://{endpoint}", "cn-north-1")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _program() -> str:
    built = paths.cache() / "versitygw"
    found = shutil.which("versitygw") or (str(built) if os.access(built, os.X_OK) else None)
    if found is None:
        if (ROOT / "build" / "versitygw.log").exists():
            pytest.skip("versitygw could not be built on this machine: build/versitygw.log says why")
        pytest.fail("versitygw is not installed; `make test` and `deploy/setup tests` build it")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(endpoint: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the server answers HTTP."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection(endpoint, timeout=1)
            connection.request("GET", "/")
            connection.getresponse()
            connection.close()
            return
        time.sleep(0.05)
    pytest.fail(f"the S3 server did not start: {log.read_text(errors='replace')[-2_000:]}")

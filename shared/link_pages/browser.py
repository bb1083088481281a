"""Open a page in a browser of its own, and return what it shows: its picture, title and text.

The browser is Debian's or any other Chromium, if one is installed; it gets a fresh profile that is deleted, and is
spoken to over a pipe (Chrome DevTools Protocol).

Promises: the browser keeps its sandbox, and runs as `nobody` where this process is root; every connection goes through
`GuardedProxy`, names are resolved there alone, and what does not use a proxy (QUIC, WebRTC) is switched off; service
workers, downloads and dialogs do nothing; after `within_s` seconds the browser and all that it started are killed.
Does not promise a picture: without a browser, or where it may not start, there is none, and that is no error.
"""

import base64
import contextlib
import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.link_pages.guard import Guard
from shared.link_pages.proxy import GuardedProxy
from shared.media.page_text import described

NAMES = ("chromium", "chromium-browser", "google-chrome-stable")
WITHIN_S = 25.0
SETTLE_S = 3.0  # after it has loaded, a page gets so long to show itself
WIDTH, HEIGHT, SCALE = 390, 844, 2  # a telephone
ANSWER_BYTES = 32 * 1024 * 1024
TEXT = """(() => {
  const named = (name) => (document.querySelector(`meta[name="${name}"],meta[property="${name}"]`) || {}).content || "";
  return JSON.stringify({
    url: location.href, title: document.title || named("og:title"),
    description: named("description") || named("og:description"),
    text: (document.body ? document.body.innerText : "").slice(0, 200000),
  });
})()"""
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--incognito", "--mute-audio", "--hide-scrollbars",
    "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync", "--disable-default-apps",
    "--disable-background-networking", "--disable-component-update", "--disable-domain-reliability", "--no-pings",
    "--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--block-new-web-contents",
    "--disable-features=Translate,MediaRouter,OptimizationHints,DnsOverHttps", "--js-flags=--max-old-space-size=256",
)  # fmt: skip
_NOBODY = "nobody"
#: The pipes get the numbers at which the browser looks for them, without code between fork and exec.
_RENUMBER = 'in=$1; out=$2; shift 2; exec "$@" 3<&"$in" 4>&"$out"'


class NoBrowser(Exception):
    """There is no browser, or it did not start, or it showed nothing in time."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser showed of a page: where it ended, its facts (`page_text.described`), and its picture as PNG."""

    url: str
    facts: dict[str, Any]
    picture: bytes


@dataclass(frozen=True, slots=True)
class Browser:
    """Opens pages. Tests pass another guard, and flags that trust their own authority."""

    guard: Guard = field(default_factory=Guard)
    within_s: float = WITHIN_S
    flags: Sequence[str] = ()

    def show(self, url: str) -> Visit:
        """Return what a browser shows at an address. Raises NoBrowser."""
        program = next((found for found in map(shutil.which, NAMES) if found), None)
        if program is None:
            raise NoBrowser("no browser is installed")
        until_s = time.monotonic() + self.within_s
        with (
            GuardedProxy(self.guard, within_s=self.within_s) as proxy,
            tempfile.TemporaryDirectory(prefix="baijia-link-", ignore_cleanup_errors=True) as folder,
            _started(
                [program, *FLAGS, f"--proxy-server=http://127.0.0.1:{proxy.port}", *self.flags], Path(folder)
            ) as pipe,
        ):
            talk = _Talk(*pipe, until_s)
            try:
                return _visited(talk, url)
            except (OSError, EOFError, TimeoutError, KeyError, ValueError) as problem:
                raise NoBrowser(repr(problem)) from problem


def _visited(talk: "_Talk", url: str) -> Visit:
    target = talk.call("Target.createTarget", {"url": "about:blank"})["targetId"]
    talk.session = talk.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
    talk.call("Browser.setDownloadBehavior", {"behavior": "deny"}, is_of_page=False)
    for method, values in (
        ("Page.enable", {}),
        ("Network.enable", {}),
        ("Network.setBypassServiceWorker", {"bypass": True}),
        ("Emulation.setDeviceMetricsOverride", {
            "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": SCALE, "mobile": True,
        }),
    ):  # fmt: skip
        talk.call(method, values)
    answer = talk.call("Page.navigate", {"url": url})
    if answer.get("errorText"):
        raise NoBrowser(str(answer["errorText"]))
    with contextlib.suppress(TimeoutError):
        talk.wait("Page.loadEventFired", max(0.0, talk.left_s() - SETTLE_S - 5.0))
    talk.pause(min(SETTLE_S, max(0.0, talk.left_s() - 5.0)))
    found = json.loads(talk.call("Runtime.evaluate", {"expression": TEXT})["result"]["value"])
    picture = talk.call("Page.captureScreenshot", {"format": "png"})["data"]
    facts = described(str(found["title"]), str(found["description"]), str(found["text"]))
    return Visit(str(found["url"]), facts, base64.b64decode(picture))


class _Talk:
    """A conversation with the browser: calls and events are JSON texts that end with a zero byte."""

    def __init__(self, reading: int, writing: int, until_s: float) -> None:
        self._reading, self._writing, self._until_s = reading, writing, until_s
        self._waiting = b""
        self._number = 0
        self._events: list[str] = []
        self.session = ""

    def left_s(self) -> float:
        """Return how many seconds are left."""
        return max(0.0, self._until_s - time.monotonic())

    def call(self, method: str, values: dict[str, Any], *, is_of_page: bool = True) -> dict[str, Any]:
        """Return the browser's answer to a call. Raises TimeoutError, EOFError and ValueError."""
        number = self._send(method, values, is_of_page=is_of_page)
        while True:
            message = self._next(self.left_s())
            if message.get("id") == number:
                if "error" in message:
                    raise ValueError(str(message["error"]))
                result: dict[str, Any] = message["result"]
                return result

    def wait(self, event: str, within_s: float) -> None:
        """Wait for an event that may have come already. Raises TimeoutError."""
        until_s = time.monotonic() + within_s
        while event not in self._events:
            self._next(until_s - time.monotonic())

    def pause(self, seconds: float) -> None:
        """Let the page work for some time, and answer its dialogs meanwhile."""
        until_s = time.monotonic() + seconds
        with contextlib.suppress(TimeoutError):
            while True:
                self._next(until_s - time.monotonic())

    def _send(self, method: str, values: dict[str, Any], *, is_of_page: bool = True) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self.session and is_of_page:
            message["sessionId"] = self.session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        return self._number

    def _next(self, within_s: float) -> dict[str, Any]:
        """Return the next message of the browser, and refuse a dialog if it is one."""
        until_s = time.monotonic() + within_s
        while b"\0" not in self._waiting:
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not select.select([self._reading], [], [], left_s)[0]:
                raise TimeoutError("the browser took too long")
            part = os.read(self._reading, 1 << 16)
            if not part or len(self._waiting) > ANSWER_BYTES:
                raise EOFError("the browser ended, or said too much")
            self._waiting += part
        text, _, self._waiting = self._waiting.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self._events.append(message["method"])
            if message["method"] == "Page.javascriptDialogOpening":
                self._send("Page.handleJavaScriptDialog", {"accept": False})
        return message


@contextlib.contextmanager
def _started(command: list[str], folder: Path) -> Iterator[tuple[int, int]]:
    """Run the browser, and give the ends of the pipes from and to it; kill it, with all that it started, at the end."""
    user = _NOBODY if os.geteuid() == 0 else None
    if user is not None:
        found = pwd.getpwnam(user)
        os.chown(folder, found.pw_uid, found.pw_gid)
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()
    line = ["bash", "-c", _RENUMBER, "bash", str(from_us), str(to_us)]
    try:
        process = subprocess.Popen(
            [*line, *command, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            pass_fds=(from_us, to_us),
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LANG": "zh_CN.UTF-8"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user is not None else None,
            extra_groups=[] if user is not None else None,
        )
    except OSError as problem:
        for each in (from_us, to_us, from_browser, to_browser):
            os.close(each)
        raise NoBrowser(repr(problem)) from problem
    os.close(from_us)
    os.close(to_us)
    try:
        yield from_browser, to_browser
    finally:
        os.close(to_browser)
        os.close(from_browser)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

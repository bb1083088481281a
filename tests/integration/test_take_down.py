"""What is taken away is seen by nobody a minute later: real processes, two gateways, and a clock beside the engines.

To the time that passes until no gateway shows it, the longest time is added for which any cache before a gateway may
store an answer without asking again.
"""

import re
import time
from contextlib import ExitStack

import httpx
import pytest

from services.moderation import events as desk
from services.ranking import events as own
from services.submission import events as intake
from tests.integration.processes import Process, process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.ranking.stories import END, until_exhibited

pytestmark = pytest.mark.slow

PATHS = (
    "/", "/boards", "/exhibition", "/exhibition/feed.atom", "/exhibition/feed.json", "/entries/A002", "/entries/B001",
    "/search?q=title", "/api/v1/entries", "/api/v1/entries?q=title", "/api/v1/entries/A002", "/api/v1/entries/B001",
    "/api/v1/exhibition", "/api/v1/leaderboard", "/api/v1/result",
)  # fmt: skip
LIMIT_S = 60.0
MAX_AGE = re.compile(r"(?:s-maxage|max-age)=(\d+)")


def url(gateway: Process, path: str) -> str:
    return f"http://127.0.0.1:{gateway.environment['BAIJIA_GATEWAY_PORT']}{path}"


def showing(gateways: list[Process], *names: str) -> dict[str, int]:
    """Return the outlets of all gateways that show one of the names, with the seconds for which a cache may keep it."""
    found = {}
    for gateway in gateways:
        for path in PATHS:
            answer = httpx.get(url(gateway, path))
            if any(name in answer.text for name in names):
                ages = MAX_AGE.findall(answer.headers.get("cache-control", ""))
                found[url(gateway, path)] = max((int(each) for each in ages), default=0)
    return found


def test_what_was_taken_away_is_seen_by_nobody_a_minute_later(place: Place) -> None:
    story = until_exhibited()
    del story["ranking"][-1]  # nothing is taken down yet
    for log, commits in story.items():
        place.append(log, *commits)
    with ExitStack() as stack:
        caller, _ = stack.enter_context(running_services(place, "ranking", "submission"))
        for each in ("relay", "projector"):
            stack.enter_context(process(place, each)).wait_ready()
        gateways = [stack.enter_context(process(place, "gateway")).wait_ready() for _ in range(2)]
        wait(lambda: len(showing(gateways, "title u3-1")) >= 2 * 10, what="both gateways show the entry")
        before = showing(gateways, "title u3-1", "title u2-1")

        began = time.monotonic()
        answer = caller.call("ranking", "take_down", {"entry": "u3-1", "reason": "rights"}, roles=("organiser",))
        assert "ok" in answer, answer
        place.append("moderation", [desk.EntryDisqualified("u2-1", "false", by="o1", at=END + 12)])
        place.append("submission", [intake.EntryWithdrawn("u1-1", by="u1", reason="", at=END + 13)])
        wait(
            lambda: showing(gateways, "title u3-1", "title u2-1", "title u1-1") == {}, what="nothing is shown any more"
        )
        passed_s = time.monotonic() - began

        print(f"gone after {passed_s:.1f} s, and {max(before.values())} s at most in a cache before a gateway")
        assert passed_s + max(before.values()) < LIMIT_S
        codes = {path: [httpx.get(url(each, path)).status_code for each in gateways] for path in PATHS[5:7]}
        assert codes == {"/entries/A002": [410, 410], "/entries/B001": [410, 410]}


def test_taken_down_is_an_event_that_no_restart_forgets(place: Place) -> None:
    story = until_exhibited()
    assert isinstance(story["ranking"][-1][0], own.EntryTakenDown)
    for log, commits in story.items():
        place.append(log, *commits)
    with ExitStack() as stack:
        stack.enter_context(running_services(place, "ranking", "submission"))
        for each in ("relay", "projector"):
            stack.enter_context(process(place, each)).wait_ready()
        gateway = stack.enter_context(process(place, "gateway")).wait_ready()

        wait(lambda: httpx.get(url(gateway, "/entries/B001")).status_code == 410, what="the page says that it is gone")

        assert showing([gateway], "title u3-1") == {}

"""The projector and the ranking service on the real engines, from an open campaign to a rebuilt result."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import orjson
import pytest
from kombu.message import Message
from kombu.messaging import Consumer

from services.moderation import events as desk
from services.ranking.events import SeedRevealed
from services.ranking.read_model.projection import RankingProjection
from services.ranking.rebuild import SOURCES, rebuild_and_compare
from services.ranking.views.stream import ViewStream
from services.voting import events as votes
from shared import streams
from shared.cursors import MongoCursors
from shared.projection import ProjectionStore
from tests.integration.processes import process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.ranking.stories import PARTITIONS, START, liked, until_judged

pytestmark = pytest.mark.slow


def write_judged_campaign(place: Place) -> None:
    """Write the judged campaign, with the seed of the lot that this campaign's keys contain."""
    for log, commits in until_judged(seed=place.keys.lot).items():
        place.append(log, *commits)


def relay_all(place: Place) -> None:
    """Relay everything in the ledger to the streams."""
    logs = [*(f"vote.{p}" for p in range(PARTITIONS)), "vote.cases", "moderation", "submission", "scoring", "ranking"]
    with place.broker() as connection:
        for log in logs:
            streams.declare(connection, place.campaign, log)
        relay = place.relay(MongoCursors(place.database), logs)
        publisher = streams.ConfirmedPublisher(connection)
        while relay.step(publisher):
            pass


def heads(place: Place) -> dict[str, int]:
    """Return the last commit number of each log."""
    return {log: place.ledger.head(log) for log in until_judged()}


def view_messages(place: Place) -> list[Message]:
    """Return all messages on the view stream."""
    arrived: list[Message] = []
    with place.broker() as connection, connection.channel() as channel:
        queue = streams.stream_queue(f"{place.campaign}.views", offset="first", max_age="1D")
        with Consumer(channel, [queue], on_message=arrived.append, accept=None, prefetch_count=500):
            while streams.drain(connection, 0.5):
                pass
    return arrived


def views_of(place: Place) -> dict[str, dict[str, Any]]:
    """Return the last message of each view on the stream."""
    return {each["view"]: each for each in (orjson.loads(message.body) for message in view_messages(place))}


@contextmanager
def ranking_service(place: Place) -> Iterator[Callable[..., dict[str, Any]]]:
    """Start the ranking service; yield a function that calls it as a gateway does."""
    with running_services(place, "ranking") as (caller, _):

        def call(
            method: str, actor: str = "o1", role: str = "organiser", *, at_least: Any = None, **body: Any
        ) -> dict[str, Any]:
            return caller.call("ranking", method, body, actor=actor, roles=(role,), at_least=at_least or {})

        yield call


def test_the_projector_stores_tells_and_goes_on_after_a_kill(place: Place) -> None:
    write_judged_campaign(place)
    relay_all(place)

    with process(place, "projector") as first:
        wait(lambda: place.stored_cut() == heads(place), what="everything is folded and stored")
        first.wait_ready()
        wait(lambda: len(views_of(place)) == 7, what="all views are published")
        first.kill()
    place.append("vote.1", [liked("u1-1", voter="late")])
    place.append("moderation", [desk.EntryFrozen("u1-1", "complaint", by="m", at=START)])
    relay_all(place)
    with process(place, "projector"):
        wait(lambda: place.stored_cut() == heads(place), what="the rest is folded and stored")
        wait(lambda: views_of(place)["campaign"]["data"]["moderation"] == 9, what="the change is published")

    views = views_of(place)
    assert heads(place) == views["board"]["cut"]
    assert {each["likes"] for each in views["board"]["data"]["types"]["state"]} == {None}  # no result is published
    table = ProjectionStore(place.database).load(RankingProjection()).table
    assert sorted(table.likes.valid()[each["entry"]] for each in views["board"]["data"]["types"]["state"]) == [2, 3]
    assert views["entries"]["data"]["entries"]["u1-1"]["frozen"]
    for source in SOURCES:
        assert rebuild_and_compare(place.settings, source=source).equal


def test_a_view_is_told_as_json_and_once_until_it_changes(place: Place) -> None:
    with closing(ViewStream(place.settings.amqp_uri, place.campaign)) as stream:
        for n in (1, 2):
            stream.publish({"board": {"types": {}}}, {"vote.0": n})

    messages = [(each.content_type, orjson.loads(each.body)) for each in view_messages(place)]

    assert messages == [("application/json", {"view": "board", "cut": {"vote.0": 1}, "data": {"types": {}}})]


def test_the_projector_follows_the_ledger_where_no_relay_runs(place: Place) -> None:
    with process(place, "projector") as projector:
        projector.wait_ready()  # there is no campaign to fold yet
        write_judged_campaign(place)
        wait(lambda: place.stored_cut() == heads(place), what="everything is folded and stored")


def test_an_event_that_cannot_be_applied_stops_the_projector_and_is_named(place: Place) -> None:
    write_judged_campaign(place)
    with process(place, "projector") as projector:
        wait(lambda: place.stored_cut() == heads(place), what="everything is folded and stored")
        before = place.stored_cut()
        place.append("vote.cases", [votes.LikesHeld("case", "u1-1", ("no address",), "burst", at=START)])

        wait(lambda: "following" in projector.ready().get("missing", ()), what="the projector has stopped")

        projector.wait_logs("vote.cases/4/0")
        page = httpx.get(f"http://127.0.0.1:{projector.port}/metrics").text
        assert 'baijia_follower_stopped{role="projector"} 1.0' in page
        assert before == place.stored_cut()
    with ranking_service(place) as call:
        assert call("table")["refused"]["detail"] == {"event": "vote.cases/4/0"}


def test_from_closed_polls_to_the_exhibition_by_rpc(place: Place) -> None:
    write_judged_campaign(place)

    with ranking_service(place) as call:
        assert call("fix_cohort", "clock", "operator")["refused"]["code"] == "cohort-already-fixed"
        assert call("propose_result", "u1", "unit")["refused"]["code"] == "role-missing"
        assert call("sign_result", proposal="P1")["invalid"] == {"/digest": ["Missing data for required field."]}
        taken = call("take_cut", "clock", "operator")
        assert heads(place) == {**taken["ok"]["cut"], "ranking": taken["n"]}

        proposed = call("propose_result")["ok"]
        assert {name: proposed[name] for name in ("proposal", "winners")} == {"proposal": "P1", "winners": 2}
        assert proposed["digest"] == call("propose_result")["ok"]["digest"] == call("table")["ok"]["digest"]
        ours = {"proposal": "P1", "digest": proposed["digest"]}
        assert call("publish_result", proposal="P1")["refused"]["code"] == "signatures-missing"
        assert call("sign_result", **ours)["ok"]["signatures"] == ["o1"]
        assert call("sign_result", **ours)["refused"]["code"] == "already-signed"
        assert call("sign_result", "o2", **ours)["ok"]["signatures"] == ["o1", "o2"]

        place.append("moderation", [desk.EntryDisqualified("u1-1", "false", by="o1", at=START)])
        assert call("publish_result", proposal="P1")["refused"]["code"] == "result-outdated"
        again = call("propose_result")["ok"]
        ours = {"proposal": "P2", "digest": again["digest"]}
        assert again["digest"] != proposed["digest"]
        for by in ("o1", "o2"):
            call("sign_result", by, **ours)
        assert again["digest"] == call("publish_result", proposal="P2")["ok"]["digest"]
        assert call("open_exhibition")["ok"]["entries"] == 2
        assert call("take_down", entry="u3-1", reason="rights")["ok"]["entry"] == "u3-1"
        assert call("result")["ok"]["published"]
        shown = call("views", "anybody", "voter", at_least={"ranking": place.ledger.head("ranking")})["ok"]["views"]
        assert shown["exhibition"]["data"]["entries"] == ["u2-1"]
        assert shown["result"]["data"]["digest"] == again["digest"]
        assert call("table", "j1", "judge")["refused"]["code"] == "role-missing"

    rebuilt = rebuild_and_compare(place.settings, source="ledger")
    assert rebuilt.equal
    assert again["digest"] == rebuilt.digest
    assert [place.keys.lot.hex()] == [each.seed for each in place.events("ranking") if isinstance(each, SeedRevealed)]

"""The vote writer's loop, on a real broker and a real ledger."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import bson
import pytest
from amqp.exceptions import NotFound
from kombu.messaging import Consumer
from prometheus_client import REGISTRY

from gateway.backends.like_batches import LikeAnswer, Likes, partition_of
from services.moderation import events as moderation
from services.voting import orders as wire
from services.voting.events import LikeCast, PollClosed
from services.voting.queue_watch import QueueWatch
from services.voting.queues import vote_queue
from services.voting.receipts import address_of
from services.voting.writer import rank
from shared import streams
from shared.commit import commit_id
from shared.mongo_ledger import MongoLedger, connect
from shared.testing.tcp_proxy import TcpProxy
from tests.integration.like_path import like_path
from tests.integration.processes import process
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import running_thread, wait
from tests.integration.voting import (
    RecordingLedger,
    batch_client,
    new_vote_writer,
    open_polls,
    order,
    running_vote_writer,
)
from tests.unit.voting.batches import batch
from tests.unit.voting.stories import END, NOON

pytestmark = pytest.mark.slow

GARBAGE = {
    "not BSON": b"like it",
    "nothing": b"",
    "no orders": bson.encode({"v": 1, "seen": {"moderation": 1}}),
    "orders that are no columns": bson.encode({"v": 1, "seen": {"moderation": 1}, "orders": 5}),
    "rows": bson.encode({"v": 1, "seen": {"moderation": 1}, "orders": [order("v")]}),
    "columns of different lengths": bson.encode(
        {"v": 1, "seen": {"moderation": 1}, "orders": {name: ["like"] * (name != "do") for name in wire.COLUMNS}}
    ),
}


def voters(place: Place, count: int) -> dict[int, str]:  # noqa: ARG001
    """Return a voter for each of the first `count` partitions."""
    found: dict[int, str] = {}
    for k in range(10_000):
        found.setdefault(partition_of(f"v{k}", PARTITIONS), f"v{k}")
    return {p: found[p] for p in range(count)}


def take_without_ack(place: Place, partition: int) -> bytes:
    """Take the next batch as a writer that dies before it acknowledges; return its body."""
    arrived: list[Any] = []
    with place.broker() as dying:
        queue = vote_queue(place.campaign, partition)
        with Consumer(dying.channel(), [queue], on_message=arrived.append, accept=None):
            wait(lambda: streams.drain(dying, 0.1), what="a batch is delivered")
    return bytes(arrived[0].body)


def depth(place: Place, queue: str) -> int:
    """Return the number of messages in a queue."""
    with place.broker() as connection:
        return int(connection.default_channel.queue_declare(queue, passive=True).message_count)


def unreadable_messages(partition: int) -> float:
    """Return how many unreadable messages of a partition were counted."""
    return REGISTRY.get_sample_value("baijia_no_batch_messages_total", {"partition": str(partition)}) or 0.0


def queue_exists(place: Place, partition: int) -> bool:
    with place.broker() as connection:
        try:
            connection.default_channel.queue_declare(wire.queue_name(place.campaign, partition), passive=True)
        except NotFound:
            return False
    return True


def run_with_likes(place: Place, work: Callable[[Likes], Awaitable[Any]], *, limit_s: float = 10.0) -> Any:
    """Run `work` with a gateway's like path."""

    async def run() -> Any:
        async with like_path(place, limit_s=limit_s) as likes:
            return await work(likes)

    return asyncio.run(run())


async def order_like(likes: Likes, voter: str, entry: str = "a", do: str = "like", *, at: int = NOON) -> LikeAnswer:
    """Send one order through the gateway's like path."""
    return await likes.order(voter, entry, do, at=at, door="web", signals={"ip": "x"}, seen={"moderation": 1})


def test_batches_are_answered_in_their_order(place: Place):
    open_polls(place)
    with running_vote_writer(place), batch_client(place) as gateway:
        first = gateway.send_and_wait(3, order("v"), order("w"), order("v", at=NOON + 1), order("v", "z"))
        second = gateway.send_and_wait(3, order("v", do="unlike", at=NOON + 2), order("v", do="show", at=NOON + 3))

    assert [each["status"] for each in first] == ["counted", "counted", "already", "refused"]
    assert first[3]["code"] == "entry-unknown"
    assert second == [{"status": "gone", "remaining": 20}, {"status": "shown", "likes": [], "remaining": 20}]
    assert [type(each).__name__ for each in place.events("vote.3")] == ["LikeCast", "LikeCast", "LikeRetracted"]


def test_each_receipt_names_the_like_it_was_given_for(place: Place):
    open_polls(place)
    with running_vote_writer(place), batch_client(place) as gateway:
        answers = gateway.send_and_wait(5, *(order(f"v{k}") for k in range(40)))

    addresses = [address_of(place.keys.receipt, each["receipt"]) for each in answers]
    stored = {each.address: each.event for commit in place.commits("vote.5") for each in commit.recorded()}
    assert [stored[str(address)].voter for address in addresses] == [f"v{k}" for k in range(40)]


def test_batch_that_was_stored_and_not_acknowledged_changes_nothing_when_it_comes_again(place: Place):
    open_polls(place)
    with batch_client(place) as gateway:
        name = gateway.send(3, [order("v"), order("w"), order("v", "c", at=NOON + 1)])
        first = new_vote_writer(place).decide(3, wire.read_batch(take_without_ack(place, 3)))
        with running_vote_writer(place):
            again = gateway.answers(name)

    assert [each["status"] for each in first] == ["counted"] * 3
    assert [each["status"] for each in again] == ["already"] * 3
    assert [each["receipt"] for each in again] == [each["receipt"] for each in first]
    assert len(place.commits("vote.3")) == 1


def test_batch_is_counted_however_many_writers_died_over_it(place: Place):
    open_polls(place)
    with batch_client(place) as gateway:
        name = gateway.send(3, [order("v")])
        bodies = {take_without_ack(place, 3) for _ in range(30)}
        with running_vote_writer(place):
            answers = gateway.answers(name)

    assert len(bodies) == 1
    assert [each["status"] for each in answers] == ["counted"]


def test_writer_that_cannot_apply_what_the_desk_said_stands_still_and_names_it(place: Place):
    open_polls(place)
    place.append(wire.DESK_LOG, [moderation.ClockMoved(NOON, "o")])
    stored = {"_id": commit_id(wire.DESK_LOG, 2)}
    altered = place.database["commits"].update_one(stored, {"$set": {"runs.0.type": "of-tomorrow"}})
    with process(place, "vote-writer") as writer, batch_client(place) as gateway:
        name = gateway.send(3, [order("v")], seen=2)
        writer.wait_logs("waits for corrected code")
        said = [json.loads(line) for line in writer.text().splitlines() if "waits for corrected code" in line]
        wait(lambda: writer.ready() == {"ready": False, "missing": ["consuming"]}, what="it is not ready")
        place.database["commits"].update_one(stored, {"$set": {"runs.0.type": "clock-moved"}})
        writer.kill()
        writer.start()
        answers = gateway.answers(name)

    assert altered.modified_count == 1
    assert [each["event_address"] for each in said] == ["moderation/2/0"]
    assert [each["status"] for each in answers] == ["counted"]


def test_partitions_move_to_the_writer_of_the_higher_rank_and_back(place: Place):
    open_polls(place)
    names, who = ("writer-1", "writer-2"), voters(place, PARTITIONS)
    ledgers = {name: RecordingLedger(place) for name in names}
    owners = {f"vote.{p}": max(names, key=lambda name: rank(name, p)) for p in range(PARTITIONS)}
    at = iter(range(NOON, END))

    def storing_writers(gateway: Any) -> dict[str, str]:
        """Return, for each partition's log, the writer that stores a like now."""
        for ledger in ledgers.values():
            ledger.inserted.clear()
        for p, voter in who.items():
            moment = next(at)
            gateway.send_and_wait(p, order(voter, do="unlike", at=moment), order(voter, at=moment + 1))
            next(at)
        return {log: name for name, ledger in ledgers.items() for log in ledger.inserted}

    with batch_client(place) as gateway, running_vote_writer(place, names[0], ledger=ledgers[names[0]]):
        alone = storing_writers(gateway)
        with running_vote_writer(place, names[1], ledger=ledgers[names[1]]):
            wait(lambda: storing_writers(gateway) == owners, what="each partition is with its owner")
        wait(lambda: storing_writers(gateway) == alone, what="the first writer has all partitions again")

    assert set(alone.values()) == {names[0]}
    assert set(owners.values()) == set(names)
    for log in owners:
        assert [commit.n for commit in place.commits(log)] == list(range(1, place.ledger.head(log) + 1))


def test_two_writers_of_one_partition_answer_each_voter_once(place: Place):
    open_polls(place)
    with batch_client(place) as gateway, running_vote_writer(place, "writer-1"):
        sent = [gateway.send(p, [order(f"v{k}-{p}")]) for k in range(60) for p in range(2)]
        with running_vote_writer(place, "writer-2"):
            sent += [gateway.send(p, [order(f"w{k}-{p}")]) for k in range(60) for p in range(2)]
            answers = [gateway.answers(name) for name in sent]

    assert [each["status"] for (each,) in answers] == ["counted"] * 240
    assert [len(place.events(f"vote.{p}")) for p in range(2)] == [120, 120]
    assert len({each["receipt"] for (each,) in answers}) == 240


def test_polls_close_when_the_rehearsal_clock_has_passed_their_time(place: Place):
    open_polls(place)
    with batch_client(place) as gateway, running_vote_writer(place):
        counted = gateway.send_and_wait(0, order("v"))
        place.append(wire.DESK_LOG, [moderation.ClockMoved(END + 4_999, "o")])
        late = gateway.send_and_wait(0, order("w", at=END - 1), seen=2)
        place.append(wire.DESK_LOG, [moderation.ClockMoved(END + 5_000, "o")])
        wait(lambda: place.ledger.head("vote.7") == 1 and place.ledger.head("vote.0") == 3, what="the polls are closed")
        later = gateway.send_and_wait(0, order("x", at=END - 1), seen=3)

    assert [each["status"] for each in (*counted, *late)] == ["counted", "counted"]
    assert later == [{"status": "refused", "code": "late", "detail": {}}]
    closed = [place.events(f"vote.{p}")[-1] for p in range(PARTITIONS)]
    assert closed == [PollClosed(p, END + 5_000) for p in range(PARTITIONS)]


def test_freeze_that_the_gateway_saw_holds_for_the_batch(place: Place):
    open_polls(place)
    with batch_client(place) as gateway, running_vote_writer(place):
        before = gateway.send_and_wait(2, order("v"))
        place.append(wire.DESK_LOG, [moderation.EntryFrozen("a", "reason", "m", NOON)])
        after = gateway.send_and_wait(2, order("w"), order("w", "b"), seen=2)

    assert [each["status"] for each in before] == ["counted"]
    assert [each.get("code", each["status"]) for each in after] == ["entry-frozen", "counted"]


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
def test_message_that_is_no_batch_goes_to_the_queue_of_the_dead_and_the_next_one_is_counted(place: Place, body: bytes):
    open_polls(place)
    before = unreadable_messages(4)
    with batch_client(place) as gateway, running_vote_writer(place):
        dead = gateway.send_body(4, body)
        answers = gateway.send_and_wait(4, order("good"))
        wait(lambda: depth(place, wire.dead_name(place.campaign)) == 1, what="the message is in the dead-letter queue")

    assert [each["status"] for each in answers] == ["counted"]
    assert dead not in gateway.answers_by_name
    assert [each.voter for each in place.events("vote.4")] == ["good"]
    assert depth(place, wire.queue_name(place.campaign, 4)) == 0
    assert unreadable_messages(4) == before + 1


def test_order_that_cannot_be_read_is_refused_and_the_others_of_its_batch_are_counted(place: Place):
    open_polls(place)
    with batch_client(place) as gateway, running_vote_writer(place):
        answers = gateway.send_and_wait(4, order("v"), order("w") | {"entry": 1}, order("x", do="adore"), order("y"))

    assert [each.get("code", each["status"]) for each in answers] == [
        "counted", "order-unreadable", "order-unreadable", "counted",
    ]  # fmt: skip
    assert [each.voter for each in place.events("vote.4")] == ["v", "y"]
    assert depth(place, wire.dead_name(place.campaign)) == 0


def test_writer_says_which_queue_was_made_by_another_version(place: Place):
    open_polls(place)
    old = vote_queue(place.campaign, 2)
    old.queue_arguments = {"x-queue-type": "quorum"}
    with place.broker() as connection:
        connection.default_channel.queue_delete(old.name)
        old(connection.default_channel).declare()

    with process(place, "vote-writer") as writer:
        writer.wait_logs("was made with other arguments")
        said = [json.loads(line) for line in writer.text().splitlines() if "other arguments" in line]

    assert wire.queue_name(place.campaign, 2) in said[0]["problem"]


def test_queue_of_an_earlier_version_is_served_as_it_is(place: Place):
    open_polls(place)
    old = vote_queue(place.campaign, 2)
    old.queue_arguments = {**old.queue_arguments, "x-dead-letter-exchange": ""}
    with place.broker() as connection:
        connection.default_channel.queue_delete(old.name)
        old(connection.default_channel).queue_declare()

    with batch_client(place) as gateway, process(place, "vote-writer") as writer:
        writer.wait_ready()
        answers = gateway.send_and_wait(2, order("v"))

    assert [each["status"] for each in answers] == ["counted"]


def test_watch_tells_how_many_are_with_the_dead(place: Place):
    open_polls(place)
    watch = QueueWatch(place.campaign, PARTITIONS)
    with batch_client(place) as gateway, running_vote_writer(place):
        for _ in range(3):
            gateway.send_body(4, b"like it")
        with running_thread(lambda stop: watch.run(place.settings.amqp_uri, stop=stop)):
            wait(
                lambda: REGISTRY.get_sample_value("baijia_dead_letter_messages") == 3, what="three messages are logged"
            )


def test_batch_of_a_gateway_that_is_gone_is_counted(place: Place):
    open_polls(place)
    with running_vote_writer(place):
        with batch_client(place) as gone:
            gone.send(1, [order("v")])
        wait(lambda: place.ledger.head("vote.1") == 1, what="the like is stored")
        with batch_client(place) as gateway:
            answers = gateway.send_and_wait(1, order("w"))

    assert [each["status"] for each in answers] == ["counted"]


def test_writer_goes_on_when_its_connection_is_cut(place: Place):
    open_polls(place)
    with (
        TcpProxy.before(place.settings.amqp_uri) as proxy,
        running_vote_writer(place, amqp_uri=proxy.uri),
        batch_client(place) as gateway,
    ):
        before = gateway.send_and_wait(6, order("v"))
        proxy.cut()
        after = gateway.send_and_wait(6, order("w"), order("v", at=NOON + 1))

    assert [each["status"] for each in (*before, *after)] == ["counted", "counted", "already"]


@pytest.mark.parametrize("answers", [1, 3, 5, 7, 10, 15, 20, 25, 30])
def test_writer_goes_on_wherever_its_first_connection_is_cut(place: Place, answers: int):
    open_polls(place)
    with TcpProxy.before(place.settings.amqp_uri) as proxy, batch_client(place) as gateway:
        proxy.cut_after(answers=answers)
        with running_vote_writer(place, amqp_uri=proxy.uri):
            counted = gateway.send_and_wait(6, order("v"))

    assert [each["status"] for each in counted] == ["counted"]


def test_writer_consumes_again_when_its_queue_was_deleted(place: Place):
    open_polls(place)
    with running_vote_writer(place), batch_client(place) as gateway:
        before = gateway.send_and_wait(6, order("v"))
        with place.broker() as connection:
            connection.default_channel.queue_delete(wire.queue_name(place.campaign, 6))
        wait(lambda: queue_exists(place, 6), what="the queue exists again")
        after = gateway.send_and_wait(6, order("w"))

    assert [each["status"] for each in (*before, *after)] == ["counted", "counted"]


def test_batch_waits_while_the_ledger_is_away(place: Place):
    open_polls(place)
    with (
        TcpProxy.before(place.settings.mongo_uri) as proxy,
        connect(proxy.uri, timeout_ms=500) as client,
        running_vote_writer(place, ledger=MongoLedger(client[place.settings.database])),
        batch_client(place) as gateway,
    ):
        before = gateway.send_and_wait(6, order("v"))
        proxy.refuse()
        name = gateway.send(6, [order("w")])
        proxy.accept()
        after = gateway.answers(name)

    assert [each["status"] for each in (*before, *after)] == ["counted", "counted"]
    assert [each.voter for each in place.events("vote.6")] == ["v", "w"]


def test_like_whose_stored_answer_was_lost_is_counted_once(place: Place):
    open_polls(place)
    orders = wire.read_batch(batch([order("w")]))
    with (
        TcpProxy.before(place.settings.mongo_uri) as proxy,
        connect(proxy.uri, timeout_ms=1_000) as client,
    ):
        writer = new_vote_writer(place, MongoLedger(client[place.settings.database]))
        writer.partition(6)
        proxy.hold_answers()
        with ThreadPoolExecutor(1) as pool:
            deciding = pool.submit(writer.decide, 6, orders)
            wait(lambda: place.ledger.head("vote.6") == 1, what="the like is stored")
            proxy.cut()
            proxy.release()
            (answer,) = deciding.result(30)

    assert answer["status"] == "counted"
    assert address_of(place.keys.receipt, answer["receipt"]) == "vote.6/1/0"
    assert [each.voter for each in place.events("vote.6")] == ["w"]


def test_gateway_is_told_what_the_ledger_holds(place: Place):
    open_polls(place)

    async def work(likes: Likes) -> list[LikeAnswer]:
        return [
            await order_like(likes, "v"),
            await order_like(likes, "v", at=NOON + 1),
            await order_like(likes, "v", do="unlike", at=NOON + 2),
            await order_like(likes, "v", at=NOON + 3),
            await order_like(likes, "v", "nobody", at=NOON + 4),
            await order_like(likes, "v", "", "show", at=NOON + 5),
        ]

    with running_vote_writer(place):
        counted, already, gone, again, refused, shown = run_with_likes(place, work)

    assert [each["status"] for each in (counted, already, gone, again)] == [
        "counted",
        "already",
        "gone",
        "counted",
    ]
    assert already["receipt"] == counted["receipt"] != again["receipt"]
    assert refused == {"status": "refused", "code": "entry-unknown", "detail": {}}
    assert shown["likes"] == [{"entry": "a", "at": NOON + 3, "status": "counted", "receipt": again["receipt"]}]


def test_many_voters_at_once_are_gathered_in_few_commits(place: Place):
    open_polls(place)

    async def work(likes: Likes) -> list[LikeAnswer]:
        return await asyncio.gather(*(order_like(likes, f"v{k}") for k in range(2_000)))

    with running_vote_writer(place):
        answers = run_with_likes(place, work)

    stored = [each for p in range(PARTITIONS) for each in place.events(f"vote.{p}")]
    assert [each["status"] for each in answers] == ["counted"] * 2_000
    assert sorted(each.voter for each in stored) == sorted(f"v{k}" for k in range(2_000))
    assert {type(each) for each in stored} == {LikeCast}
    assert sum(place.ledger.head(f"vote.{p}") for p in range(PARTITIONS)) < 200


def test_gateway_goes_on_when_its_connection_is_cut(place: Place):
    open_polls(place)

    async def work(likes: Likes) -> list[LikeAnswer]:
        before = await order_like(likes, "v")
        proxy.cut()
        return [before, *[await order_until_decided(likes, f"w{k}") for k in range(3)]]

    async def order_until_decided(likes: Likes, voter: str) -> LikeAnswer:
        """Repeat the order until it is decided, as a voter's phone does."""
        while (answer := await order_like(likes, voter))["status"] in ("away", "accepted"):
            pass
        return answer

    with running_vote_writer(place), TcpProxy.before(place.settings.amqp_uri) as proxy:
        through = replace(place, settings=replace(place.settings, amqp_uri=proxy.uri))
        answers = run_with_likes(through, work)

    assert [each["status"] for each in answers] in (
        ["counted"] * 4,
        ["counted", "already", "counted", "counted"],  # the first attempt was counted, and its answer was lost
    )
    assert sum(len(place.events(f"vote.{p}")) for p in range(PARTITIONS)) == 4


def test_like_is_away_where_no_writer_ever_ran(place: Place):
    answer = run_with_likes(place, lambda likes: order_like(likes, "v"))

    assert answer == {"status": "away"}


def test_like_is_busy_where_the_queue_is_full(place: Place):
    queue = vote_queue(place.campaign, partition_of("v", PARTITIONS))
    queue.queue_arguments["x-max-length"] = 1
    with place.broker() as connection:
        queue(connection.default_channel).declare()

    async def work(likes: Likes) -> list[str]:
        # A quorum queue accepts a few more messages than its maximum length.
        statuses = [(await order_like(likes, "v", at=NOON + k))["status"] for k in range(20)]
        return sorted(set(statuses), key=statuses.index)

    assert run_with_likes(place, work, limit_s=0.1) == ["accepted", "busy"]


def test_like_that_no_writer_took_in_time_is_accepted_and_its_ticket_says_later_that_it_counts(place: Place):
    open_polls(place)

    async def work(likes: Likes) -> list[LikeAnswer | None]:
        accepted = await order_like(likes, "v")
        undecided = await likes.ticket(accepted["ticket"])
        with running_vote_writer(place):
            decided = await asyncio.wait_for(likes.ticket(accepted["ticket"]), 30)
        return [accepted, undecided, decided]

    accepted, undecided, decided = run_with_likes(place, work, limit_s=2.0)

    assert [accepted["status"], undecided["status"], decided["status"]] == ["accepted", "accepted", "already"]
    assert address_of(place.keys.receipt, decided["receipt"]) is not None
    assert sum(place.ledger.head(f"vote.{p}") for p in range(PARTITIONS)) == 1


def test_accepted_like_may_still_be_refused_and_its_ticket_says_so(place: Place):
    open_polls(place)

    async def work(likes: Likes) -> list[LikeAnswer | None]:
        accepted = await order_like(likes, "v")
        place.append(wire.DESK_LOG, [moderation.EntryFrozen("a", "reason", "m", NOON)])
        with running_vote_writer(place):
            return [accepted, await likes.ticket(accepted["ticket"])]

    accepted, decided = run_with_likes(place, work, limit_s=2.0)

    assert accepted["status"] == "accepted"
    assert decided == {"status": "refused", "code": "entry-frozen", "detail": {}}


def test_text_that_is_no_ticket_is_known_as_none(place: Place):
    assert run_with_likes(place, lambda likes: likes.ticket("v.entry.like")) is None

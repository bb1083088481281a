"""Run one process of the product: `python -m deploy.run NAME`. This is the place where its parts are wired together.

`deploy/topology/processes.py` lists the names. A process ends on SIGTERM or SIGINT after it has finished its current
work. While an engine is unreachable, the process waits for it and says so in its log.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click

from deploy.local import simulated_wechat
from shared import garbage, logs, metrics, streams
from shared.cursors import MongoCursors
from shared.errors import BrokerUnreachable, FollowerStopped, Unreachable
from shared.exchanges import COMMITS, exchange_name
from shared.health import serve
from shared.keys import Keys
from shared.lag import LagWatch
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger, connect
from shared.relay import Relay
from shared.settings import Settings

RELAY_IDLE_S = 0.02
RELAY_PACE_S = 0.05  # commits that arrive during this pause are read, published and confirmed together
RETRY_S = 0.5
IDLE_S = (
    75  # longer than proxies keep an idle connection (60 s), so that we never close one on which a request is arriving
)
SERVICES = ("submission", "moderation", "voting", "scoring", "ranking")
log_ = logs.logger(__name__)


@click.group(help=__doc__)
def main() -> None:
    """Configure logging for the process that the subcommand runs."""
    settings = Settings.read()
    logs.configure(settings.process)


@main.command()
@click.argument("name", type=click.Choice(SERVICES))
def service(name: str) -> None:
    """Run a nameko service with nameko's own script, which sets up eventlet's green threads before anything else."""
    config = Path(__file__).with_name("nameko.yaml")
    script = Path(sys.executable).with_name("nameko")
    os.execv(script, [str(script), "run", "--config", str(config), f"services.{name}.service"])


@main.command(name="vote-writer")
def vote_writer() -> None:
    """Count likes. An event that the writer cannot apply stops it, and likes wait in the queues for corrected code."""
    from services.voting.writer import VoteLoop, VoteWriter, partitions_of

    settings, stop = Settings.read(), _stop_requested()
    garbage.search_young_only()
    ledger = MongoLedger(connect(settings.mongo_uri)[settings.database])
    loops: list[VoteLoop] = []
    lag = LagWatch(ledger, role="vote-writer").start(stop)
    serve(settings, {"consuming": lambda: not loops or loops[0].connected, "ledger": lambda: lag.reached})
    partitions = partitions_of(ledger, stop=stop)
    key = Keys.of(settings.data, settings.campaign).receipt
    writer = VoteWriter(settings.campaign, ledger, receipt_key=key)
    loops.append(VoteLoop(settings.campaign, writer, name=settings.process, partitions=partitions))
    try:
        loops[0].run(settings.amqp_uri, stop=stop)
    except FollowerStopped as stopped:
        _wait_for_correction("vote-writer", stopped, stop)


@main.command()
def relay() -> None:
    """Publish every log of the campaign to its stream."""
    from services.voting.writer import partitions_of

    settings, stop = Settings.read(), _stop_requested()
    database = connect(settings.mongo_uri)[settings.database]
    ledger = MongoLedger(database, raw=True)
    connected = threading.Event()
    connected.set()  # before the campaign is open there is nothing to publish, so the process counts as connected
    relays: list[Relay] = []
    lag = LagWatch(MongoLedger(database), lambda: relays[-1].positions if relays else {}, role="relay").start(stop)
    checks = {"connected": connected.is_set, "ledger": lambda: lag.reached, "keeping-up": lambda: lag.bounded}
    serve(settings, checks)
    names = log_names(partitions_of(MongoLedger(database), stop=stop))
    while not stop():
        try:
            with streams.connect(settings.amqp_uri) as connection:
                for name in names:
                    streams.declare(connection, settings.campaign, name)
                publisher = streams.ConfirmedPublisher(connection, exchange=exchange_name(settings.campaign, COMMITS))
                relay = Relay(
                    ledger,
                    MongoCursors(database),
                    logs=names,
                    queue=lambda log: streams.stream_name(settings.campaign, log),
                )
                relays[:] = [relay]
                connected.set()
                while not stop():
                    moved = relay.step(publisher)
                    streams.drain(connection, RELAY_PACE_S if moved else RELAY_IDLE_S)
                relay.keep()
        except (BrokerUnreachable, Unreachable) as problem:
            log_.warning("an engine is unreachable, trying again", problem=str(problem))
            time.sleep(RETRY_S)
        finally:
            connected.clear()


@main.command()
def projector() -> None:
    """Fold every log into the ranking table and publish the views that gateways read."""
    from services.ranking.projector import run

    garbage.search_young_only()
    try:
        run(Settings.read())
    except FollowerStopped as stopped:
        _wait_for_correction("projector", stopped, _stop_requested())


@main.command()
def clock() -> None:
    """Issue the commands that are due by time and must leave an event."""
    from deploy.clock.loop import run

    run(Settings.read(), stop=_stop_requested())


@main.command(name="media-worker")
def media_worker() -> None:
    """Prepare uploaded media: pictures in several widths, films, links; and find hints for moderators."""
    from services.moderation import hint_worker
    from services.submission.media_worker import run

    settings, stop = Settings.read(), _stop_requested()
    hint_worker.start(settings, stop=stop)
    run(settings, stop=stop)


@main.command()
def gateway() -> None:
    """Serve web and WeChat clients over HTTP."""
    import uvicorn

    from deploy.topology.admission_settings import admission
    from deploy.topology.folded_logs import FOLDED_LOGS
    from gateway.app import create_app
    from gateway.http.client_signals import trust_proxies
    from gateway.http.server_protocol import SERVING

    settings = Settings.read()
    require_public_url(settings, MongoLedger(connect(settings.mongo_uri)[settings.database]))
    app = create_app(settings, folded_logs=FOLDED_LOGS, admission=admission(settings))
    serve(settings, app.state.checks)
    garbage.freeze_live_objects()
    uvicorn.run(
        trust_proxies(app, settings.trusted_proxies),
        **SERVING,
        proxy_headers=False,  # uvicorn's default trusts the forwarding headers of any process on this host
        host=settings.host,
        port=settings.gateway_port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=IDLE_S,
    )


@main.command(name="wechat-sim")
def wechat_sim() -> None:
    """Simulate WeChat's servers, for rehearsals only: the simulator accepts any identity that a client claims."""
    settings = Settings.read()
    if is_live(MongoLedger(connect(settings.mongo_uri)[settings.database])):
        raise click.ClickException(f"{settings.campaign} is a live campaign; WeChat is simulated for rehearsals only")
    assert settings.wechat_file is not None  # set by `simulated_wechat.environment`
    words = simulated_wechat.command(settings.wechat_file, port=settings.metrics_port, gateway=settings.public_url)
    os.execv(sys.executable, [sys.executable, *words])


def require_public_url(settings: Settings, ledger: Ledger) -> None:
    """Raise ClickException for a gateway of a live campaign that has no public URL.

    Without it the Host header of a request would decide where OAuth returns to, and where links and QR codes lead.
    While the ledger is away nothing is raised: the gateway refuses to make such a link then.
    """
    if settings.public_url:
        return
    with contextlib.suppress(Unreachable):
        if is_live(ledger):
            raise click.ClickException(
                f"{settings.campaign} is a live campaign: set BAIJIA_PUBLIC_URL to the address by which people reach it"
            )


def is_live(ledger: Ledger) -> bool:
    """Return whether the ledger holds an open campaign that is not a rehearsal, whose data must never be deleted."""
    from services.moderation.events import CampaignOpened

    opened = [event for commit in ledger.read("moderation", 0, limit=1) for event in commit.events()]
    return any(isinstance(each, CampaignOpened) and not each.rehearsal for each in opened)


def log_names(partitions: int) -> list[str]:
    """Return the names of all event logs of a campaign with this number of vote partitions."""
    votes = [f"vote.{p}" for p in range(partitions)]
    return ["moderation", "submission", "scoring", "ranking", "vote.cases", *votes]


def _stop_requested() -> Callable[[], bool]:
    """Install the signal handlers; return a function that says whether SIGTERM or SIGINT has come."""
    requested = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: requested.set())
    return requested.is_set


def _wait_for_correction(role: str, stopped: FollowerStopped, stop: Callable[[], bool]) -> None:
    """Report the failure and idle until the process is stopped: a restart would fail at the same event."""
    metrics.STOPPED.labels(role).set(1)
    log_.error(
        "the process is stopped at an event it cannot apply and waits for corrected code",
        role=role,
        event_address=stopped.address,
    )
    while not stop():
        time.sleep(RETRY_S)


if __name__ == "__main__":
    main()

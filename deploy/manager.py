"""Run the product on this machine: `python -m deploy.manager up | down | status | scale | restart | logs | env`.

The demo and the tests use the functions below the commands. The campaign is `BAIJIA_CAMPAIGN`, by default `demo`.

Promises: `up` starts the engines and all processes and returns when all of them are ready; `down` stops every campaign
of this checkout and the engines, leaves no process behind and deletes no data.
"""

import os
import time
from pathlib import Path

import click

from deploy import engines
from deploy.errors import DeployError
from deploy.local import partition_status, paths, readiness
from deploy.local.stack import ProcessStatus, Stack

CAMPAIGN = "demo"
# Long enough for a first start on two cores, which also creates the indexes and the streams.
READY_S = 120
# The random ranks may leave a writer without a partition, so `scale` waits for a settled state but does not require it.
SETTLED_S = 15


def current() -> Stack:
    """Return the stack (the processes) of the campaign that the environment names."""
    return Stack(os.environ.get("BAIJIA_CAMPAIGN") or CAMPAIGN)


def start(
    campaign: str = CAMPAIGN, *, data: Path | None = None, simulate: bool = False, timeout_s: float = READY_S
) -> Stack:
    """Start the engines and all processes of a campaign, wait until they are ready, and return the stack.

    With `simulate`, a simulated WeChat runs beside them, for a rehearsal. Raises DeployError.
    """
    stack = Stack(campaign)
    stack.start(engines.up(), data=data, simulate=simulate)
    stack.wait_ready(timeout_s)
    return stack


def stop() -> None:
    """Stop all processes of all campaigns of this checkout, then the engines."""
    for campaign in campaigns():
        Stack(campaign).stop()
    engines.down()


def campaigns() -> list[str]:
    """Return the names of all campaigns that were ever started from this checkout."""
    return sorted(path.parent.parent.name for path in paths.home().glob("campaigns/*/run/supervisord.conf"))


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
def up() -> None:
    """Start the engines and all processes, and wait until they are ready."""
    started = time.monotonic()
    stack = start(current().campaign)
    click.echo(f"{stack.campaign} is up at {stack.gateway_url()} ({time.monotonic() - started:.0f} s)")
    click.echo("No campaign yet? `baijia campaign setup` prints a link by which a browser sets one up.")


@main.command()
def down() -> None:
    """Stop all processes of all campaigns, and the engines."""
    stop()
    click.echo(f"stopped; the data remain in {paths.home()}")


@main.command()
def status() -> None:
    """Show which engines and processes run, and whether they are ready."""
    click.echo(engines.status())
    for campaign in campaigns():
        stack = Stack(campaign)
        if not stack.alive():
            click.echo(f"campaign {campaign}: down")
            continue
        click.echo(f"campaign {campaign}: {stack.gateway_url()}")
        for row in stack.statuses():
            click.echo(_line(row))
        _print_shares(stack)


@main.command()
@click.argument("requests", metavar="NAME=N...", nargs=-1, required=True)
def scale(requests: tuple[str, ...]) -> None:
    """Run the given number of copies of a process, such as voting=4."""
    stack = current()
    for request in requests:
        name, _, count = request.partition("=")
        if not count.isdecimal():
            raise DeployError(f"{request!r} must have the form NAME=NUMBER, such as voting=4.")
        stack.scale(name, int(count))
    stack.wait_ready(READY_S)
    # Partitions move within a second, but a writer reports one only after it has received a batch of it.
    readiness.until(lambda: partition_status.unsettled(_shares(stack)), timeout_s=SETTLED_S, every_s=0.5)
    for row in stack.statuses():
        click.echo(_line(row))
    _print_shares(stack)


@main.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def restart(names: tuple[str, ...]) -> None:
    """Stop the named processes and start them again."""
    for name in names:
        current().restart(name)


@main.command()
@click.argument("names", metavar="[NAME...]", nargs=-1)
@click.option("-f", "--follow", is_flag=True, help="Keep printing new lines as they are written.")
def logs(names: tuple[str, ...], follow: bool) -> None:
    """Show the last lines of every log, or of the named processes' logs."""
    stack = current()
    folders = [stack.logs, paths.home() / "engines" / "logs"]
    files = sorted(path for folder in folders for path in folder.glob("*.log"))
    chosen = [path for path in files if not names or any(path.stem.startswith(name) for name in names)]
    if not chosen:
        raise DeployError(f"No log has that name. Existing logs: {', '.join(path.stem for path in files) or 'none'}.")
    os.execvp("tail", ["tail", "-n", "30", *(["-F"] if follow else []), "--", *map(str, chosen)])


@main.command()
def env() -> None:
    """Print shell lines that export the settings a command needs to reach this campaign."""
    environment = current().environment()  # first, since nothing has an address before the first start
    addresses = engines.addresses()
    click.echo(addresses.script(engines.kind()), nl=False)
    for name, value in environment.items():
        if name not in addresses.environment():
            click.echo(f"export {name}='{value}'")


def _shares(stack: Stack) -> dict[str, tuple[int, ...] | None]:
    return partition_status.partitions_by_writer(
        {copy: stack.metrics_url(copy) for copy in stack.copies("vote-writer")}
    )


def _print_shares(stack: Stack) -> None:
    click.echo("partitions of likes, by the writer that received a batch of them in the last ten seconds:")
    for line in partition_status.lines(_shares(stack)):
        click.echo(line)


def _line(row: ProcessStatus) -> str:
    state = "ready" if row.complaint is None else f"{row.state}, not ready"
    return f"  {row.name:<16} {state:<20} pid {row.pid or '-':<8} up {row.up_s} s, metrics on {row.metrics_port}"


if __name__ == "__main__":
    main()

"""The command `baijia`, for operators and auditors: collect the command groups of `deploy/commands`."""

import click

from deploy.commands.campaign import campaign
from deploy.commands.certificates import certificates
from deploy.commands.changes import changes, outages
from deploy.commands.command import Group
from deploy.commands.forget import forget
from deploy.commands.likes import likes
from deploy.commands.logs import log, verify
from deploy.commands.ranking import methods, rank, rebuild
from deploy.commands.result import explain, recount, stability
from deploy.commands.rules import rules
from deploy.commands.security import security
from deploy.commands.staff import staff
from deploy.commands.wechat import wechat


@click.group(cls=Group)
def main() -> None:
    """百家 Baijia: run a public competition whose result anyone can verify.

    Exit codes: 0 done, 1 refused or a difference found, 2 wrong use, 3 something is not reachable.
    """


@main.command()
@click.option("--seed", default=2021, show_default=True, help="Random seed; the same seed gives the same winners.")
@click.option("--entries", default=320, show_default=True, help="Number of valid entries to submit.")
@click.option("--voters", default=20_000, show_default=True, help="Number of voters.")
@click.option("--likes", default=100_000, show_default=True, help="Number of likes to send.")
def demo(seed: int, entries: int, voters: int, likes: int) -> None:
    """Run a complete rehearsal campaign on real engines."""
    from deploy.demo.start import run_demo

    raise SystemExit(run_demo(seed=seed, entries=entries, voters=voters, likes=likes))


for command in (
    campaign,
    log,
    verify,
    rank,
    rebuild,
    methods,
    rules,
    certificates,
    forget,
    security,
    staff,
    wechat,
    likes,
    explain,
    recount,
    stability,
    changes,
    outages,
):
    main.add_command(command)


if __name__ == "__main__":
    main()

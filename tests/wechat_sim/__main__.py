"""The simulator as a separate process: `python -m tests.wechat_sim`.

It serves until it is ended; `--help` lists its options.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import uvicorn

from tests.wechat_sim import accounts
from tests.wechat_sim.accounts import KINDS, MODES, Account
from tests.wechat_sim.app import SERVING, app
from tests.wechat_sim.world import PATIENCE_S, RESENDS, World


def main() -> None:
    """Read the command line and serve the simulator."""
    asked = arguments().parse_args()
    known = _accounts(asked.accounts, asked.seed, asked.mode)
    world = World(
        _with_callbacks(known, asked.callback),
        seed=asked.seed,
        bound=not asked.unbound,
        patience_s=asked.patience_s,
        resends=asked.resends,
    )
    uvicorn.run(app(world), host=asked.host, port=asked.port, log_level="warning", **SERVING)


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.wechat_sim", description="WeChat's servers, simulated.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument(
        "--accounts", type=Path, help="TOML file with the accounts; created with invented accounts if it does not exist"
    )
    parser.add_argument("--mode", choices=MODES, default="safe", help="encryption mode of invented accounts")
    parser.add_argument(
        "--callback",
        action="append",
        default=[],
        metavar="[KIND=]URL",
        help=f"URL that receives the pushes of the service account, or of KIND ({', '.join(KINDS)}); may be repeated",
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same openids")
    parser.add_argument(
        "--unbound", action="store_true", help="no unionid: the accounts share no Open Platform account"
    )
    parser.add_argument("--patience-s", type=float, default=PATIENCE_S, help="how long a push waits for its answer")
    parser.add_argument("--resends", type=int, default=RESENDS, help="how many times a push is sent again")
    return parser


def _accounts(path: Path | None, seed: int, mode: str) -> dict[str, Account]:
    """Read the accounts' file; invent accounts, and write the file, where there is none."""
    if path is None or not path.exists():
        made = accounts.invent_accounts(seed, mode=mode)
        if path is not None:
            path.write_text(accounts.to_toml(made), encoding="utf-8")
        return made
    try:
        return accounts.read(path)
    except ValueError as problem:
        raise SystemExit(str(problem)) from problem


def _with_callbacks(known: dict[str, Account], said: list[str]) -> dict[str, Account]:
    """Set the accounts' callbacks from `--callback` options."""
    for each in said:
        kind, found, url = each.partition("=")
        if not found or kind not in KINDS:
            kind, url = "service", each
        if kind not in known:
            raise SystemExit(f"no {kind} account in the file")
        known[kind] = replace(known[kind], callback=url)
    return known


if __name__ == "__main__":
    main()

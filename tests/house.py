"""The house: which folders and modules are rooms, what they import, and how the floors stack.

A room is a direct child of one of the houses below: a folder, or a module at its root. `python -m tests.house` prints
the table of rooms, floors and imports; with `--at REVISION` it reads that revision from git, so that anybody can
compare a layout with an earlier one. The layer test holds every import to `ORDER`.

Promises: imports are read from the source wherever in a file they stand, so an import inside a function counts.
Does not promise to see an import by name at run time (`importlib`).
"""

import argparse
import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from tests.files import ROOT, parse_module

#: Every house with its rooms from the bottom up: a room imports only rooms that stand before it.
ORDER: dict[str, tuple[str, ...]] = {
    house: tuple(" ".join(floors).split())
    for house, floors in {
        "shared": (
            "errors metrics logs settings security_log values json_documents decimals names passwords",
            "national_calendar places reference_numbers short_text text_rule pasted_html web_links zones media",
            "subtitles link_pages",
            "garbage events canonical sealing cut decider",
            "commit stamps ledger keys wrapping vault personal network operations mongo_ledger mongo_vault",
            "writer group follower projection snapshots cursors relay exchanges streams lag health",
            "session_store step_up_proofs authenticator_codes call_signing rpc rpc_client hosting testing",
        ),
        "services/submission": (
            "followed_logs events state declaration roll roll_table roll_difference invitations uploads",
            "entry_checks eligibility drafts comparison progress version_digest link_store text_search",
            "film_recipe picture_recipe link_recipe media_recipes draft_store domain queries schemas log_methods",
            "account_methods link_methods service media_worker",
        ),
        "services/moderation": (
            "followed_logs sorted_keys queue_index campaign reasons rule_gaps events letter_texts campaign_file",
            "outbox question_desk roll_types state queue_filters letters plain_text decisions",
            "near_duplicates content_checks wechat_check hint_store hint_worker",
            "domain sign_in_codes schemas queries queue_queries reports desk_rpc account_rpc changes_rpc",
            "message_schemas message_rpc",
            "question_schemas question_rpc",
            "rehearsal_store setup_store setup_rpc service",
        ),
        "services/voting": (
            "followed_logs events state domain receipts orders queues duty handoffs tokens wechat_tokens",
            "signal_openings links doubles cohorts voter_likes queries schemas queue_watch analysis_rpc service writer",
        ),
        "services/scoring": (
            "followed_logs declaration events judge_sheet assignment state decisions reports",
            "domain schemas queries service",
        ),
        "services/ranking": (
            "followed_logs events calculation state decisions domain read_model views analysis",
            "schemas queries rebuild rpc projector service",
        ),
        "gateway": (
            "wechat http load backends admission certificates read_models routing html",
            "public units voters staff media_packs routes app",
        ),
        "deploy": (
            "errors topology local messages rehearsal reference docker engines manager clock run commands demo",
            "grafana k8s prometheus cli generate healthcheck",
        ),
    }.items()
}
Room = str
Imports = Mapping[Room, frozenset[Room]]


@dataclass(frozen=True, slots=True)
class Plan:
    """One house as measured: how many rooms, floors, imports between rooms, and imports that run back up."""

    rooms: int
    floors: int
    imports: int
    back: int


def imported_modules(tree: ast.Module, parts: tuple[str, ...]) -> Iterator[str]:
    """Yield the modules that a file at `parts` imports; `from a import b` gives both a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = ".".join((*parts[: -node.level], module)).rstrip(".")
            yield module
            yield from (f"{module}.{each.name}" for each in node.names)


def rooms_of(house: str, sources: Mapping[str, ast.Module]) -> Imports:
    """Return the rooms of a house, each with the rooms of the same house that it imports. `sources`: path to tree."""
    package = house.replace("/", ".")
    inside = {path: tree for path, tree in sources.items() if path.startswith(f"{house}/")}
    names = {path: _room(house, path) for path in inside}
    rooms = {name for name in names.values() if name}
    found: dict[Room, set[Room]] = {room: set() for room in rooms}
    for path, tree in inside.items():
        room = names[path]
        if not room:
            continue
        for module in imported_modules(tree, PurePosixPath(path).with_suffix("").parts):
            head, _, rest = module.partition(f"{package}.")
            target = rest.split(".")[0] if not head and rest else ""
            if target in rooms and target != room:
                found[room].add(target)
    return {room: frozenset(targets) for room, targets in found.items()}


def _room(house: str, path: str) -> Room:
    rest = PurePosixPath(path).relative_to(house)
    return "" if rest.name == "__init__.py" and len(rest.parts) == 1 else rest.parts[0].removesuffix(".py")


def back_running(imports: Imports, order: tuple[Room, ...]) -> list[tuple[Room, Room]]:
    """Return the imports between rooms that do not go down, by an order from the bottom up."""
    place = {room: i for i, room in enumerate(order)}
    return sorted((a, b) for a, targets in imports.items() for b in targets if place[b] >= place[a])


def stacked(imports: Imports) -> tuple[Room, ...]:
    """Return an order from the bottom up for rooms that have none, by the greedy rule of Eades, Lin and Smyth (1993).

    Without a circle nothing runs back up in it. With circles the number that runs back up is small, not the smallest.
    """
    left, bottom, top = dict(imports), list[Room](), list[Room]()
    while left:
        inside = {room: left[room] & left.keys() for room in left}
        users = {room: sum(room in targets for targets in inside.values()) for room in left}
        uppermost = sorted(room for room in left if inside[room] and not users[room])
        if uppermost and all(inside.values()):
            room = uppermost[0]
            top.append(room)
        else:
            room = min(left, key=lambda each: (bool(inside[each]), len(inside[each]) - users[each], each))
            bottom.append(room)
        del left[room]
    return (*bottom, *reversed(top))


def plan(imports: Imports, order: tuple[Room, ...]) -> Plan:
    """Measure a house. A floor is the longest way down from its highest room, over imports that go down."""
    back = set(back_running(imports, order))
    floor: dict[Room, int] = {}
    for room in order:
        floor[room] = 1 + max((floor[each] for each in imports[room] if (room, each) not in back), default=0)
    return Plan(len(imports), max(floor.values(), default=0), sum(map(len, imports.values())), len(back))


@cache
def checkout() -> dict[str, ast.Module]:
    """Parse the product's sources as they stand in this checkout, once a process."""
    paths = sorted(path for top in ("shared", "services", "gateway", "deploy") for path in (ROOT / top).rglob("*.py"))
    return {str(path.relative_to(ROOT)): parse_module(path) for path in paths}


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Return the modules that a file of this checkout imports, at any depth of it, as `imported_modules` names them."""
    place = path.relative_to(ROOT)
    return tuple(imported_modules(checkout()[str(place)], place.with_suffix("").parts))


def at(revision: str) -> dict[str, ast.Module]:
    """Parse the product's sources as they stood in a revision. Raises CalledProcessError where git does not know it."""
    paths = [each for each in _git("ls-tree", "-r", "--name-only", revision).splitlines() if each.endswith(".py")]
    wanted = [each for each in paths if each.split("/")[0] in ("shared", "services", "gateway", "deploy")]
    return {each: ast.parse(_git("show", f"{revision}:{each}")) for each in wanted}


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def table(sources: Mapping[str, ast.Module], order_of: Callable[[str, Imports], tuple[Room, ...]]) -> Iterable[str]:
    """Yield the lines that `make map` prints: one for each house."""
    yield f"{'house':22}{'rooms':>6}{'floors':>8}{'imports between rooms':>23}{'back up':>9}"
    for house in ORDER:
        imports = rooms_of(house, sources)
        measured = plan(imports, order_of(house, imports))
        yield f"{house:22}{measured.rooms:>6}{measured.floors:>8}{measured.imports:>23}{measured.back:>9}"


def main() -> None:
    """Print the table of this checkout, or of a revision."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at", metavar="REVISION", help="a revision that git knows, instead of this checkout")
    revision = parser.parse_args().at
    if revision:
        try:
            sources = at(revision)
        except subprocess.CalledProcessError as problem:
            parser.error(problem.stderr.strip())
        lines = table(sources, lambda _, imports: stacked(imports))
    else:
        lines = table(checkout(), lambda house, _: ORDER[house])
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()

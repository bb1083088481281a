"""Calculate the stability report of the running campaign in this process, and format it for a terminal."""

from collections.abc import Mapping
from typing import Any

from deploy.commands.console_tables import Column, table_lines, width, wrapped
from deploy.commands.entry_names import EntryNames
from deploy.commands.language import text
from deploy.commands.progress import progress
from deploy.commands.refusals import CommandRefused, ServiceRefusal
from deploy.commands.stores import keys_of
from services.ranking import queries
from services.ranking.analysis.stability import plain, stability
from services.ranking.read_model.ranking_input import candidates_of, lot_root, marks_missing, readings_missing
from services.ranking.read_model.table import Table, names_of
from shared.decider import Refused
from shared.mongo_ledger import MongoLedger, connect
from shared.projection import ProjectionStore, Projector
from shared.rpc import refusal
from shared.settings import Settings
from shared.snapshots import Snapshots

BORDER_SHOWN = 40
KIND_COLUMNS = (
    Column("变动", "change"), Column("情形", "variants", right=True), Column("入选有变", "other winners", right=True),
    Column("最多换", "most changed", right=True),
)  # fmt: skip
BORDER_COLUMNS = (
    Column("", ""), Column("编号", "no.", wraps=True), Column("类型", "type"), Column("名次", "place", right=True),
    Column("得分", "final", right=True), Column("点赞", "likes", right=True), Column("专家", "expert", right=True),
    Column("入选", "wins", right=True),
)  # fmt: skip
Plain = dict[str, Any]


def report(settings: Settings, moment: Plain, *, variants: int, spread: int, seed: str) -> tuple[Plain, EntryNames]:
    """Return how far the result would change under `variants` other methods, weights, judges and likes, and the names
    of the entries.

    It is calculated for the ranking now, or at a moment as `moment_option` parses it. Likes move by up to `spread` per
    cent. Raises Unreachable, CommandRefused.
    """
    with connect(settings.mongo_uri) as client:
        found = _table(MongoLedger(client[settings.database]), client[settings.database], moment)
    table, rules = found.table, found.table.rules
    if rules is None:
        raise CommandRefused("活动尚未开通", "the campaign is not open", code="campaign-not-open")
    draw = keys_of(settings).lot, lot_root(table)
    rows = candidates_of(table)
    names = EntryNames({entry: names_of(each) for entry, each in table.entries.items() if each.versions})
    with progress("试算情形", "trying variants", variants) as completed:
        outcome = readings_missing(rows, table) or stability(
            rows, rules, draw=draw, variants=variants, spread=spread, seed=seed, completed=completed
        )
    if isinstance(outcome, Refused):
        raise ServiceRefusal(refusal(marks_missing(outcome)), names.numbers)
    return {**plain(outcome), "cut": found.cut.to_data()}, names


def _table(ledger: MongoLedger, database: Any, moment: Plain) -> Projector[Table]:
    now = queries.current(ledger, ProjectionStore(database))
    if not moment or now.table.campaign is None:
        return now
    snapshots = Snapshots(database)
    if "cut" in moment:
        return queries.at_cut(ledger, snapshots, moment["cut"])
    return queries.as_of(ledger, snapshots, at=moment["as_of"], partitions=now.table.campaign["likes"]["partitions"])


def report_lines(found: Mapping[str, Any], names: EntryNames) -> list[str]:
    """Return a stability report as lines of text, entries by poster number."""
    kinds = {
        "method": ("评分方法", "methods"),
        "conversion": ("点赞换算", "conversions"),
        "weights": ("权重", "weights"),
        "judge": ("去掉一位专家", "one judge left out"),
        "likes": ("点赞变动", "likes moved"),
    }
    enters, leaves = text("进", "in"), text("出", "out")
    moved = f"{text('点赞变动不超过', 'likes moved by up to')} ±{found['spread_percent']}%"
    result = [text("非正式，不影响记录", "unofficial, the record is unchanged")]
    result.append(f"{found['variants']} {text('种情形', 'variants')}，{moved}")
    result.append(f"{text('摘要', 'digest')} {found['official_digest']}")
    counts = ("variants", "with_changes", "most_changed")
    rows = [[words, *(found["kinds"][kind][each] for each in counts)] for kind, words in kinds.items()]
    result += ["", *table_lines(KIND_COLUMNS, rows), ""]
    for trial in found["trials"]:
        if trial["kind"] != "likes" and trial["enters"] + trial["leaves"]:
            changes = (
                f"{sign} {', '.join(map(names.short, trial[key]))}"
                for sign, key in ((enters, "enters"), (leaves, "leaves"))
            )
            result += wrapped(f"{trial['name']}: {'；'.join(changes)}", width())
    safe = sum(share == "100.0" for share in found["winners"].values())
    result.append(f"{text('在所有情形下都入选', 'win in every variant')}: {safe} / {len(found['winners'])}")
    result.append(f"{text('脆弱的边界', 'fragile border')}: {len(found['border'])}")
    border = [
        [
            "✓" if each["winner"] else "✗", names.short(each["entry"]), each["type"], each["place"], each["final"],
            each["like_points"], each["expert"], f"{each['share']}%",
        ]
        for each in found["border"][:BORDER_SHOWN]
    ]  # fmt: skip
    result += table_lines(BORDER_COLUMNS, border) if border else []
    if len(found["border"]) > BORDER_SHOWN:
        count = len(found["border"])
        result.append(text(f"共 {count} 项，全部见 --json", f"{count} in all, use --json to see them"))
    return result

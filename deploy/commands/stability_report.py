"""Calculate the stability report of the running campaign in this process, and format it for a terminal."""

from collections.abc import Mapping
from typing import Any

import click

from services.ranking import queries
from services.ranking.analysis.stability import plain, stability
from services.ranking.read_model.ranking_input import candidates_of, lot_root, marks_missing, readings_missing
from services.ranking.read_model.table import Table
from shared.decider import Refused
from shared.keys import Keys
from shared.mongo_ledger import MongoLedger, connect
from shared.projection import ProjectionStore, Projector
from shared.settings import Settings
from shared.snapshots import Snapshots

BORDER_SHOWN = 40
Plain = dict[str, Any]


def report(settings: Settings, moment: Plain, *, variants: int, spread: int, seed: str) -> Plain:
    """Return how far the result would change under `variants` other methods, weights, judges and likes.

    It is calculated for the ranking now, or at a moment as `moment_option` parses it. Likes move by up to `spread` per
    cent. Raises Unreachable, click.ClickException.
    """
    with connect(settings.mongo_uri) as client:
        found = _table(MongoLedger(client[settings.database]), client[settings.database], moment)
    table, rules = found.table, found.table.rules
    if rules is None:
        raise click.ClickException("活动尚未开始 / the campaign is not open")
    draw = Keys.of(settings.data, settings.campaign).lot, lot_root(table)
    rows = candidates_of(table)
    outcome = readings_missing(rows, table) or stability(
        rows, rules, draw=draw, variants=variants, spread=spread, seed=seed
    )
    if isinstance(outcome, Refused):
        refused = marks_missing(outcome)
        raise click.ClickException(f"还不能排名 / there is no ranking yet: {refused.code} {dict(refused.detail or {})}")
    return {**plain(outcome), "cut": found.cut.to_data()}


def _table(ledger: MongoLedger, database: Any, moment: Plain) -> Projector[Table]:
    now = queries.current(ledger, ProjectionStore(database))
    if not moment or now.table.campaign is None:
        return now
    snapshots = Snapshots(database)
    if "cut" in moment:
        return queries.at_cut(ledger, snapshots, moment["cut"])
    return queries.as_of(ledger, snapshots, at=moment["as_of"], partitions=now.table.campaign["likes"]["partitions"])


def report_lines(found: Mapping[str, Any]) -> list[str]:
    """Return a stability report as lines of text."""
    names = {
        "method": "评分方法 / methods",
        "conversion": "点赞换算 / conversions",
        "weights": "权重 / weights",
        "judge": "去掉一位专家 / one judge left out",
        "likes": f"点赞变动 / likes moved by up to ±{found['spread_percent']}%",
    }
    result = ["非正式，不影响记录 / unofficial, the record is unchanged"]
    result.append(f"{found['variants']} 种情形 / variants，排名摘要 / digest {found['official_digest']}")
    for kind, words in names.items():
        each = found["kinds"][kind]
        result.append(
            f"  {words}：{each['variants']}，入选有变 / with different winners {each['with_changes']}"
            f"，最多换 / most winners changed {each['most_changed']}"
        )
        result += [
            f"    {trial['name']}：进 / in {', '.join(trial['enters'])}；出 / out {', '.join(trial['leaves'])}"
            for trial in found["trials"]
            if trial["kind"] == kind and kind != "likes" and trial["enters"] + trial["leaves"]
        ]
    safe = sum(share == "100.0" for share in found["winners"].values())
    result.append(f"在所有情形下都入选 / win in every variant: {safe} / {len(found['winners'])}")
    result.append(f"脆弱的边界 / fragile border: {len(found['border'])}")
    result += [
        f"  {'✓' if each['winner'] else '✗'} {each['entry']} {each['type']} {each['place']}"
        f"  得分 / final {each['final']}（点赞 / likes {each['like_points']}，专家 / expert {each['expert']}）"
        f"  入选 / wins {each['share']}%"
        for each in found["border"][:BORDER_SHOWN]
    ]
    if len(found["border"]) > BORDER_SHOWN:
        result.append(f"  …… 共 {len(found['border'])} 项，全部见 --json / use --json to see all")
    return result

"""Third phase of the demo: the judges, the result, the notice, the certificates and the exhibition."""

import asyncio
from collections.abc import Sequence
from typing import Any

from deploy.demo import demo_data
from deploy.demo.client import DemoFailed, Person, sign_up
from deploy.demo.context import DemoContext, run_concurrently
from deploy.demo.demo_data import EntryDraft

WORKERS = 12
PASSWORD = "rehearsal only: 百家 2021"
NOT_YET = frozenset({"polls-open", "overdue", "result-outdated"})
CLOCK_WAS_FIRST = "cohort-already-fixed"
TRIES, PAUSE_S = 120, 0.5


async def fix_cohort(context: DemoContext) -> None:
    """Wait until all votes are in, and fix the cohort (the entries to judge) unless the clock process has done so.

    Raises DemoFailed.
    """
    for _ in range(TRIES):
        answer = await context.organiser.send("POST", "/cohort")
        if answer.ok or answer.code == CLOCK_WAS_FIRST:
            return
        if answer.code not in NOT_YET:
            raise DemoFailed(f"the cohort is not fixed: {answer.body}")
        await asyncio.sleep(PAUSE_S)
    raise DemoFailed("the partitions did not close")


async def judge(context: DemoContext, drafts: Sequence[EntryDraft], entries: Sequence[str]) -> int:
    """Let judges mark all entries: appoint them, assign entries, give marks, submit sheets. Return the number of marks.

    `entries` are the ids of `drafts`. Raises DemoFailed.
    """
    panel = demo_data.judges(context.seed)
    draft_of = dict(zip(entries, drafts, strict=True))
    links: dict[str, str] = {}
    for each in panel:
        appointed = await context.organiser.do("/staff", {"staff": each.code, "name": each.name, "roles": ["judge"]})
        links[each.code] = appointed["link"]
        body = {"judge": each.code, "name": each.name, "employer": each.employer, "city": each.city}
        await context.organiser.do("/judges", body)
    assigned = await context.organiser.do("/assignments", {"seed": str(context.seed)})
    context.output.print_line(f"readings assigned: {assigned['assigned']} to {len(panel)} judges")
    start, _ = context.windows["judging"]
    marks = 0
    with context.output.bar("marks given", 3 * len(entries)) as bar:

        async def mark_entries(judge: demo_data.Judge) -> None:
            nonlocal marks
            person = await sign_up(context.api, judge.code, links[judge.code], PASSWORD)
            mine = await person.read("/judging/mine")
            words = mine["independence"]["words"]
            await person.do("/judging/independence", {"words": words}, at=start + 3_600_000)
            weights = {each["code"]: each["weight"] for each in mine["rubric"]}
            for k, each in enumerate(mine["entries"]):
                points = demo_data.mark(context.seed, judge, draft_of[each["entry"]])
                whole = demo_data.weighted(points, weights)
                remark = demo_data.required_explanation(whole, below=mine["words_below"], above=mine["words_above"])
                path, at = f"/judging/entries/{each['entry']}", start + 3_600_000 + k * 1000
                if k == 0:  # one mark is saved as a draft first
                    await person.do(f"{path}/draft", {"marks": {"content": points["content"]}}, at=at)
                await person.do(f"{path}/score", {"marks": points, "words": remark}, at=at + 1)
                marks += 1
                bar.step()
            await person.do("/judging/sheet", {}, at=start + 86_400_000)

        await run_concurrently(panel, mark_entries, workers=WORKERS)
    return marks


async def publish(context: DemoContext) -> dict[str, Any]:
    """Propose the result, sign it twice, publish it and open the exhibition; return the ranking and its digest.

    Raises DemoFailed.
    """
    for _ in range(TRIES):
        proposed = await context.organiser.send("POST", "/result/proposal")
        if proposed.ok:
            break
        if proposed.code not in NOT_YET:
            raise DemoFailed(f"no proposal: {proposed.body}")
        await asyncio.sleep(PAUSE_S)
    else:
        raise DemoFailed("the result could not be proposed")
    proposal = {"proposal": proposed.body["proposal"], "digest": proposed.body["digest"]}
    for signer in (context.organiser, context.second):
        await signer.do("/result/signatures", proposal)
    published = await context.organiser.do("/result/publication", {"proposal": proposal["proposal"]})
    context.output.print_line(f"result proposed, signed by two and published: digest {proposal['digest']}")
    await context.organiser.do("/exhibition", {})
    await _wait_for_gateway(context, published)
    table = await context.organiser.read("/ranking/table")
    if table["digest"] != proposal["digest"]:
        raise DemoFailed(f"the ranking is {table['digest']}, and {proposal['digest']} was published")
    return table


async def object_and_answer(context: DemoContext) -> None:
    """File an objection without an account, check that the result cannot become final meanwhile, and answer it.

    Raises DemoFailed.
    """
    body = {"words": "请核实入选名单的计分。"}
    filed = await Person(context.api, "").do("/objections", body)
    number = filed["objection"]
    refused = await context.organiser.send("POST", "/result/final", {"proposal": filed["proposal"]})
    if refused.code != "notice-running":
        raise DemoFailed(f"the result became final while its notice ran: {refused.body}")
    decision = {"upheld": False, "words": "经复核，计分与规则一致。"}
    await context.organiser.do(f"/result/objections/{number}/decision", decision)
    answered = await context.organiser.read(f"/objections/{number}")
    context.output.print_line(f"objection {number} filed anonymously, {answered['state']} with an answer")


async def conclude(context: DemoContext) -> None:
    """End the notice period, make the result final, and issue certificates that anyone can verify.

    Raises DemoFailed.
    """
    result = await context.organiser.read("/result/proposal")
    await context.clock(result["notice_until"])
    late = await Person(context.api, "").send("POST", "/objections", {"words": "来晚了。"})
    if late.code != "objection-late":
        raise DemoFailed(f"an objection was accepted after its deadline: {late.body}")
    await context.organiser.do("/result/final", {"proposal": result["published_proposal"]})
    issued = await context.organiser.do("/certificates", {})
    if issued["without"]:
        raise DemoFailed(f"{issued['without']} winners have no certificate")
    first = (await context.organiser.read("/certificates"))["certificates"][0]["certificate"]
    checked = await Person(context.api, "").read(f"/certificates/{first}")
    context.output.print_line(
        f"final after the notice; {issued['valid']} certificates issued, {first} is {checked['status']}"
    )


async def take_down(context: DemoContext) -> str:
    """Take the first entry out of the exhibition, check that visitors no longer see it, and return its poster number.

    Raises DemoFailed.
    """
    before = await context.organiser.read("/exhibition")
    if not before["open"]:
        raise DemoFailed("the exhibition is not open")
    first = before["entries"][0]
    removed = await context.organiser.do(f"/exhibition/{first['entry']}/take-down", {"reason": "单位来函请求撤下"})
    await _wait_for_gateway(context, removed)
    left = await context.organiser.read("/exhibition")
    if first["entry"] in [each["entry"] for each in left["entries"]]:
        raise DemoFailed("an entry that was taken down is still shown")
    context.output.print_line(
        f"exhibition open with {len(before['entries'])}; {first['number']} taken down, {len(left['entries'])} left"
    )
    return str(first["number"])


async def _wait_for_gateway(context: DemoContext, command: dict[str, Any]) -> None:
    """Wait until the gateway has applied the events of a command."""
    await context.organiser.read(f"/exhibition?at_least={command['position']}")

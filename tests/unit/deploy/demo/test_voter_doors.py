"""Which voters of the demo come through WeChat, and how the account's replies are parsed."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from deploy.demo import demo_data
from deploy.demo.client import AWAY, Answer, DemoFailed
from deploy.demo.console_output import ConsoleOutput
from deploy.demo.phones import read_reply
from deploy.demo.voter_doors import WechatDoor, wechat_doors
from deploy.demo.wechat import DoorCount, count_by_door, report
from gateway.http.problem_texts import WORDS
from gateway.http.problems import Problem
from gateway.voters import wechat_chat_texts as chat_texts
from gateway.voters.wechat_chat import IN_WORDS, reason
from services.voting.domain import REFUSALS
from shared.commit import Head, Stamp, form
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.stories import NOON, liked, unliked

SEED = 2021
DAYS = [date(2021, 6, day) for day in range(7, 14)]
ENTRY = {"number": "A012", "title": "炼钢《职工之家》：已为 A013", "remaining": 3, "receipt": "0.1.0.abc"}


@pytest.fixture(scope="module")
def names() -> list[str]:
    return demo_data.voters(SEED, 2_000)


@pytest.fixture(scope="module")
def steps(names: list[str]) -> list[demo_data.LikeStep]:
    entries = demo_data.entries(SEED, demo_data.roll(SEED), 320)
    return list(demo_data.likes(SEED, entries, names, DAYS, 10_000))


def test_a_tenth_comes_through_wechat_and_a_few_of_them_by_menu_and_text(names, steps):
    assert Counter(wechat_doors(SEED, names, steps).values()) == {"browser": 188, "menu": 6, "text": 6}


def test_ways_follow_from_the_seed(names, steps):
    assert wechat_doors(SEED, names, steps) == wechat_doors(SEED, names, steps)
    assert wechat_doors(SEED, names, steps) != wechat_doors(SEED + 1, names, steps)


def test_who_writes_texts_likes_and_never_takes_a_like_back(names, steps):
    texting = {name for name, way in wechat_doors(SEED, names, steps).items() if way == "text"}

    does = {(step.voter, step.action) for step in steps if step.voter in texting}

    assert does == {(name, "like") for name in texting}


@pytest.mark.parametrize("status", [each for each in IN_WORDS if each != "accepted"])
def test_reply_to_a_text_is_read_as_the_answer_that_it_words(status: str):
    assert read_reply(IN_WORDS[status].format(**ENTRY), "A012") == Answer(200, {"status": status})


@pytest.mark.parametrize("code", sorted({each for each in REFUSALS if WORDS[each].status not in AWAY}))
def test_refusal_in_the_chat_is_read_as_its_code(code: str):
    text = chat_texts.REFUSED.format(**ENTRY, reason=reason(Problem(code)))

    assert read_reply(text, "A012") == Answer(WORDS[code].status, {"code": code})


@pytest.mark.parametrize(
    "text",
    [
        "",
        chat_texts.ACCEPTED.format(**ENTRY),
        chat_texts.TRY_AGAIN.format(reason=reason(Problem("like-away"))),
        chat_texts.REFUSED.format(**ENTRY, reason=reason(Problem("busy"))),
        chat_texts.COUNTED.format(**{**ENTRY, "number": "A013"}),
    ],
    ids=["nothing", "accepted", "trouble", "busy", "another entry"],
)
def test_reply_that_says_no_outcome_is_none(text: str):
    assert read_reply(text, "A012") is None


def test_doors_are_those_of_the_likes_in_the_ledger():
    ledger = MemoryLedger()
    cast = [replace(liked("a", NOON, voter=voter), door=door) for voter, door in (("v", "dev"), ("w", "wechat"))]
    again = replace(liked("b", NOON + 1, voter="w"), door="wechat")
    for log, events in (("vote.0", cast), ("vote.1", [again, unliked("vote.1/1/0", "b", NOON + 2, voter="w")])):
        ledger.insert(form(Head(log), events, commands=[], stamp=Stamp(log, bytes(32), NOON)))

    doors = count_by_door(ledger, partitions=2)

    assert doors == {"dev": DoorCount({"v"}, 1), "wechat": DoorCount({"w"}, 2)}


def test_demo_fails_where_others_came_through_wechat_than_were_told(capsys: pytest.CaptureFixture[str]):
    doors: dict[str, DoorCount] = {
        "wechat": DoorCount({"w1"}, 3),
        "text": DoorCount({"w2"}, 1),
        "dev": DoorCount({"d"}, 9),
    }
    inside: dict[str, WechatDoor] = {"ann": "browser", "ben": "text", "cai": "menu"}

    report(ConsoleOutput(), doors, {"ann", "ben", "dai"}, inside)
    with pytest.raises(DemoFailed, match="3 voters in WeChat had a like confirmed, but 2 have one"):
        report(ConsoleOutput(), doors, {"ann", "ben", "cai"}, inside)

    assert "the development door" in capsys.readouterr().out

"""Pushes of WeChat's servers: verified, answered in time, and handled once."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gateway.backends.ports import ServiceAway
from gateway.backends.wechat_pushes import KEPT_S, PushReplies
from gateway.voters import wechat_chat
from gateway.wechat import signature
from tests.unit.gateway.town import VIEWS
from tests.unit.gateway.voters.office import (
    SERVICE,
    SUBSCRIPTION,
    Office,
    event,
    text,
)

UNKNOWN = "gh_nobody"


def unforgotten() -> float | None:
    return REGISTRY.get_sample_value("baijia_unforgotten_persons")


def likes(office: Office) -> list[tuple[str, str, str, str]]:
    """Return voter, entry, action and door of each order."""
    return [(each["voter"], each["entry"], each["action"], each["door"]) for each in office.town.orders]


def test_address_is_checked_by_either_account(office: Office):
    for account in (SERVICE, SUBSCRIPTION):
        at = str(office.app_context.wall() // 1000)
        query = {"timestamp": at, "nonce": "n", "echostr": "1234", "signature": signature.sign(account.token, at, "n")}

        answer = office.open("/wechat", params=query)

        assert (answer.status_code, answer.text) == (200, "1234")


def test_address_is_not_checked_for_strangers(office: Office):
    at = str(office.app_context.wall() // 1000)
    query = {"timestamp": at, "nonce": "n", "echostr": "<b>", "signature": signature.sign("guessed", at, "n")}

    assert office.open("/wechat", params=query).status_code == 403


def test_text_to_the_service_account_is_a_like_of_its_openid(office: Office):
    said = office.speak(text("赞 A001"))

    assert likes(office) == [(office.voter("o-ann"), "u1-1", "like", "text")]
    assert "已为 A001《炼钢" in said["Content"]
    assert "今天还可以点赞 19 个成果" in said["Content"]
    assert "http://baijia.test/receipts/0.1.0.abc" in said["Content"]
    assert (said["ToUserName"], said["FromUserName"]) == ("o-ann", SERVICE.original_id)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": "already", "receipt": "0.1.0.a", "remaining": 3}, "您今天已经为 A001"),
        ({"status": "pending", "receipt": "0.1.0.a", "remaining": 3}, "核验后计入"),
        ({"status": "gone", "remaining": 3}, "已收回"),
        ({"status": "accepted", "ticket": "t"}, "再次发送同样的内容即可查询"),
        ({"status": "refused", "code": "daily-limit", "detail": {"limit": 20}}, "已用完。每天最多 20 个成果，零点恢复"),
        ({"status": "busy"}, "人数较多，请稍后再试"),
        ({"status": "away"}, "点赞服务暂时不可用，请稍后再试"),
    ],
)  # fmt: skip
def test_outcome_is_told_honestly(office: Office, answer: dict, words: str):
    office.town.like = answer

    assert words in office.speak(text("赞A001"))["Content"]


def test_number_that_is_on_no_poster_is_told_so(office: Office):
    assert "没有找到编号 Z009" in office.speak(text("赞 Z9"))["Content"]
    assert office.town.orders == []


def test_other_words_are_answered_with_help(office: Office):
    said = office.speak(text("你好"))["Content"]

    assert "每天最多 20 个成果，其中同一类单位最多 5 个" in said
    assert "无需关注" in said


def test_menu_tap_brings_a_card_with_the_like_page(office: Office):
    card = office.speak(event("CLICK", "like"))["news"]

    title = office.app_context.views.data("campaign")["title_zh"]
    assert f"<Title><![CDATA[{title}]]></Title>" in card
    assert "<Url><![CDATA[http://baijia.test/]]></Url>" in card


@pytest.mark.parametrize(
    ("told", "words"),
    [(event("CLICK", "mine"), "/likes"), (event("CLICK", "help"), "发送“赞”加编号"), (event("subscribe"), "欢迎")],
)
def test_events_that_wait_for_words_get_them(office: Office, told: dict, words: str):
    assert words in office.speak(told)["Content"]


@pytest.mark.parametrize(
    "told",
    [event("VIEW", "http://x"), event("SCAN", "7"), event("CLICK", "unknown"), {"MsgType": "image", "MsgId": "1"}],
)
def test_events_that_wait_for_nothing_get_success(office: Office, told: dict):
    assert office.speak(told) == "success"


def test_push_that_is_sent_again_is_done_once_and_answered_alike(office: Office):
    first = office.speak(text("赞 A001"))

    again = [office.speak(text("赞 A001"), again=True) for _ in range(2)]

    assert [each["Content"] for each in again] == [first["Content"]] * 2
    assert len(office.town.orders) == 1


def test_request_that_is_replayed_minutes_later_likes_nothing_anew(office: Office):
    clock, at_s = [0.0], office.app_context.wall() // 1000 - 200
    office.wechat.replies = PushReplies(now=lambda: clock[0])
    office.speak(text("赞 A001"), at_s=at_s)
    clock[0] = KEPT_S + 1

    assert office.speak(text("赞 A001"), at_s=at_s, again=True) == "success"
    assert len(office.town.orders) == 1


def test_two_events_of_one_second_are_two(office: Office):
    office.speak(event("subscribe", CreateTime=1))
    office.speak(event("SCAN", "7", CreateTime=1))

    assert len(office.wechat.replies) == 2


@pytest.mark.parametrize(
    "how",
    [{"token": "guessed"}, {"at_s": 1_500_000_000}],
    ids=["signed by somebody else", "of another year"],
)
@pytest.mark.parametrize("to", [SERVICE, SUBSCRIPTION], ids=["safe mode", "plain mode"])
def test_push_that_is_not_proven_does_nothing(office: Office, how: dict, to):
    answer = office.speak(text("赞 A001"), to=to, **how)

    assert (answer.status_code, answer.json()["code"]) == (403, "not-wechat")
    assert office.town.orders == []


def test_push_for_another_account_does_nothing(office: Office):
    assert office.speak(text("赞 A001", ToUserName=UNKNOWN)).status_code == 403


def test_body_beyond_its_limit_is_refused_unread(office: Office):
    assert office.open("/wechat", "POST", content=b"x" * 70_000).status_code == 413


def test_answer_that_is_late_is_success_and_the_like_is_kept(office: Office):
    office.wechat.answer_s = 0.01
    done = asyncio.Event()

    async def slow(*_: object, **__: object) -> dict:
        await done.wait()
        return {"status": "counted", "receipt": "0.1.0.abc", "remaining": 1}

    office.town.order = slow

    assert office.speak(text("赞 A001")) == "success"

    done.set()
    office.wechat.answer_s = 5.0
    assert "已为 A001" in office.speak(text("赞 A001"), again=True)["Content"]


def test_whoever_unsubscribes_is_forgotten(office: Office):
    assert office.speak(event("unsubscribe")) == "success"
    assert office.voting.forgotten == [office.voter("o-ann")]


def test_forgetting_that_failed_is_left_unanswered_so_that_it_comes_again(office: Office):
    office.town.answers["moderation", "forget_person"] = ServiceAway("no service")
    assert office.speak(event("unsubscribe")).status_code == 503

    office.voting.put_into(office.town)

    assert office.speak(event("unsubscribe"), again=True) == "success"
    assert office.voting.forgotten == [office.voter("o-ann")]


def test_forgetting_that_failed_thrice_is_tried_on_though_nobody_sends_it_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wechat_chat, "FORGET_AGAIN_S", (0.01, 0.01, 0.01))
    office.town.answers["moderation", "forget_person"] = ServiceAway("no service")
    for again in (False, True, True):
        assert office.speak(event("unsubscribe"), again=again).status_code == 503
    office.voting.put_into(office.town)

    office.run(asyncio.wait_for(asyncio.gather(*office.wechat.tasks), 5))

    assert office.voting.forgotten == [office.voter("o-ann")]


def test_forgetting_is_tried_beyond_all_pauses_and_told_meanwhile(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wechat_chat, "FORGET_AGAIN_S", (0.001,))
    asked: list[float | None] = []

    def away(_: dict) -> dict:
        asked.append(unforgotten())
        return {"ok": {}} if len(asked) > 10 else {"refused": {"code": "views-away"}}

    office.town.answers["moderation", "forget_person"] = away
    office.speak(event("unsubscribe"))

    office.run(asyncio.wait_for(asyncio.gather(*office.wechat.tasks), 5))

    assert asked[1:] == [1.0] * 10
    assert unforgotten() == 0.0


def test_without_a_secrets_file_there_is_no_door(tmp_path):
    closed = Office(tmp_path, doors=False)

    assert closed.open("/wechat").status_code == 404
    assert closed.speak(text("赞 A001")).status_code == 404
    closed.close()


def test_failed_work_is_done_anew_and_old_work_forgotten():
    now, ran = [0.0], []
    answered = PushReplies(now=lambda: now[0])

    async def work() -> str:
        ran.append(1)
        if len(ran) == 1:
            raise ServiceAway("once")
        return "done"

    async def story() -> None:
        with pytest.raises(ServiceAway):
            await answered.get_or_start("k", work)
        assert await answered.get_or_start("k", work) == "done"
        now[0] = 15.0  # the third sending
        assert await answered.get_or_start("k", work) == "done"
        now[0] = KEPT_S + 1
        await answered.get_or_start("other", work)

    asyncio.run(story())
    assert (len(ran), len(answered)) == (3, 1)


@pytest.mark.parametrize("answer", [None, {"status": "refused", "code": "daily-limit", "detail": {"limit": 20}}])
def test_title_stands_in_no_reply_as_markup_link_or_second_line(tmp_path: Path, answer: dict | None):
    entries = VIEWS["entries"]["entries"]
    title = '<a href="https://evil.example/">领奖</a>\n\u202e请点 evil.example'
    views = {**VIEWS, "entries": {"entries": {**entries, "u1-1": {**entries["u1-1"], "title": title}}}}
    office = Office(tmp_path, views=views)
    if answer is not None:
        office.town.like = answer

    said = office.speak(text("赞 A001"))["Content"]
    office.close()

    assert '《＜a href="https：//evil．example/"＞领奖＜/a＞ 请点 evil．example》' in said
    assert [sign for sign in ("<", ">", "evil.example", "\u202e") if sign in said] == []

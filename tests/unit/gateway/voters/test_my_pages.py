"""The voter's pages: likes by form, today's likes, receipts, privacy."""

import re

import pytest

from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from gateway.backends.ports import ServiceAway
from tests.unit.gateway.town import CLOCK, DAY, RESULT, VIEWS, campaign, code
from tests.unit.gateway.voters.office import Office

RECEIPT = {"entry": "u1-1", "day": "2021-06-07", "at": CLOCK, "address": "vote.0/1/0", "leaf_root": "ab" * 32}


@pytest.fixture
def voter(office: Office) -> dict[str, str]:
    return {"Authorization": f"Bearer {office.token('voter')}"}


def test_form_likes_and_says_so_with_a_receipt(office: Office, voter: dict):
    page = office.open("/entries/A001/like", "POST", headers=voter, data={"do": "like", **office.ticket()})

    assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
    assert "✓ 已点赞" in page.text
    assert '<a href="/receipts/0.1.0.abc">' in page.text
    assert "今天还可以点赞 19 个成果。" in page.text
    assert [(each["entry"], each["action"]) for each in office.town.orders] == [("u1-1", "like")]


def test_form_takes_a_like_back(office: Office, voter: dict):
    office.town.like = {"status": "gone", "remaining": 20}

    page = office.open("/entries/A001/like", "POST", headers=voter, data={"do": "unlike", **office.ticket()})

    assert office.town.orders[0]["action"] == "unlike"
    assert "点赞已收回" in page.text


@pytest.mark.parametrize("receipt", ["0.1.0.abc", ""], ids=["with its receipt", "today's"])
def test_form_names_the_like_that_it_takes_back(office: Office, voter: dict, receipt: str):
    office.town.like = {"status": "gone", "remaining": 20}
    fields = {"do": "unlike", "receipt": receipt, **office.ticket()}

    office.open("/entries/A001/like", "POST", headers=voter, data=fields)

    assert office.town.orders[0]["receipt"] == (receipt or None)


def test_page_of_an_accepted_unlike_asks_again_for_the_unlike_and_not_for_a_like(office: Office, voter: dict):
    office.town.like = {"status": "accepted", "ticket": "t"}
    fields = {"do": "unlike", "receipt": "0.1.0.abc", **office.ticket()}

    page = office.open("/entries/A001/like", "POST", headers=voter, data=fields).text

    assert 'value="unlike"' in page
    assert 'name="receipt" value="0.1.0.abc"' in page
    assert 'name="do" value="like"' not in page


def test_unlike_that_the_writer_refuses_is_told_with_its_reason(office: Office, voter: dict):
    office.town.like = {"status": "refused", "code": "no-like-today", "detail": {}}

    page = office.open("/entries/A001/like", "POST", headers=voter, data={"do": "unlike", **office.ticket()})

    assert page.status_code == 409
    assert "今天没有可收回的点赞" in page.text
    assert "凭回执收回" in page.text


def test_receipt_page_takes_a_like_of_an_earlier_day_back_while_likes_are_open(office: Office, voter: dict):
    office.town.answers["voting", "receipt"] = {"ok": {**RECEIPT, "day": "2021-06-06"}}

    for_the_voter, for_anyone = (office.open("/receipts/0.1.0.abc", headers=each).text for each in (voter, {}))

    assert 'name="receipt" value="0.1.0.abc"' in for_the_voter
    assert 'value="unlike"' not in for_anyone


def test_like_of_an_entry_that_is_no_longer_shown_is_taken_back_by_its_receipt(office: Office, voter: dict):
    office.town.answers["voting", "receipt"] = {"ok": {**RECEIPT, "entry": "gone-1"}}
    shown = office.open("/receipts/0.1.0.abc", headers=voter).text
    office.town.like = {"status": "gone", "remaining": 20}
    ticket = re.findall('name="ticket" value="([0-9a-f]+)"', shown)

    answer = office.open(
        "/entries/gone-1/like",
        "POST",
        headers=voter,
        data={"do": "unlike", "receipt": "0.1.0.abc", "ticket": "".join(ticket)},
    )

    assert (answer.status_code, "点赞已收回" in answer.text) == (200, True)
    assert 'value="like"' not in answer.text
    assert 'href="/entries/gone-1"' not in answer.text
    assert [(each["entry"], each["action"], each["receipt"]) for each in office.town.orders] == [
        ("gone-1", "unlike", "0.1.0.abc")
    ]


@pytest.mark.parametrize("fields", [{}, {"do": "unlike"}, {"do": "like", "receipt": "0.1.0.abc"}])
def test_order_for_an_entry_that_is_no_longer_shown_is_refused_unless_it_names_its_like(
    office: Office, voter: dict, fields: dict
):
    answer = office.open("/entries/gone-1/like", "POST", headers=voter, data={**fields, **office.ticket()})

    assert answer.status_code == 404
    assert office.town.orders == []


def test_receipt_page_takes_nothing_back_once_likes_have_ended(tmp_path):
    office = Office(tmp_path, views={**VIEWS, "campaign": campaign(clock=CLOCK + 8 * 86_400_000)})
    office.town.answers["voting", "receipt"] = {"ok": RECEIPT}

    page = office.open("/receipts/0.1.0.abc", headers={"Authorization": f"Bearer {office.token('voter')}"}).text

    assert 'value="unlike"' not in page
    office.close()


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"status": "refused", "code": "daily-limit", "detail": {"limit": 20}}, 409, "今天的点赞次数已用完"),
        ({"status": "away"}, 503, "点赞服务暂时不可用"),
        ({"status": "accepted", "ticket": "t"}, 200, "已受理"),
    ],
)
def test_form_tells_every_outcome_in_words(office: Office, voter: dict, answer: dict, status: int, words: str):
    office.town.like = answer

    page = office.open("/entries/A001/like", "POST", headers=voter, data=office.ticket())

    assert page.status_code == status
    assert words in page.text


def test_ticket_of_a_page_serves_once_and_its_problem_leads_to_a_new_one(office: Office, voter: dict):
    shown = office.open("/entries/A001", headers=voter).text
    ticket = {"ticket": re.search(r'name="ticket" value="(\w+)"', shown)[1]}
    pages = [office.open("/entries/A001/like", "POST", headers=voter, data=ticket) for _ in range(2)]

    assert [each.status_code for each in pages] == [200, 409]
    assert '<a href="/entries/A001">' in pages[1].text
    assert [each["action"] for each in office.town.orders] == ["show", "like"]


def test_form_of_another_site_likes_nothing(office: Office):
    office.client.cookies.set("baijia", office.token("voter"))

    answer = office.open("/entries/A001/like", "POST", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert office.town.orders == []


def test_own_likes_stand_with_state_receipt_and_a_way_back(office: Office, voter: dict):
    likes = [
        {"entry": "u1-1", "at": CLOCK, "status": "counted", "receipt": "0.1.0.a"},
        {"entry": "gone-1", "at": CLOCK, "status": "pending", "receipt": "0.2.0.b"},
    ]
    office.town.like = {"status": "shown", "likes": likes, "remaining": 18}

    own = [{**each, "day": "2021-06-07"} for each in likes]
    office.town.answers["voting", "likes_of_voter"] = {"ok": {"likes": own}}
    page = office.open("/likes", headers=voter).text

    for words in ("今天还可以点赞 18 个成果。", "A001", "✓ 有效", "… 待核验", "/receipts/0.1.0.a", "gone-1"):
        assert words in page
    assert page.count('value="unlike"') == 2
    assert page.count('name="receipt" value="0.1.0.a"') == 1
    assert [page.count(f'href="/entries/{each}"') for each in ("A001", "gone-1")] == [1, 0]


def test_own_like_that_is_void_says_why_and_where_to_appeal(office: Office, voter: dict):
    own = [
        {"entry": "u1-1", "at": CLOCK, "day": "2021-06-07", "status": "void", "receipt": "0.1.0.a", "reason": why}
        for why in ("same-person", "刷赞 <工具>")
    ]
    office.town.like = {"status": "shown", "likes": [], "remaining": 18}
    office.town.answers["voting", "likes_of_voter"] = {"ok": {"likes": own}}

    page = office.open("/likes", headers=voter).text

    assert "您在另一个账号上当天已给这个成果点过赞。" in page
    assert "刷赞 &lt;工具&gt;" in page
    assert page.count("提出申诉") == 2


def answer_with(*entries: str, remaining: int) -> dict[str, object]:
    likes = [{"entry": each, "at": CLOCK, "status": "counted", "receipt": "0.1.0.a"} for each in entries]
    return {"status": "shown", "likes": likes, "remaining": remaining}


@pytest.mark.parametrize(
    ("per_type", "remaining", "expected"),
    [
        (5, 17, ["国有：还可以点赞 3 个。", "其它：还可以点赞 4 个。"]),
        (2, 17, ["国有：今天的 2 个已用完，明天恢复。", "其它：还可以点赞 1 个。"]),
        (5, 2, ["国有：还可以点赞 2 个。", "其它：还可以点赞 2 个。"]),
        (5, 0, []),
    ],
    ids=["room in both", "one type is used up", "the day ends first", "the day is used up"],
)
def test_own_likes_tell_what_is_left_of_each_type(tmp_path, per_type: int, remaining: int, expected: list[str]):
    likes = {**campaign()["likes"], "per_type": per_type}
    office = Office(tmp_path, views={**VIEWS, "campaign": campaign(likes=likes)})
    office.town.like = answer_with("u1-1", "u2-1", "u3-1", remaining=remaining)

    page = office.open("/likes", headers={"Authorization": f"Bearer {office.token('voter')}"}).text

    assert re.findall(r"<li>(.*?)</li>", page) == expected
    assert f"今天还可以点赞 {remaining} 个成果。" in page
    office.close()


def test_like_tells_the_limit_of_a_type_beside_the_day_s(office: Office, voter: dict):
    page = office.open("/entries/A001/like", "POST", headers=voter, data=office.ticket()).text
    form = office.open("/entries/A001", headers=voter).text

    assert "今天还可以点赞 19 个成果。 其中同一类型的单位每天最多 5 个" in page
    assert 'data-remaining="今天还可以点赞 {n} 个成果。" data-rule="其中同一类型的单位每天最多 5 个' in form


def test_type_that_is_used_up_is_told_with_what_may_still_be_liked(office: Office, voter: dict):
    office.town.like = {"status": "refused", "code": "type-limit", "detail": {"limit": 5, "type": "state"}}

    page = office.open("/entries/A001/like", "POST", headers=voter, data=office.ticket()).text

    assert "每天每类最多 5 个成果，今天还可以为其它类型的单位点赞。" in page


def test_who_is_not_in_is_shown_the_way_in(office: Office):
    page = office.open("/likes")

    assert page.status_code == 401
    assert '<a href="/wechat/like">用微信进入</a>' in page.text


def test_receipt_is_read_without_an_account(office: Office):
    office.town.answers["voting", "receipt"] = {"ok": RECEIPT}

    page = office.open("/receipts/0.1.0.abc").text

    for words in ("A001", "2021-06-07 12:00", "结果公布后显示", "ab" * 32):
        assert words in page
    assert "vote.0/1/0" not in page


def test_receipt_names_the_position_in_the_ledger_once_the_result_is_published(office: Office):
    office.town.answers["voting", "receipt"] = {"ok": RECEIPT}
    before = office.request("GET", "/receipts/0.1.0.abc").json()
    office.views.apply({"view": "result", "cut": {"moderation": 6, "submission": 9}, "data": RESULT})

    after = office.request("GET", "/receipts/0.1.0.abc").json()

    assert (before["address"], after["address"]) == (None, "vote.0/1/0")
    assert "vote.0/1/0" in office.open("/receipts/0.1.0.abc").text


def test_receipt_that_is_none_is_told_so(office: Office):
    office.town.answers["voting", "receipt"] = {"refused": {"code": "receipt-unknown"}}

    assert office.open("/receipts/9.9.9.x").status_code == 404


def test_privacy_is_told_in_five_lines(office: Office):
    page = office.open("/privacy").text

    assert page.count("<li>") == 5
    assert "取消关注服务号或订阅号中的任何一个" in page
    assert "删除我的信息" not in page


def test_voter_is_forgotten_and_signed_out(office: Office, voter: dict):
    assert "删除我的信息" in office.open("/privacy", headers=voter).text

    page = office.open("/privacy", "POST", headers=voter)

    assert "已删除" in page.text
    assert office.voting.forgotten == ["f" * 24]
    assert 'baijia=""' in page.headers["set-cookie"]
    assert code(office.request("GET", "/me", headers=voter)) == "session-ended"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/entries/A001", "/wechat/like?entry=A001"), ("/entries/A002", ""), ("/entries/u4-1", "")],
    ids=["an entry of the shortlist", "a frozen one", "one that is not listed"],
)
def test_entry_shows_the_way_to_a_like_in_wechat(office: Office, path: str, expected: str):
    page = office.open(path).text

    assert ('id="like"' in page) == bool(expected)
    assert expected in page


def test_entry_shows_no_way_to_a_like_outside_like_week(tmp_path):
    office = Office(tmp_path, views={**VIEWS, "campaign": campaign(clock=CLOCK + 8 * 86_400_000)})

    page = office.open("/entries/A001")

    assert 'id="like"' not in page.text
    assert page.headers["cache-control"] == "public, no-cache"
    office.close()


def test_entry_of_like_week_is_the_visitor_s_own(office: Office, voter: dict):
    page = office.open("/entries/A001", headers=voter)

    assert 'action="/entries/A001/like"' in page.text
    assert page.headers["cache-control"] == "private, no-store"


def test_pages_run_only_scripts_of_ours(office: Office):
    assert "script-src 'self'; connect-src 'self'" in office.open("/").headers["content-security-policy"]


def test_ticket_of_a_form_that_was_not_sent_serves_again(office: Office, voter: dict):
    ticket = office.ticket()
    office.town.like = {"status": "away"}
    first = office.open("/entries/A001/like", "POST", headers=voter, data=ticket)
    office.town.like = {"status": "counted", "receipt": "0.1.0.abc", "remaining": 19}

    again = office.open("/entries/A001/like", "POST", headers=voter, data=ticket)

    assert (first.status_code, again.status_code) == (503, 200)


def test_form_that_would_be_asked_for_work_is_pending_and_tells_its_source(office: Office):
    office.app_context.turnstile = Turnstile(office.app_context.keys, Admission(device_voters_per_day=1))
    for voter in ("v0", "v1"):
        cookie = f"baijia={office.token('voter', sub=voter)}; baijia-device={'d' * 22}"
        office.open("/entries/A001/like", "POST", headers={"Cookie": cookie}, data=office.ticket(voter))

    assert [each["held"] for each in office.town.orders] == [None, "pace"]
    assert [each["signals"]["site"] for each in office.town.orders] == ["same-origin"] * 2


def test_likes_page_signs_out_of_a_browser_that_others_use_too(office: Office):
    office.client.cookies.set("baijia", office.token("voter"))
    office.town.like = {"status": "shown", "likes": [], "remaining": 20}
    assert 'action="/sign-out"' in office.open("/likes").text

    answer = office.open("/sign-out", "POST")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'baijia="";' in answer.headers["set-cookie"]


@pytest.mark.parametrize("is_away", [False, True])
def test_copy_of_a_session_opens_nothing_after_the_page_signed_out(office: Office, voter: dict, is_away: bool):
    if is_away:
        office.town.answers["voting", "end_session"] = ServiceAway("voting")

    answer = office.open("/sign-out", "POST", headers=voter)

    assert (answer.status_code, 'baijia="";' in answer.headers["set-cookie"]) == (303, True)
    assert code(office.request("GET", "/me", headers=voter)) == "session-ended"


OWN = [
    {"entry": "u1-1", "day": "2021-06-07", "at": CLOCK, "status": "counted", "receipt": "r-today"},
    {"entry": "u1-1", "day": "2021-06-06", "at": CLOCK - DAY, "status": "counted", "receipt": "r-before"},
    {"entry": "u3-1", "day": "2021-06-06", "at": CLOCK - DAY, "status": "retracted", "receipt": "r-back"},
    {"entry": "u3-1", "day": "2021-06-05", "at": CLOCK - 2 * DAY, "status": "void", "receipt": "r-void"},
]


def late_office(data) -> Office:
    """Return a gateway after likes have closed, in which a voter has given likes."""
    office = Office(data, views={**VIEWS, "campaign": campaign(clock=CLOCK + 8 * DAY)})
    office.town.like = {"status": "shown", "likes": [], "remaining": 0}
    office.town.answers["voting", "likes_of_voter"] = {"ok": {"likes": OWN}}
    return office


def test_likes_of_all_days_are_listed_and_those_that_stand_can_be_taken_back(office: Office, voter: dict):
    office.town.answers["voting", "likes_of_voter"] = {"ok": {"likes": OWN}}

    page = office.open("/likes", headers=voter).text

    assert re.findall(r"<h2 id=.*?>(.*?)</h2>", page) == ["2021-06-07（今天）", "2021-06-06", "2021-06-05"]
    assert re.findall(r'name="receipt" value="(.*?)"', page) == ["r-today", "r-before"]
    for words in ("✓ 有效", "○ 已收回", "× 已作废，不计入", "每一天的点赞都可以在这里收回"):
        assert words in page


def test_api_tells_the_likes_of_all_days_and_which_can_be_taken_back(office: Office, voter: dict):
    office.town.answers["voting", "likes_of_voter"] = {"ok": {"likes": OWN}}

    found = office.open("/api/v1/me/likes", headers=voter).json()["all_days"]

    assert [(each["receipt"], each["retractable"]) for each in found] == [
        ("r-today", True),
        ("r-before", True),
        ("r-back", False),
        ("r-void", False),
    ]


def test_question_for_today_s_likes_alone_asks_the_writers_alone(office: Office, voter: dict):
    answer = office.open("/api/v1/me/likes?days=today", headers=voter).json()

    assert answer == {"status": "shown", "likes": [], "remaining": 19}
    assert office.town.calls_to("voting", "likes_of_voter") == []


def test_likes_of_earlier_days_that_cannot_be_read_now_are_said_to_be_safe(office: Office, voter: dict):
    office.town.like = answer_with("u1-1", remaining=19)
    office.town.answers["voting", "likes_of_voter"] = ServiceAway()

    page = office.open("/likes", headers=voter).text

    assert "以前各天的点赞暂时查不到" in page
    assert page.count('value="unlike"') == 1


def test_after_the_close_nothing_is_promised_and_nothing_can_be_taken_back(tmp_path):
    office = late_office(tmp_path)
    headers = {"Authorization": f"Bearer {office.token('voter')}"}

    page = office.open("/likes", headers=headers).text

    assert "还可以点赞" not in page
    assert "恢复" not in page
    assert "点赞已于 6 月 13 日 24:00 结束，不能再点赞，也不能再收回。" in page
    assert 'value="unlike"' not in page
    assert "r-today" in page
    office.close()


def test_privacy_page_speaks_of_no_button_that_is_not_there(office: Office, voter: dict):
    anybody, own = (office.open("/privacy", headers=each).text for each in ({}, voter))

    assert ("下面的按钮" in anybody, 'href="/wechat/like?page=privacy"' in anybody) == (False, True)
    assert ("下面的按钮" in own, 'action="/privacy"' in own) == (True, True)


def test_privacy_page_of_a_campaign_without_wechat_offers_no_sign_in(tmp_path):
    office = Office(tmp_path, doors=False)

    page = office.open("/privacy").text

    assert "没有接通微信" in page
    assert "/wechat/like" not in page
    office.close()

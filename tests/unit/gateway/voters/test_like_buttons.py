"""Like buttons that know their state, and what stands where a visitor cannot like."""

import re

import pytest

from gateway.load.shedding import LIMITS, Pressure
from gateway.public import like_buttons
from tests.unit.gateway.town import CLOCK, DAY, VIEWS, campaign
from tests.unit.gateway.voters.office import WECHAT, Office

LIKED = {"entry": "u1-1", "at": CLOCK, "status": "counted", "receipt": "r-1"}
PHONE = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64) Chrome/116"


@pytest.fixture
def voter(office: Office) -> dict[str, str]:
    return {"Authorization": f"Bearer {office.token('voter')}"}


def test_liked_entry_says_so_after_a_reload_and_can_be_taken_back(office: Office, voter: dict):
    office.town.like = {"status": "shown", "likes": [LIKED], "remaining": 19}

    page = office.open("/entries/A001", headers=voter).text

    assert '<div class="like-box is-liked"' in page
    assert "✓ 已赞" in page
    assert 'name="receipt" value="r-1"' in page
    assert "今天还可以点赞 19 个成果。 其中这一类单位还可以点 4 个。" in page


def test_entry_that_was_not_liked_offers_the_like_and_says_what_is_left(office: Office, voter: dict):
    office.town.like = {"status": "shown", "likes": [{**LIKED, "entry": "u3-1"}], "remaining": 3}

    page = office.open("/entries/A001", headers=voter).text

    assert '<div class="like-box"' in page
    assert "今天还可以点赞 3 个成果。 其中这一类单位还可以点 3 个。" in page


@pytest.mark.parametrize("answer", [{"status": "away"}, {"status": "busy"}, {"status": "accepted", "ticket": "t"}])
def test_state_that_is_not_known_is_said_so_and_the_button_stays(office: Office, voter: dict, answer: dict):
    office.town.like = answer

    page = office.open("/entries/A001", headers=voter).text

    assert "暂时查不到您今天的点赞情况" in page
    assert 'value="like"' in page


def test_state_is_asked_in_the_voter_s_own_name_and_of_nobody_else(office: Office, voter: dict):
    office.open("/entries/A001", headers=voter)
    office.open("/entries/A001")

    assert [(each["voter"], each["action"]) for each in office.town.orders] == [("f" * 24, "show")]


def test_phone_outside_wechat_gets_the_link_and_no_code_for_itself(office: Office):
    page = office.open("/entries/A001", headers={"User-Agent": PHONE}).text

    assert 'value="http://baijia.test/entries/A001"' in page
    assert "发送“赞 A001”" in page
    assert "/handoffs" not in page


def test_phone_outside_wechat_is_told_how_to_get_in_where_no_entry_is_wanted(office: Office):
    page = office.open("/wechat/like?page=likes", headers={"User-Agent": PHONE})

    assert page.status_code == 200
    assert 'value="http://baijia.test/likes"' in page.text
    assert "<svg" not in page.text


@pytest.mark.parametrize("agent", [WECHAT, PHONE, DESK])
def test_campaign_without_wechat_says_that_nobody_can_like_there(tmp_path, agent: str):
    office = Office(tmp_path, doors=False)

    page = office.open("/entries/A001", headers={"User-Agent": agent}).text

    assert "这里不能点赞" in page
    assert 'value="like"' not in page
    assert "/wechat/like" not in page.split("<footer")[0]
    office.close()


@pytest.mark.parametrize("day", [-1, 8], ids=["before likes", "after likes"])
def test_no_like_button_stands_outside_the_window(tmp_path, day: int):
    office = Office(tmp_path, views={**VIEWS, "campaign": campaign(clock=CLOCK + day * DAY)})

    page = office.open("/entries/A001", headers={"Authorization": f"Bearer {office.token('voter')}"}).text

    assert re.findall(r'class="like[ "-]', page) == []
    assert office.town.orders == []
    office.close()


def test_cached_page_is_filled_with_one_voter_s_state():
    cached = b'<li data-number="A001"><li data-number="A002"><input value="-like-ticket-"><a href="?tap=-like-tap-">'

    filled = like_buttons.fill(cached, ticket="t-1", proof="p-1", liked={"A001"})

    expected = b'<li data-number="A001" data-liked><li data-number="A002"><input value="t-1"><a href="?tap=p-1">'
    assert filled == expected


def test_writers_are_not_asked_for_a_state_while_likes_are_queued(office: Office, voter: dict):
    office.app_context.shedding.record(Pressure(loop_lag_ms=LIMITS.loop_lag_ms * 100), 0.0)

    page = office.open("/entries/A001", headers=voter).text

    assert "暂时查不到您今天的点赞情况" in page
    assert office.town.orders == []

"""Tokens, tickets, and the calls that need them."""

import hashlib
from collections.abc import Iterator

import pytest

from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

pytestmark = pytest.mark.slow  # starts processes or sockets


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorClient]:
    with running_simulator() as made:
        yield made


@pytest.fixture
def fresh() -> Iterator[SimulatorClient]:
    with running_simulator() as made:
        yield made


def info(sim: SimulatorClient, token: str, openid: str = "o") -> int:
    return sim.get("/cgi-bin/user/info", access_token=token, openid=openid).get("errcode", 0)


def classic(sim: SimulatorClient) -> str:
    return sim.get("/cgi-bin/token", grant_type="client_credential", **sim.secret())["access_token"]


def test_stable_token_stays_the_same(fresh: SimulatorClient):
    assert fresh.stable() == fresh.stable()


def test_stable_token_is_renewed_five_minutes_before_its_end_and_both_are_taken_meanwhile(fresh: SimulatorClient):
    old, openid = fresh.stable(), fresh.openid("p")
    fresh.order("clock", forward_s=7_200 - 300)

    new = fresh.stable()

    assert (old != new, info(fresh, old, openid), info(fresh, new, openid)) == (True, 0, 0)


def test_token_past_its_time_is_expired(fresh: SimulatorClient):
    old = fresh.stable()
    fresh.order("clock", forward_s=7_201)

    assert info(fresh, old) == 42001


def test_forced_token_kills_the_one_before(fresh: SimulatorClient):
    old = fresh.stable()
    new = fresh.stable(force=True)

    assert (info(fresh, old), info(fresh, new)) == (40001, 40003)


def test_token_is_forced_at_most_once_in_thirty_seconds(fresh: SimulatorClient):
    first = fresh.stable(force=True)
    again = fresh.stable(force=True)
    fresh.order("clock", forward_s=30)

    assert (first == again, again != fresh.stable(force=True)) == (True, True)


def test_twenty_first_forced_token_of_a_day_is_refused(fresh: SimulatorClient):
    for _ in range(20):
        fresh.stable(force=True)
        fresh.order("clock", forward_s=31)

    body = {"grant_type": "client_credential", **fresh.secret(), "force_refresh": True}

    assert fresh.post("/cgi-bin/stable_token", body)["errcode"] == 45009


def test_classic_token_is_new_each_time_and_the_old_one_lives_five_minutes(fresh: SimulatorClient):
    old, openid = classic(fresh), fresh.openid("p")
    new = classic(fresh)

    before = info(fresh, old, openid)
    fresh.order("clock", forward_s=301)

    assert (old != new, before, info(fresh, old), info(fresh, new, openid)) == (True, 0, 42001, 0)


def test_classic_and_stable_tokens_do_not_touch_each_other(fresh: SimulatorClient):
    stable, openid = fresh.stable(), fresh.openid("p")
    classic(fresh)
    classic(fresh)
    fresh.order("clock", forward_s=301)

    assert info(fresh, stable, openid) == 0


@pytest.mark.parametrize(
    ("change", "errcode"), [({"appid": "wx0"}, 40013), ({"secret": "wrong"}, 40125)], ids=["appid", "secret"]
)
def test_token_needs_the_right_settings(shared: SimulatorClient, change: dict[str, str], errcode: int):
    assert shared.post("/cgi-bin/stable_token", {**shared.secret(), **change})["errcode"] == errcode


def test_ticket_signs_a_page_and_nothing_else(shared: SimulatorClient):
    ticket = shared.get("/cgi-bin/ticket/getticket", type="jsapi", access_token=shared.stable())["ticket"]
    said = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1&url=https://a/b?c"
    config = {
        "appId": shared.accounts["service"].appid,
        "nonceStr": "n",
        "timestamp": 1,
        "signature": hashlib.sha1(said.encode()).hexdigest(),
    }

    right = [shared.order("jssdk", **config, url=url)["right"] for url in ("https://a/b?c#d", "https://a/b")]

    assert right == [True, False]


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("nobody's", 40001)], ids=["none", "nobody's"])
def test_question_without_a_token_of_ours_is_refused(shared: SimulatorClient, token: str, errcode: int):
    assert info(shared, token) == errcode


def test_person_who_follows_and_one_who_does_not_are_told_apart(shared: SimulatorClient):
    (follower,) = shared.order("people", count=1, prefix="follower-", follow=True)["people"]
    stranger = shared.openid("stranger-")

    told = [
        shared.get("/cgi-bin/user/info", access_token=shared.stable(), openid=each)
        for each in (follower["openid"], stranger)
    ]

    assert [(1, follower["unionid"]), (0, None)] == [(each["subscribe"], each.get("unionid")) for each in told]


def test_same_person_has_another_openid_at_each_account_and_one_unionid(shared: SimulatorClient):
    shown = [shared.order("people", account=kind, count=1)["people"][0] for kind in shared.accounts]

    assert (len({each["openid"] for each in shown}), len({each["unionid"] for each in shown})) == (3, 1)


def test_same_seed_gives_the_same_openids(shared: SimulatorClient):
    with running_simulator(seed=1) as same, running_simulator(seed=2) as other:
        assert shared.openid("p") == same.openid("p") != other.openid("p")


def test_accounts_that_are_not_bound_tell_no_unionid():
    with running_simulator(bound=False) as unbound:
        (person,) = unbound.order("people", count=1, follow=True)["people"]
        told = unbound.get("/cgi-bin/user/info", access_token=unbound.stable(), openid=person["openid"])

    assert (person["unionid"], "unionid" in told) == (None, False)


def leaf(**more: str) -> dict[str, str]:
    return {"type": "click", "name": "点赞", "key": "LIKE", **more}


def test_menu_is_kept_as_it_was_made(fresh: SimulatorClient):
    menu = {"button": [leaf(), {"name": "更多", "sub_button": [leaf(name="我的", key="MINE")]}]}
    made = fresh.post("/cgi-bin/menu/create", menu, access_token=fresh.stable())

    assert (0, {"menu": menu}) == (
        made["errcode"],
        fresh.get("/cgi-bin/menu/get", access_token=fresh.stable()),
    )


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        pytest.param([], 40016, id="none"),
        pytest.param([leaf()] * 4, 40016, id="four"),
        pytest.param([leaf(name="六个汉字长的")], 40018, id="name too long"),
        pytest.param([leaf(key="k" * 129)], 40019, id="key too long"),
        pytest.param([leaf(type="view")], 40020, id="link missing"),
        pytest.param([leaf(type="dance")], 40017, id="unknown type"),
        pytest.param([{"name": "更多", "sub_button": [leaf()] * 6}], 40023, id="six below"),
    ],
)
def test_menu_that_the_platform_would_not_take_is_refused(
    shared: SimulatorClient, buttons: list[dict[str, str]], errcode: int
):
    refused = shared.post("/cgi-bin/menu/create", {"button": buttons}, access_token=shared.stable())

    assert refused["errcode"] == errcode


def test_quota_is_cleared_ten_times(fresh: SimulatorClient):
    token = fresh.stable()
    fresh.order("faults", fault="45009", call="user/info")
    spent = info(fresh, token)

    cleared = [fresh.post("/cgi-bin/clear_quota", {"appid": "wx"}, access_token=token)["errcode"] for _ in range(11)]

    assert (45009, 40003, [*[0] * 10, 48006]) == (spent, info(fresh, token), cleared)

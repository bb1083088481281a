"""Complaints and suggestions: filed by form and by API without a sender, looked up, and answered."""

import html
import json
import re
from typing import Any

import pytest

from gateway.admission.letters import Letters
from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from gateway.html.static_files import static_url
from gateway.html.texts import WORDS
from gateway.load.shedding import LIMITS, Pressure
from tests.unit.gateway.admission.posts import solution
from tests.unit.gateway.town import CLOCK, Visitor, code

NUMBER = "ABCDEFGH23456722"
OPEN = {"complaint": NUMBER, "kind": "complaint", "entry": "u1-1", "at": CLOCK, "state": "open", "answer": None}
ANSWERED = {**OPEN, "state": "answered", "answer": {"words": "已核实 <b>无误</b>。", "at": CLOCK}}
SAID = {"kind": "complaint", "entry": "A001", "words": "这不是他们做的。\r\n请核实。", "contact": "138"}


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    app = visitor.app_context
    app.turnstile = Turnstile(app.keys, Admission(challenge_tries=4))
    app.letters = Letters(app.turnstile.challenges, now=lambda: 0.0)
    visitor.town.answers["moderation", "file_complaint"] = lambda call: {
        "ok": {**OPEN, "entry": call["body"]["entry"], "kind": call["body"]["kind"], "repeated": False},
        "log": "moderation",
        "n": 6,
    }
    return visitor


def post(visitor: Visitor, **changes: Any) -> Any:
    return visitor.request("POST", "/complaints", plain=True, data={**SAID, **changes})


@pytest.mark.parametrize("path", ["/", "/boards", "/entries/A001", "/privacy", "/complaints", "/nothing", "/likes"])
def test_every_page_leads_to_the_form(visitor: Visitor, path: str):
    text = visitor.request("GET", path, plain=True).text

    about = "?entry=A001" if path == "/entries/A001" else ""
    assert f'<a href="/complaints{about}">{WORDS["complaints"][0]}</a>' in text


def test_form_names_its_fields_and_the_entry_that_it_came_from(visitor: Visitor):
    text = visitor.request("GET", "/complaints?entry=A001", plain=True).text

    fields = re.findall(r'<(?:input|textarea) id="([^"]+)"', text)
    assert fields == ["about", "words", "contact", "number"]
    assert [each for each in fields if f'<label for="{each}">' not in text] == []
    assert 'name="entry" value="A001"' in text
    assert '/complaints?entry=A001&amp;lang=en"' in text


def test_form_says_that_it_does_not_know_the_entry(visitor: Visitor):
    known, unknown = (visitor.request("GET", f"/complaints?entry={each}", plain=True).text for each in ("A001", "A999"))

    words = WORDS["complaint.unknown-entry"][0]
    assert (words in known, words in unknown) == (False, True)


def test_form_files_and_shows_the_number(visitor: Visitor):
    answer = post(visitor)

    (call,) = visitor.town.calls_to("moderation", "file_complaint")
    assert call["body"] == {**SAID, "entry": "u1-1", "words": "这不是他们做的。\n请核实。"}
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    for words in ("✓ 已受理", "ABCD-EFGH-2345-6722", f'href="/complaints/{NUMBER}"', "A001 · 炼钢"):
        assert words in answer.text


def test_who_complains_is_not_told_to_the_service(visitor: Visitor):
    headers = {"Authorization": f"Bearer {visitor.token('voter')}"}

    visitor.request("POST", "/complaints", plain=True, data=SAID, headers=headers)

    (call,) = visitor.town.calls_to("moderation", "file_complaint")
    assert (call["actor"], call["roles"]) == ("gateway", ["operator"])
    assert "f" * 24 not in repr(call)


def test_form_that_is_sent_twice_is_one_command_and_another_form_another(visitor: Visitor):
    text = visitor.request("GET", "/complaints", plain=True).text
    form = re.search(r'name="form" value="([^"]+)"', text)[1]

    for sent in (form, form, "A" * 22, ""):
        answer = post(visitor, form=sent)
        if answer.status_code == 403:
            post(visitor, form=sent, solution=solution(challenge_of(answer.text)))

    ids = [call["id"] for call in visitor.town.calls_to("moderation", "file_complaint")]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_complaint_about_the_campaign_names_no_entry(visitor: Visitor):
    post(visitor, entry="", contact="", kind="suggestion")

    (call,) = visitor.town.calls_to("moderation", "file_complaint")
    assert (call["body"]["entry"], call["body"]["contact"], call["body"]["kind"]) == (None, None, "suggestion")


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"words": " "}, 422, "请写明内容"),
        ({"words": ""}, 422, "请写明内容"),
        ({"words": "长" * 2_001}, 422, "内容格式不符合要求"),
        ({"kind": "praise"}, 422, "内容格式不符合要求"),
        ({"entry": "Z999"}, 404, "没有这个成果"),
    ],
)
def test_form_that_cannot_be_filed_is_told_so_and_reaches_no_service(
    visitor: Visitor, changes: dict[str, str], status: int, words: str
):
    answer = post(visitor, **changes)

    assert (answer.status_code, words in answer.text) == (status, True)
    assert visitor.town.calls_to("moderation", "file_complaint") == []


def test_longest_complaint_fits_the_form(visitor: Visitor):
    assert post(visitor, words="长" * 2_000).status_code == 200


def challenge_of(text: str) -> dict[str, Any]:
    """Return the challenge of a form on a page."""
    found = re.search(r'data-challenge="([^"]+)"', text)
    assert found is not None
    challenge: dict[str, Any] = json.loads(html.unescape(found[1]))
    return challenge


def test_second_letter_comes_back_with_its_text_and_is_filed_with_the_work_done(visitor: Visitor):
    free = post(visitor)
    back = post(visitor, words="第二封 <b>", kind="suggestion")

    sent = {**SAID, "words": "第二封 <b>", "solution": solution(challenge_of(back.text))}
    filed = visitor.request("POST", "/complaints", plain=True, data=sent)

    assert (free.status_code, back.status_code, filed.status_code) == (200, 403, 200)
    for words in (
        "从第二封起需要自动验证",
        "10 分钟后再提交",
        ">第二封 &lt;b&gt;</textarea>",
        'value="138"',
        "data-again",
    ):
        assert words in back.text
    assert 'value="suggestion" checked' in back.text
    assert len(visitor.town.calls_to("moderation", "file_complaint")) == 2


def test_form_has_its_challenge_from_the_second_letter_on(visitor: Visitor):
    before = visitor.request("GET", "/complaints", plain=True).text
    post(visitor)
    after = visitor.request("GET", "/complaints", plain=True).text

    assert ("data-challenge" in before, static_url("letter.js") in before) == (False, False)
    assert (static_url("letter.js") in after, "data-again" in after) == (True, False)
    assert post(visitor, solution=solution(challenge_of(after))).status_code == 200


def test_program_is_told_the_challenge(visitor: Visitor):
    post(visitor)
    told = visitor.request("POST", "/complaints", key="k2", json=SAID)
    headers = {"Challenge-Solution": solution(told.json()["facts"]["challenge"])}

    filed = visitor.request("POST", "/complaints", key="k2", json=SAID, headers=headers)

    assert (code(told), told.json()["facts"]["seconds"], filed.status_code) == ("letter-challenge", 600, 201)


def test_people_who_flood_do_not_stop_others(visitor: Visitor):
    """Twelve sessions send five letters each at once: as many as were let in from everybody in a minute before."""

    def send(who: str, key: str, **headers: str) -> Any:
        token = visitor.app_context.sessions.issue(who, frozenset({"voter"}))[0]
        headers["Authorization"] = f"Bearer {token}"
        return visitor.request("POST", "/complaints", key=key, json=SAID, headers=headers)

    for k in range(12):
        for n in range(5):
            told = send(f"{k:024x}", f"{k}-{n}")
            if told.status_code != 201:
                work = solution(told.json()["facts"]["challenge"])
                assert send(f"{k:024x}", f"{k}-{n}", **{"Challenge-Solution": work}).status_code == 201

    assert [send(f"{k:024x}", f"honest-{k}").status_code for k in range(20, 30)] == [201] * 10


def test_program_files_with_a_key_and_the_same_key_is_the_same_command(visitor: Visitor):
    answers = [visitor.request("POST", "/complaints", key="k1", json=SAID) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["complaint"] == NUMBER
    assert len({call["id"] for call in visitor.town.calls_to("moderation", "file_complaint")}) == 1
    assert code(visitor.request("POST", "/complaints", json=SAID)) == "idempotency-key-missing"


@pytest.mark.parametrize("typed", [NUMBER, NUMBER.lower(), "ABCD-EFGH-2345-6722", " abcd efgh 2345 6722 "])
def test_number_is_read_as_people_type_it(visitor: Visitor, typed: str):
    answer = visitor.request("GET", "/complaints", plain=True, params={"number": typed})

    assert (answer.status_code, answer.headers["location"]) == (303, f"/complaints/{NUMBER}")


@pytest.mark.parametrize("typed", ["", "ABC", "9" * 16, "//evil.example", NUMBER + "A"])
def test_what_is_no_number_is_told_so_and_reaches_no_service(visitor: Visitor, typed: str):
    answer = visitor.request("GET", "/complaints", plain=True, params={"number": typed})

    assert (answer.status_code, "没有这个受理编号" in answer.text) == (404, True)
    assert visitor.town.calls_to("moderation", "complaint") == []


def test_state_is_told_in_words_and_the_answer_is_text(visitor: Visitor):
    visitor.town.answers["moderation", "complaint"] = {"ok": OPEN}
    waiting = visitor.request("GET", f"/complaints/{NUMBER}", plain=True).text
    visitor.town.answers["moderation", "complaint"] = {"ok": ANSWERED}
    answered = visitor.request("GET", f"/complaints/{NUMBER}", plain=True).text

    assert "○ 已受理，待答复" in waiting
    assert "✓ 已答复" in answered
    assert "已核实 &lt;b&gt;无误&lt;/b&gt;。" in answered


def test_unknown_number_is_a_page_and_a_problem(visitor: Visitor):
    visitor.town.answers["moderation", "complaint"] = {"refused": {"code": "complaint-unknown"}}

    assert visitor.request("GET", f"/complaints/{NUMBER}", plain=True).status_code == 404
    assert code(visitor.request("GET", f"/complaints/{NUMBER}")) == "complaint-unknown"


def test_looking_up_is_given_up_under_load_and_filing_is_not(visitor: Visitor):
    visitor.app_context.shedding.record(Pressure(loop_lag_ms=4 * LIMITS.loop_lag_ms), 0.0)

    assert visitor.request("GET", f"/complaints/{NUMBER}", plain=True).status_code == 503
    assert post(visitor).status_code == 200


def test_desk_reads_and_answers(visitor: Visitor):
    told = {"complaints": [{**OPEN, "words": "x", "contact": None, "by": None}], "next": None, "open": 1}
    visitor.town.answers["moderation", "complaints"] = {"ok": told}

    listed = visitor.request("GET", "/moderation/complaints?state=open", role="moderator")
    answer = visitor.request(
        "POST", f"/moderation/complaints/{NUMBER}/answer", role="moderator", key="k", json={"words": "已核实。"}
    )

    assert (listed.json(), answer.status_code) == (told, 200)
    (call,) = visitor.town.calls_to("moderation", "answer_complaint")
    assert call["body"] == {"complaint": NUMBER, "words": "已核实。"}
    assert call["actor"] == "moderator-li"

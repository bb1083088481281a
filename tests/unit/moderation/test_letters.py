"""Letters over the real service: what is proposed, approved, withdrawn and sent, and who may see an address."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.moderation.letter_texts import item_name
from services.moderation.letters import KINDS
from services.moderation.outbox import TOPIC_OF
from services.moderation.reasons import ITEMS
from services.moderation.state import ModerationState, evolve
from services.ranking.events import ResultPublished
from services.submission.events import CadreInvited, EntrySubmitted
from shared.commit import Head, form
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town

OWN = """
[letters.approved]
title_zh = "{entry}：好消息"
words_zh = "{unit}的《{entry}》通过了。"
"""
UNITS = ("U1", "U2", "U3")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return an open rehearsal with an organiser, a moderator, and three entries."""
    town = Town(tmp_path)
    now = town.open(CAMPAIGN_FILE.read_text() + OWN)["now"]
    town.appoint("mo", "莫", "moderator")
    handed = [
        EntrySubmitted(f"{unit}-1", 1, unit, "state", f"题{unit}", "", "", ("home",), None, (), None, now - 9,
                       unit_name=f"{unit}工会")
        for unit in UNITS
    ]  # fmt: skip
    invited = CadreInvited("U4", "i1", now + 86_400_000, "olga", now)
    town.ledger.insert(form(Head("submission"), [*handed, invited], commands=[], stamp=stamp()))
    return town


def decide(town: Town, entry: str = "U1-1") -> None:
    town.ok("approve", "mo", "moderator", entry=entry, version=1)


def letters(town: Town, state: str = "proposed") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.ok("letters", "olga", "organiser", state=state)["letters"]
    return found


def approve(town: Town, *kinds: str) -> list[str]:
    chosen = [each for each in letters(town) if not kinds or each["kind"] in kinds]
    read = [{"letter": each["letter"], "digest": each["digest"]} for each in chosen]
    town.ok("approve_letters", "olga", "organiser", letters=read)
    return [each["letter"] for each in chosen]


def contact(town: Town, unit: str = "U1", **addresses: str) -> None:
    town.ok("set_message_contact", unit, "unit", contact=f"contact.{unit}", **addresses)


def due(town: Town, *channels: str) -> dict[str, Any]:
    return town.ok("due_deliveries", "clock", "operator", channels=list(channels or ("email", "sms")))


def begin(town: Town, each: dict[str, Any]) -> None:
    asked = {name: each[name] for name in ("letter", "channel", "attempt", "channels")}
    town.ok("begin_delivery", "clock", "operator", **asked)


def end(town: Town, each: dict[str, Any], state: str, code: str = "250") -> None:
    known = {name: each[name] for name in ("letter", "attempt", "channels")}
    town.ok("end_delivery", "clock", "operator", **known, state=state, code=code)


def counts(town: Town) -> dict[str, int]:
    found = town.ok("message_counts", "olga", "organiser")
    return {name: count for name, count in found.items() if count}


def test_decision_proposes_a_letter_that_waits_for_an_organiser(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")

    found = {each["kind"]: each for each in letters(town)}

    assert sorted(found) == ["approved", "invitation"]
    assert (found["approved"]["title"], found["approved"]["words"]) == ("题U1：好消息", "U1工会的《题U1》通过了。")
    assert (found["approved"]["unit"], found["approved"]["channels"]) == ("U1", ["email"])
    assert due(town) == {"due": [], "interrupted": [], "failed": 0}
    assert counts(town) == {"proposed": 2}


def test_return_says_what_is_wrong_and_until_when(town: Town) -> None:
    remarks = [{"item": "files/0", "words": "太暗"}, {"item": "text", "words": "太短"}]
    until = town.ok("campaign")["now"] + 86_400_000
    town.ok("return_entry", "mo", "moderator", entry="U1-1", version=1, remarks=remarks, until=until)

    (letter,) = [each for each in letters(town) if each["kind"] == "returned"]

    assert "- 文件 1：太暗\n- 正文：太短" in letter["words"]
    assert letter["title"].startswith("《题U1》退回修改，")


def test_english_contact_reads_english(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn", lang="en")

    (letter,) = [each for each in letters(town) if each["kind"] == "approved"]

    assert letter["title"] == "“题U1” has been approved"


def test_empty_selection_sends_nothing(town: Town) -> None:
    decide(town)

    assert town.no("approve_letters", "olga", "organiser", letters=[]) == "letters-empty"
    assert counts(town) == {"proposed": 2}


def test_letter_that_changed_since_it_was_read_is_not_approved(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    read = [{"letter": each["letter"], "digest": each["digest"]} for each in letters(town)]
    contact(town, email="li@example.cn", lang="en")

    assert town.no("approve_letters", "olga", "organiser", letters=read) == "letter-changed"
    assert counts(town) == {"proposed": 2}


def test_approved_letter_is_sent_once_however_often_it_is_reported(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    (name,) = approve(town, "approved")
    (each,) = due(town)["due"]
    begin(town, each)
    end(town, each, "sent")
    end(town, each, "sent")

    assert (each["letter"], each["address"], each["channel"]) == (name, "li@example.cn", "email")
    assert due(town) == {"due": [], "interrupted": [], "failed": 0}
    (sent,) = letters(town, "sent")
    assert [(a["channel"], a["state"], a["code"]) for a in sent["attempts"]] == [("email", "sent", "250")]
    assert counts(town) == {"proposed": 1, "sent": 1}


def test_undone_decision_withdraws_its_letter(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    approve(town, "approved")
    town.ok("undo_decision", "mo", "moderator", entry="U1-1", version=1)

    assert due(town) == {"due": [], "interrupted": [], "failed": 0}
    (letter,) = letters(town, "withdrawn")
    assert (letter["kind"], letter["why"]) == ("approved", "reversed")


def test_undone_decision_whose_letter_is_out_proposes_a_correction(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    approve(town, "approved")
    (each,) = due(town)["due"]
    begin(town, each)
    end(town, each, "sent")
    town.ok("undo_decision", "mo", "moderator", entry="U1-1", version=1)

    (letter,) = [each for each in letters(town) if each["kind"] == "corrected"]

    assert letter["title"] == "更正：此前的通知“题U1：好消息”不再有效"


def test_disqualified_entry_gets_no_letter_of_its_approval(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    approve(town, "approved")
    town.ok("disqualify", "olga", "organiser", entry="U1-1", reason="抄袭")

    assert due(town)["due"] == []
    assert [each["kind"] for each in letters(town)] == ["disqualified", "invitation"]


def test_temporary_failure_waits_and_the_last_one_gives_way_to_the_next_channel(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn", phone="13800000000")
    approve(town, "approved")
    (first,) = due(town)["due"]
    begin(town, first)
    end(town, first, "later", "451")
    waiting = letters(town, "waiting")[0]

    assert due(town)["due"] == []  # until the pause is over
    assert waiting["attempts"][0]["again"] is not None


def test_address_that_is_refused_gives_way_to_the_phone_and_then_the_letter_has_failed(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn", phone="13800000000")
    (name,) = approve(town, "approved")
    for channel, code in (("email", "550"), ("sms", "11")):
        (each,) = due(town)["due"]
        assert each["channel"] == channel
        begin(town, each)
        end(town, each, "failed", code)

    (failed,) = letters(town, "failed")
    assert [(a["channel"], a["state"]) for a in failed["attempts"]] == [("email", "next"), ("sms", "failed")]
    assert counts(town) == {"proposed": 1, "failed": 1, "open": 1}
    assert town.ok("resume_letters", "olga", "organiser", letters=[name])["resumed"] == 1
    assert due(town)["due"][0]["channel"] == "email"


def test_attempt_that_was_interrupted_is_handed_back_and_not_begun_again(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    approve(town, "approved")
    (each,) = due(town)["due"]
    begin(town, each)

    found = due(town)

    assert (found["due"], [one["attempt"] for one in found["interrupted"]]) == ([], [1])
    end(town, each, "unsure", "interrupted")
    assert counts(town) == {"proposed": 1, "unsure": 1, "open": 1}


def test_two_senders_cannot_begin_the_same_attempt(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    approve(town, "approved")
    (each,) = due(town)["due"]
    begin(town, each)

    asked = {name: each[name] for name in ("letter", "channel", "attempt", "channels")}
    assert town.no("begin_delivery", "clock", "operator", **asked) == "letter-not-due"


def test_letter_without_an_address_is_named_and_goes_out_once_there_is_one(town: Town) -> None:
    decide(town)
    approve(town, "approved")

    assert counts(town) == {"proposed": 1, "unaddressed": 1, "open": 1}
    contact(town, phone="13800000000")
    assert [each["channel"] for each in due(town)["due"]] == ["sms"]


def test_invitation_holds_its_link_only_on_the_way_out(town: Town) -> None:
    town.ok("set_message_contact", "olga", "organiser", contact="contact.U4", email="u4@example.cn")
    approve(town, "invitation")

    (sent,) = due(town)["due"]
    (stored,) = letters(town, "waiting")

    assert "https://like.example.cn/unit/join/U4/" in sent["words"]
    assert "{link}" in stored["words"]


def test_short_message_holds_the_title_and_an_invitations_link(town: Town) -> None:
    decide(town)
    contact(town, phone="13800000000")
    town.ok("set_message_contact", "olga", "organiser", contact="contact.U4", phone="13900000000")
    approve(town)

    found = {each["address"]: each for each in due(town)["due"]}

    assert (found["13800000000"]["title"], found["13800000000"]["words"]) == ("题U1：好消息", "")
    assert found["13900000000"]["words"].startswith("https://like.example.cn/unit/join/U4/")


def test_broadcast_goes_to_the_units_that_were_chosen(town: Town) -> None:
    text = {"kind": "broadcast", "title": "点赞周延长", "words": "延长一天。{link}"}
    asked = ["contact.U1", "contact.U2", "contact.U1"]
    town.ok("draft_letters", "olga", "organiser", to=asked, **text)

    found = [(each["unit"], each["words"]) for each in letters(town) if each["kind"] == "broadcast"]

    assert found == [("U1", "延长一天。{link}"), ("U2", "延长一天。{link}")]
    assert town.no("draft_letters", "olga", "organiser", to=[], **text) == "letters-empty"
    assert town.no("draft_letters", "olga", "organiser", to=["staff.nobody"], **text) == "contact-unknown"


def test_dropped_letter_is_not_proposed_again(town: Town) -> None:
    decide(town)
    names = [each["letter"] for each in letters(town)]

    assert town.ok("withdraw_letters", "olga", "organiser", letters=names)["withdrawn"] == 2
    assert letters(town) == []
    assert {each["why"] for each in letters(town, "withdrawn")} == {"dropped"}


def test_unit_reads_and_sets_its_own_contact_alone(town: Town) -> None:
    contact(town, email="li@example.cn", phone="13800000000")

    assert town.ok("message_contact", "U1", "unit", contact="contact.U1") == {
        "contact": "contact.U1", "email": "li@example.cn", "phone": "13800000000", "lang": "zh",
        "wechat": {"is_sent": False, "topics": [
            {"topic": topic, "scene": scene, "agreed_at": None}
            for topic, scene in (("review", 7101), ("result", 7102), ("news", 7103))
        ]},
    }  # fmt: skip
    assert town.no("message_contact", "U2", "unit", contact="contact.U1") == "not-yours"
    assert town.no("set_message_contact", "U2", "unit", contact="contact.U1", email="e@example.cn") == "not-yours"
    assert town.no("message_contact", "mo", "moderator", contact="contact.U1") == "not-yours"


def test_staff_read_and_set_their_own_addresses_alone(town: Town) -> None:
    town.ok("set_message_contact", "mo", "moderator", contact="staff.mo", email="mo@example.cn")

    assert town.ok("message_contact", "mo", "moderator", contact="staff.mo")["email"] == "mo@example.cn"
    assert town.no("message_contact", "mo", "moderator", contact="staff.olga") == "not-yours"
    assert town.no("set_message_contact", "mo", "moderator", contact="staff.olga", email="e@example.cn") == "not-yours"
    assert town.no("message_contact", "staff.mo", "voter", contact="staff.mo") == "role-missing"


def test_address_stands_in_the_log_only_sealed_and_goes_with_the_contact(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn", phone="13800000000")
    approve(town, "approved")
    stored = str([commit.events() for commit in town.ledger.read("moderation", 0)])
    contact(town)

    assert ("li@example.cn" in stored, "13800000000" in stored) == (False, False)
    assert town.state_of("moderation").forgotten == {"contact.U1"}
    assert town.ok("message_contact", "U1", "unit", contact="contact.U1")["email"] == ""
    assert due(town)["due"] == []


def test_every_item_that_a_reason_may_be_about_has_a_name_in_both_languages() -> None:
    items = [*ITEMS, "files/0", "captions/0"]

    assert [item for item in items for lang in ("zh", "en") if item_name(item, lang) == item] == []
    assert [item_name("captions/1", lang) for lang in ("zh", "en")] == ["文件 2 的字幕", "Captions of file 2"]


def test_two_publications_at_one_instant_of_a_rehearsal_are_letters_of_their_own() -> None:
    published = ResultPublished("P1", "d" * 64, "olga", 7, 8, "table")
    state = replace(ModerationState(), published_at=None)
    times = []
    for each in (published, published, replace(published, at=9)):
        state = evolve(state, each)
        times.append((state.published_at, state.published_at_once))

    assert times == [(7, 0), (7, 1), (9, 0)]


def test_same_address_again_changes_nothing(town: Town) -> None:
    contact(town, email="li@example.cn")
    head = town.ledger.head("moderation")
    contact(town, email="li@example.cn")

    assert town.ledger.head("moderation") == head


OPENID = "oWang0000000000000000000000a"


def agree(town: Town, topic: str = "review", unit: str = "U1") -> None:
    town.ok("give_wechat_consent", unit, "unit", topic=topic, template="TPL-1", openid=OPENID)


def agreed(town: Town, unit: str = "U1") -> list[str]:
    topics = town.ok("message_contact", unit, "unit", contact=f"contact.{unit}")["wechat"]["topics"]
    return [each["topic"] for each in topics if each["agreed_at"] is not None]


def test_letter_goes_by_wechat_to_whoever_agreed_to_its_topic(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    agree(town)
    approve(town, "approved")

    (each,) = due(town, "wechat", "email")["due"]

    assert (each["channel"], each["channels"], each["address"]) == ("wechat", ["wechat", "email"], OPENID)
    assert (each["title"], each["words"]) == ("审核进度通知", "题U1：好消息")
    assert (each["template"], each["scene"]) == ("TPL-1", 7101)


def test_every_kind_of_letter_to_a_unit_that_is_in_has_a_topic() -> None:
    assert set(KINDS) - TOPIC_OF.keys() == {"invitation", "reminder"}


def test_consent_to_another_topic_brings_no_letter(town: Town) -> None:
    decide(town)
    agree(town, "news")
    approve(town, "approved")

    assert due(town, "wechat")["due"] == []
    assert counts(town)["unaddressed"] == 1


def test_message_uses_its_consent_up(town: Town) -> None:
    decide(town)
    agree(town)
    approve(town, "approved")
    (each,) = due(town, "wechat")["due"]
    begin(town, each)
    end(town, each, "sent", "0")

    assert (agreed(town), counts(town)) == ([], {"proposed": 1, "sent": 1})


def test_two_letters_about_one_topic_do_not_share_a_consent(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    agree(town, "news")
    for words in ("一", "二"):
        text = {"kind": "broadcast", "title": words, "words": words}
        town.ok("draft_letters", "olga", "organiser", to=["contact.U1"], **text)
    approve(town, "broadcast")
    first, second = due(town, "wechat", "email")["due"]
    begin(town, first)
    end(town, first, "sent", "0")
    asked = {name: second[name] for name in ("letter", "channel", "attempt", "channels")}

    assert (first["channel"], second["channel"]) == ("wechat", "wechat")
    assert town.no("begin_delivery", "clock", "operator", **asked) == "letter-not-due"
    (again,) = due(town, "wechat", "email")["due"]
    assert (again["letter"], again["channel"]) == (second["letter"], "email")


def test_person_who_changed_their_mind_in_wechat_gets_the_letter_by_e_mail(town: Town) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    agree(town)
    approve(town, "approved")
    (each,) = due(town, "wechat", "email")["due"]
    begin(town, each)
    end(town, each, "failed", "43101")

    (again,) = due(town, "wechat", "email")["due"]
    assert (again["channel"], again["address"], agreed(town)) == ("email", "li@example.cn", [])


def test_consent_stays_while_wechat_is_tried_again(town: Town) -> None:
    decide(town)
    agree(town)
    approve(town, "approved")
    (each,) = due(town, "wechat")["due"]
    begin(town, each)
    end(town, each, "later", "45009")

    assert agreed(town) == ["review"]


def test_consent_is_taken_back_by_the_unit(town: Town) -> None:
    agree(town)
    agree(town, "news")
    town.ok("withdraw_wechat_consent", "U1", "unit", topic="review")
    town.ok("withdraw_wechat_consent", "U1", "unit", topic="review")

    assert (agreed(town), agreed(town, "U2")) == (["news"], [])


def test_consent_stands_in_the_log_only_sealed_and_goes_with_the_contact(town: Town) -> None:
    agree(town)
    stored = str([commit.events() for commit in town.ledger.read("moderation", 0)])
    town.ok("withdraw_wechat_consent", "U1", "unit", topic="review")

    assert (OPENID in stored, agreed(town)) == (False, [])
    assert town.state_of("moderation").forgotten == {"contact.U1"}


def test_saving_addresses_leaves_consents_alone(town: Town) -> None:
    agree(town)
    for email in ("", "li@example.cn", "wang@example.cn", ""):
        contact(town, email=email)
        assert agreed(town) == ["review"]
    assert town.state_of("moderation").forgotten == frozenset()
    assert town.ok("message_contact", "U1", "unit", contact="contact.U1")["email"] == ""

    town.ok("withdraw_wechat_consent", "U1", "unit", topic="review")

    assert town.state_of("moderation").forgotten == {"contact.U1"}


def test_address_stays_when_the_last_consent_is_taken_back(town: Town) -> None:
    agree(town)
    contact(town, email="li@example.cn")
    town.ok("withdraw_wechat_consent", "U1", "unit", topic="review")

    assert town.state_of("moderation").forgotten == frozenset()


@pytest.mark.parametrize(
    ("state", "code", "left"),
    [
        pytest.param("sent", "0", [], id="delivered"),
        pytest.param("unsure", "ReadTimeout", [], id="perhaps delivered"),
        pytest.param("failed", "47003", ["review"], id="refused for its text"),
        pytest.param("failed", "43101", [], id="refused since nobody agreed"),
        pytest.param("later", "45009", ["review"], id="tried again"),
    ],
)
def test_only_a_message_that_wechat_may_have_taken_uses_a_consent_up(
    town: Town, state: str, code: str, left: list[str]
) -> None:
    decide(town)
    contact(town, email="li@example.cn")
    agree(town)
    approve(town, "approved")
    (each,) = due(town, "wechat", "email")["due"]
    begin(town, each)
    end(town, each, state, code)

    assert agreed(town) == left


def test_organisers_neither_give_nor_read_a_consent(town: Town) -> None:
    asked = {"topic": "review", "template": "TPL-1", "openid": OPENID}

    assert town.no("give_wechat_consent", "olga", "organiser", **asked) == "role-missing"
    agree(town)
    assert OPENID not in str(town.ok("message_contact", "olga", "organiser", contact="contact.U1"))

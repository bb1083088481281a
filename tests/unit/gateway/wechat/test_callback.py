"""Verification of pushes from WeChat, and the replies to them."""

import warnings
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wechat import callback, replies
from gateway.wechat.errors import (
    BadMessage,
    BadSignature,
    NotWeChat,
    Replayed,
    Stale,
    Undecipherable,
)
from gateway.wechat.messages import Text, fields, read
from gateway.wechat.replies import Article
from gateway.wechat.signature import Nonces
from tests.unit.gateway.wechat.phones import (
    ACCOUNT,
    NOW_S,
    PLAIN,
    encrypted,
    envelope,
    like,
    query,
    xml,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # wechatpy is of 2021
    from wechatpy import parse_message
    from wechatpy.crypto import WeChatCrypto


def pushed(body: bytes, said: dict[str, str], *, account=ACCOUNT, nonces: Nonces | None = None, now_s: int = NOW_S):
    return callback.read(account, said, body, nonces=nonces or Nonces(), now_s=now_s)


def sealed(clear: bytes) -> tuple[bytes, dict[str, str]]:
    ciphertext = encrypted(clear)
    return envelope(ciphertext), query(ciphertext)


def test_address_check_is_answered_word_for_word():
    assert callback.check(ACCOUNT, {**query(), "echostr": "4375120948345356249"}, now_s=NOW_S) == "4375120948345356249"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        pytest.param({}, BadSignature, id="nothing said"),
        pytest.param({**query(), "nonce": "415670742"}, BadSignature, id="another nonce"),
        pytest.param(query(at_s=NOW_S - 301), Stale, id="five minutes old"),
    ],
)
def test_address_check_of_somebody_else_is_refused(said: dict[str, str], refusal: type[NotWeChat]):
    with pytest.raises(refusal):
        callback.check(ACCOUNT, said, now_s=NOW_S)


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_sealed_push_is_read(mode: str):
    body, said = sealed(like())

    push = pushed(body, said, account=replace(ACCOUNT, mode=mode))

    assert (read(like()), False) == (push.message, push.is_repeat)


def test_plain_push_is_read_in_plain_mode():
    assert read(like()) == pushed(like(), query(), account=PLAIN).message


def test_plain_half_of_a_compatible_push_is_not_believed():
    ciphertext = encrypted(like("赞 A012"))
    both = like("赞 B999").replace(b"</xml>", f"<Encrypt>{ciphertext}</Encrypt></xml>".encode())

    assert pushed(both, query(ciphertext), account=replace(ACCOUNT, mode="compatible")).message.content == "赞 A012"


def other_ciphertext() -> tuple[bytes, dict[str, str]]:
    """Return the ciphertext of one message under the signature of another."""
    return envelope(encrypted(like("赞 B999"))), query(encrypted(like("赞 A012")))


def flipped_ciphertext() -> tuple[bytes, dict[str, str]]:
    ciphertext = encrypted(like())
    return envelope(f"{'A' if ciphertext[0] != 'A' else 'B'}{ciphertext[1:]}"), query(ciphertext)


def for_another() -> tuple[bytes, dict[str, str]]:
    ciphertext = encrypted(like(), receiver="wx0000000000000000")
    return envelope(ciphertext), query(ciphertext)


def without_ciphertext_signature() -> tuple[bytes, dict[str, str]]:
    return envelope(encrypted(like())), query()


def with_other_nonce() -> tuple[bytes, dict[str, str]]:
    body, said = sealed(like())
    return body, {**said, "nonce": "415670742"}


def signed_with_signature_only() -> tuple[bytes, dict[str, str]]:
    body, said = sealed(like())
    return body, {**said, "msg_signature": said["signature"]}


@pytest.mark.parametrize(
    ("push", "refusal"),
    [
        pytest.param(other_ciphertext(), BadSignature, id="ciphertext of another message"),
        pytest.param(flipped_ciphertext(), BadSignature, id="bit flipped"),
        pytest.param(with_other_nonce(), BadSignature, id="another nonce"),
        pytest.param(without_ciphertext_signature(), BadSignature, id="no msg_signature"),
        pytest.param(signed_with_signature_only(), BadSignature, id="signature in place of msg_signature"),
        pytest.param((like(), query()), BadSignature, id="plain push to safe mode"),
        pytest.param(for_another(), Undecipherable, id="another receiver"),
        pytest.param(sealed(b"<!DOCTYPE xml><xml/>"), BadMessage, id="DOCTYPE under the seal"),
        pytest.param(sealed(like(ToUserName="gh_other")), BadMessage, id="told to another account"),
    ],
)
def test_forged_push_is_refused(push: tuple[bytes, dict[str, str]], refusal: type[NotWeChat]):
    body, said = push

    with pytest.raises(refusal):
        pushed(body, said)


def test_push_of_six_minutes_ago_is_refused():
    body, said = sealed(like())

    with pytest.raises(Stale):
        pushed(body, said, now_s=NOW_S + 360)


def test_signature_of_a_plain_push_serves_no_other_body():
    nonces = Nonces()
    pushed(like("赞 A012"), query(), account=PLAIN, nonces=nonces)

    with pytest.raises(Replayed):
        pushed(like("赞 B999"), query(), account=PLAIN, nonces=nonces)


def test_request_that_comes_again_is_known():
    body, said = sealed(like())
    nonces = Nonces()

    assert [pushed(body, said, nonces=nonces).is_repeat for _ in range(2)] == [False, True]


def test_forged_push_takes_no_place_among_the_nonces():
    nonces = Nonces()
    body, said = with_other_nonce()

    with pytest.raises(BadSignature):
        pushed(body, said, nonces=nonces)

    assert nonces.size == 0


@given(st.text(max_size=300))
def test_reply_says_the_text_less_what_xml_cannot_hold(content: str):
    reply = replies.text(read(like()), content, now_s=NOW_S)

    said = read(reply.encode().replace(b"</xml>", b"<MsgId>1</MsgId></xml>"))

    sayable = "".join(each for each in content if each in "\t\n\r" or (each >= " " and each not in "\ufffe\uffff"))
    assert isinstance(said, Text)
    assert ("oPerson", ACCOUNT.original_id) == (said.account, said.person)
    assert sayable.replace("\r\n", "\n").replace("\r", "\n") == said.content


def test_reply_is_cut_at_wechats_limit_between_characters():
    reply = replies.text(read(like()), "赞" * 700, now_s=NOW_S)

    assert fields(reply.encode())["Content"] == "赞" * 682


def test_card_names_its_page():
    card = Article("家书", "A012 & 点赞", "https://a/p.png", "https://a/entries/A012?x=1&y=2")

    message = parse_message(replies.news(read(like()), card, now_s=NOW_S).replace("news", "text"))

    assert {
        "Title": "家书",
        "Description": "A012 & 点赞",
        "PicUrl": "https://a/p.png",
        "Url": card.url,
    } == message._data["Articles"]["item"]


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_wechatpy_opens_our_sealed_reply(mode: str):
    reply = replies.text(read(like()), "已赞 ]]> & <b>", now_s=NOW_S)

    said = fields(callback.reply_body(replace(ACCOUNT, mode=mode), reply, now_s=NOW_S).encode())

    opened = WeChatCrypto(ACCOUNT.token, ACCOUNT.aeskey, ACCOUNT.appid).decrypt_message(
        envelope(said["Encrypt"]).decode(), said["MsgSignature"], said["TimeStamp"], said["Nonce"]
    )
    assert reply == opened


def test_nothing_to_say_is_success_in_every_mode():
    assert {"success"} == {
        callback.reply_body(replace(ACCOUNT, mode=mode), None, now_s=NOW_S) for mode in ("plain", "compatible", "safe")
    }


def test_reply_in_plain_mode_stays_plain():
    reply = replies.text(read(xml(MsgType="text", Content="赞", MsgId=1)), "好", now_s=NOW_S)

    assert reply == callback.reply_body(PLAIN, reply, now_s=NOW_S)

"""Tests of moderation's RPC methods, on a real writer over the ledger in memory: calls in, replies out."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from services.moderation.campaign import from_data, rule_hash
from services.moderation.campaign_file.check import check
from services.submission.events import EntrySubmitted
from shared import passwords
from shared.commit import Head, form
from shared.stamps import stamp
from shared.step_up_proofs import StepUpProofs
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import KEYS, Town

FILE = CAMPAIGN_FILE.read_text()
DAY = 86_400_000


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return an open rehearsal with an organiser, a moderator, and four entries of three types."""
    town = Town(tmp_path)
    opened = town.open(FILE)
    town.appoint("mo", "莫", "moderator")
    entries = [("U3-1", "state"), ("U1-1", "state"), ("U2-1", "private"), ("U4-1", "other")]
    handed = [
        EntrySubmitted(entry, 1, entry[:2], kind, "题", "", "", ("home",), None, (), None, opened["now"] + k)
        for k, (entry, kind) in enumerate(entries)
    ]
    town.ledger.insert(form(Head("submission"), handed, commands=[], stamp=stamp()))
    return town


def listed(town: Town) -> dict[str, Any]:
    """Approve three entries, lock the rules, and confirm the proposed shortlist."""
    for entry in ("U1-1", "U2-1", "U3-1"):
        town.ok("approve", "mo", "moderator", entry=entry, version=1)
    town.ok("lock_rules", "olga", "organiser", rule_hash=town.ok("rules")["rule_hash"])
    proposal = town.ok("propose_shortlist", "olga", "organiser")
    return town.ok("confirm_shortlist", "olga", "organiser", entries=[each["entry"] for each in proposal["entries"]])


def test_a_campaign_opens_once_and_shows_itself(town: Town) -> None:
    shown = town.ok("campaign")

    assert (shown["id"], shown["rehearsal"], shown["phase"]) == ("2021-baijia", True, "submission")
    assert shown["windows"]["submission"]["start"] == shown["now"]
    assert town.no("open_campaign", "root", "operator", file=FILE) == "campaign-is-open"


def test_a_broken_file_is_refused_with_its_lines(tmp_path: Path) -> None:
    answer = Town(tmp_path).call("open_campaign", "root", "operator", file=FILE.replace("2021-05-29", "2021-05-35"))

    problem = answer["refused"]["detail"]["problems"][0]

    assert answer["refused"]["code"] == "campaign-file-broken"
    assert problem["line"] == 1 + FILE.split("2021-05-29")[0].count("\n")


def test_before_a_campaign_there_is_nothing_to_show(tmp_path: Path) -> None:
    town = Town(tmp_path)

    assert town.no("campaign") == "campaign-not-open"
    assert town.no("rules") == "campaign-not-open"
    assert town.no("login", staff="olga", password="x") == "login-refused"
    assert town.ok("shortlist") == {"entries": []}


def test_a_live_campaign_runs_on_the_wall_clock(tmp_path: Path) -> None:
    town = Town(tmp_path)
    assert town.no("open_campaign", "root", "operator", file=FILE, now=5) == "clock-is-real"
    town.ok("open_campaign", "root", "operator", file=FILE)

    assert (town.ok("campaign", wall=77)["now"], town.ok("campaign")["rehearsal"]) == (77, False)
    assert town.no("move_clock", "root", "operator", now=9) == "clock-is-real"


def test_staff_log_in_by_password_with_the_roles_they_have(town: Town) -> None:
    signed_in = town.ok("login", staff="mo", password="battery staple")

    assert signed_in == {
        "staff": "mo", "name": "莫", "roles": ["moderator"], "session": signed_in["session"],
        "must_add_authenticator": False,
    }  # fmt: skip

    town.ok("appoint_staff", "olga", "organiser", staff="mo", name="莫", roles=["moderator", "auditor"])

    assert town.ok("login", staff="mo", password="battery staple")["roles"] == ["moderator", "auditor"]

    town.ok("appoint_staff", "olga", "organiser", staff="mo", name="莫", roles=[])

    assert town.no("login", staff="mo", password="battery staple") == "login-refused"
    assert town.ok("staff", "olga", "organiser") == {
        "staff": [
            {
                "staff": staff,
                "name": name,
                "roles": ["organiser"],
                "has_password": True,
                "was_judge": False,
                "link_until": None,
                "has_authenticator": False,
                "must_add_authenticator": False,
            }
            for staff, name in (("olga", "奥尔加"), ("otto", "奥托"))
        ],
        "changes": [],
    }


def test_an_appointment_with_the_same_name_and_roles_writes_nothing(town: Town) -> None:
    head = town.ledger.head("moderation")

    town.ok("appoint_staff", "olga", "organiser", staff="mo", name="莫", roles=["moderator"])

    assert town.ledger.head("moderation") == head


@pytest.mark.parametrize(("staff", "password"), [("olga", "wrong"), ("nobody", "correct horse"), ("", "")])
def test_a_wrong_password_and_an_unknown_name_sound_the_same(town: Town, staff: str, password: str) -> None:
    assert town.no("login", staff=staff, password=password) == "login-refused"


def test_nobody_chooses_the_password_of_another(town: Town) -> None:
    appointed = town.ok("appoint_staff", "olga", "organiser", staff="ju", name="朱", roles=["judge"])
    link = appointed["link"]

    assert (appointed["change"], appointed["code"]) == (None, None)
    assert town.no("login", staff="ju", password="battery staple") == "login-refused"
    assert town.no("set_password", staff="ju", link="A" * 16, password="battery staple") == "link-spent"
    assert town.no("set_password", staff="mo", link=link, password="battery staple") == "link-spent"
    assert town.no("set_password", staff="ju", link=link, password=" " * 12) == "password-weak"
    town.ok("set_password", staff="ju", link=link, password="battery staple")
    assert town.ok("login", staff="ju", password="battery staple")["roles"] == ["judge"]
    assert town.no("set_password", staff="ju", link=link, password="quiet lantern") == "link-spent"


def test_command_that_issued_a_link_gives_the_same_link_when_it_is_repeated(town: Town) -> None:
    sent = {"staff": "ju", "name": "朱", "roles": ["judge"], "id": "c.1"}

    links = {town.ok("appoint_staff", "olga", "organiser", **sent)["link"] for _ in range(2)}

    assert len(links) == 1
    assert None not in links


def test_one_organiser_alone_makes_no_second(town: Town) -> None:
    proposed = town.ok("appoint_staff", "olga", "organiser", staff="pal", name="友", roles=["organiser"])

    assert proposed["link"] is None
    assert town.no("confirm_staff_change", "olga", "organiser", change=proposed["change"]) == "second-person-missing"
    assert town.no("confirm_staff_change", "op", "operator", change=proposed["change"]) == "organisers-only"
    assert [each["staff"] for each in town.ok("staff", "olga", "organiser")["changes"]] == ["pal"]
    confirmed = town.ok("confirm_staff_change", "otto", "organiser", change=proposed["change"])
    new = {"staff": "pal", "link": confirmed["link"], "password": "battery staple"}
    assert town.no("set_password", **new) == "link-spent"  # neither of the two holds the whole link
    assert town.no("set_password", **new, code="AAAAAAAA") == "link-spent"
    town.ok("set_password", **new, code=proposed["code"])
    assert town.ok("login", staff="pal", password="battery staple")["roles"] == ["organiser"]


def test_operator_resets_nobody(town: Town) -> None:
    for staff in ("mo", "olga"):
        sent = {"staff": staff, "name": "x", "roles": ["moderator"], "new_link": True}
        assert town.no("appoint_staff", "op", "operator", **sent) == "organisers-only"


def test_new_link_ends_the_old_password(town: Town) -> None:
    sent = {"staff": "mo", "name": "莫", "roles": ["moderator"], "new_link": True}

    town.ok("appoint_staff", "olga", "organiser", **sent)

    assert town.no("login", staff="mo", password="battery staple") == "login-refused"
    (mo,) = [each for each in town.ok("staff", "olga", "organiser")["staff"] if each["staff"] == "mo"]
    assert (mo["has_password"], mo["link_until"] is not None) == (False, True)


def test_staff_change_their_own_password(town: Town) -> None:
    change = {"password": "battery staple", "new_password": "quiet lantern"}

    assert town.no("change_password", "mo", "moderator", **change | {"password": "x"}) == "login-refused"
    assert town.no("change_password", "mo", "moderator", **change | {"new_password": "moderator1"}) == "password-weak"
    town.ok("change_password", "mo", "moderator", **change)

    assert town.no("login", staff="mo", password="battery staple") == "login-refused"
    assert town.ok("login", staff="mo", password="quiet lantern")["staff"] == "mo"


def test_password_proves_again_who_is_signed_in_and_for_this_session_alone(town: Town) -> None:
    proofs = StepUpProofs(KEYS.session)
    session = sign_in(town)

    assert town.no("prove_again", "mo", "moderator", session=session, password="x") == "step-up-refused"
    given = town.ok("prove_again", "mo", "moderator", session=session, password="battery staple")

    assert [proofs.holds(given["proof"], *whose) for whose in ((session, "mo"), ("s2", "mo"), (session, "olga"))] == [
        True, False, False,
    ]  # fmt: skip


def sign_in(town: Town, staff: str = "mo", password: str = "battery staple") -> str:
    """Sign in and return the name of the session."""
    return str(town.ok("login", staff=staff, password=password)["session"])


def stands(town: Town, session: str) -> bool:
    answer = town.call("moderation.use_session", "gateway", "operator", session=session)
    assert "ok" in answer or answer["refused"]["code"] == "session-ended"
    return "ok" in answer


def test_session_ends_with_a_new_link_and_with_dismissal(town: Town) -> None:
    appointed = {"staff": "mo", "name": "莫", "roles": ["moderator"]}
    sessions = [sign_in(town)]
    assert stands(town, sessions[0])
    link = town.ok("appoint_staff", "olga", "organiser", **appointed, new_link=True)["link"]
    ended = [stands(town, sessions[0])]
    town.ok("set_password", staff="mo", link=link, password="battery staple")
    sessions.append(sign_in(town))
    town.ok("appoint_staff", "olga", "organiser", **appointed | {"roles": []})
    ended.append(stands(town, sessions[1]))

    assert ended == [False, False]


def test_own_new_password_ends_all_sessions_but_the_one_that_set_it(town: Town) -> None:
    mine, other = sign_in(town), sign_in(town)
    change = {"password": "battery staple", "new_password": "quiet lantern", "session": mine}

    town.ok("change_password", "mo", "moderator", **change)

    assert (stands(town, mine), stands(town, other)) == (True, False)


def test_staff_see_and_end_their_own_sessions(town: Town) -> None:
    mine, other, theirs = sign_in(town), sign_in(town), sign_in(town, "olga", "correct horse")

    listed = town.ok("moderation.my_sessions", "mo", "moderator", session=mine)["sessions"]
    town.ok("moderation.end_session", "mo", "moderator", session=theirs)
    town.ok("moderation.end_other_sessions", "mo", "moderator", session=mine)

    assert sorted((each["session"], each["is_current"]) for each in listed) == sorted([(mine, True), (other, False)])
    assert [stands(town, each) for each in (mine, other, theirs)] == [True, False, True]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("k7#Qz!p2", "short"),
        ("        ", "short"),
        ("            ", "blank"),
        ("\u3000" * 12, "blank"),
        ("1234567890", "common"),
        ("password123", "common"),
        ("qwertyuiop", "common"),
        ("woaini1314520", "common"),
        ("wang.xiaoming", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("quiet lantern", None),
        ("灯塔边的安静海带", "short"),
        ("灯塔边的安静海带和苔藓", None),
    ],
)
def test_easily_guessed_passwords_are_named_with_the_reason(password: str, reason: str | None) -> None:
    assert passwords.weakness(password, ("wang.xiaoming", "王小明")) == reason


def test_passwords_are_worked_on_a_few_at_a_time_and_too_many_are_refused() -> None:
    lane = passwords.Lane(1, waiting=0)

    with lane.turn(), pytest.raises(passwords.TooMany), lane.turn():
        pass
    with lane.turn():
        pass


def test_nobody_takes_as_much_work_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *words: asked.append(words[2]) or verify(*words))

    assert not passwords.verify_password(None, "nobody's password")
    assert asked == ["nobody's password"]


def test_no_name_and_no_password_stands_in_the_ledger(town: Town) -> None:
    stored = repr([each.document for each in town.ledger.read("moderation", 0)])

    assert [each for each in ("奥尔加", "莫") if each in stored] == []
    assert "battery staple" not in stored
    assert "argon2" not in stored


def test_the_lock_carries_the_hash_of_the_campaigns_own_seed(town: Town) -> None:
    seen = town.ok("rules")
    commitment = hashlib.sha256(KEYS.lot).hexdigest()

    locked = town.ok("lock_rules", "olga", "organiser", rule_hash=seen["rule_hash"])
    rules = town.ok("rules")

    assert {"rule_hash": rules["rule_hash"], "seed_commitment": commitment}.items() <= locked.items()
    assert (rules["locked"]["by"], rule_hash(from_data(rules["campaign"]))) == ("olga", rules["rule_hash"])
    assert town.ok("lock_rules", "olga", "organiser", rule_hash=seen["rule_hash"])["rule_hash"] == rules["rule_hash"]
    assert (
        town.no("lock_rules", "olga", "organiser", rule_hash=seen["rule_hash"], seed_commitment="ab" * 32)
        == "seed-commitment-broken"
    )


def test_the_queue_is_oldest_first_and_in_pages(town: Town) -> None:
    first = town.ok("queue", "mo", "moderator", limit=3)
    claim = town.ok("claim", "mo", "moderator", entry="U4-1")
    rest = town.ok("queue", "mo", "moderator", after=first["next"])

    assert [each["entry"] for each in first["entries"]] == ["U3-1", "U1-1", "U2-1"]
    assert (first["pending"], first["claimed"], first["next"].partition(".")[2]) == (4, 0, "U2-1")
    assert [(each["entry"], each["claim"]) for each in rest["entries"]] == [
        ("U4-1", {"by": "mo", "until": claim["until"]})
    ]
    assert (rest["claimed"], rest["next"]) == (1, None)
    assert [each["entry"] for each in town.ok("queue", "mo", "moderator", type="private")["entries"]] == ["U2-1"]


def test_queue_continues_from_its_place_when_the_entry_is_decided(town: Town) -> None:
    first = town.ok("queue", "mo", "moderator", limit=3)
    town.ok("approve", "mo", "moderator", entry="U2-1", version=1, grade=80)

    rest = town.ok("queue", "mo", "moderator", after=first["next"])

    assert [each["entry"] for each in rest["entries"]] == ["U4-1"]


@pytest.mark.parametrize(
    ("unknown", "refusal"),
    [
        ({"after": "U2-1"}, "cursor-unknown"),
        ({"after": "1.U2-1"}, "cursor-unknown"),
        ({"after": "1.nobody-1"}, "cursor-unknown"),
        ({"type": "kings"}, "type-unknown"),
        ({"theme": "war"}, "theme-unknown"),
    ],
)
def test_queue_refuses_what_it_does_not_know(town: Town, unknown: dict[str, str], refusal: str) -> None:
    assert town.no("queue", "mo", "moderator", **unknown) == refusal


def test_a_decision_shows_the_desk_as_it_stands_then(town: Town) -> None:
    approved = town.ok("approve", "mo", "moderator", entry="U1-1", version=1, grade=80)
    frozen = town.ok("freeze", "mo", "moderator", entry="U1-1", reason="投诉")
    typed = town.ok("correct_type", "olga", "organiser", entry="U1-1", type="public", reason="填错")
    out = town.ok("disqualify", "olga", "organiser", entry="U1-1", reason="虚假")

    assert (approved["status"], approved["approved_version"], approved["grade"]) == ("approved", 1, 80)
    assert {"kind": "approved", "version": 1, "by": "mo"}.items() <= approved["decided"].items()
    assert frozen["frozen"] is True
    assert typed["type"] == "public"
    assert (out["status"], out["reason"]) == ("disqualified", "虚假")
    assert town.ok("desk", "olga", "organiser", entry="U1-1")["status"] == "disqualified"
    assert town.no("desk", "olga", "organiser", entry="U9-1") == "entry-unknown"


def test_a_shortlist_is_proposed_confirmed_and_shown_without_those_who_leave(town: Town) -> None:
    confirmed = listed(town)
    proposal = town.ok("propose_shortlist", "olga", "organiser")

    assert [(each["entry"], each["number"]) for each in confirmed["entries"]] == [
        ("U1-1", "A001"),
        ("U3-1", "A002"),
        ("U2-1", "B001"),
    ]
    assert (proposal["rule"], proposal["pending"], proposal["locked"]) == ("every_approved", 1, True)
    assert [each["unit"] for each in proposal["entries"]] == ["U1", "U3", "U2"]

    town.ok("disqualify", "olga", "organiser", entry="U3-1", reason="虚假")

    assert [each["number"] for each in town.ok("shortlist")["entries"]] == ["A001", "B001"]


def test_a_version_says_what_it_changed_and_what_of_its_file_is_no_rule(town: Town) -> None:
    listed(town)
    late, read = FILE.replace("[windows]", "[windows]\nholidays = [2021-06-22]"), town.ok("rules")["rule_hash"]

    first, again = (
        town.ok("amend_rules", "olga", "organiser", file=late, replaces=read, reason=reason)
        for reason in ("通知", "再次")
    )

    assert (first["version"], again["version"]) == (2, None)
    assert first["versions"][-1]["changes"] == [{"path": "windows.holidays.0", "before": None, "after": "2021-06-22"}]
    assert first["operational_tables"] == ["admission", "theme", "wechat"]


def test_rules_are_replaced_until_they_are_locked_and_submission_follows(town: Town) -> None:
    file = FILE.replace("text_max_chars = 3000", "text_max_chars = 2000")
    campaign, _ = check(file)
    assert campaign is not None
    hashed = rule_hash(campaign)

    wanted = {"file": file, "rule_hash": hashed, "replaces": town.ok("rules")["rule_hash"]}
    replaced = town.ok("replace_rules", "olga", "organiser", **wanted, reason="缩短")

    assert (replaced["rule_hash"], town.ok("rules")["rule_hash"]) == (hashed, hashed)
    assert town.ok("entry_rule")["limits"]["text_max"] == 2000
    town.ok("lock_rules", "olga", "organiser", rule_hash=hashed)
    assert town.no("replace_rules", "olga", "organiser", **wanted, reason="再改") == "rules-locked"


def test_pages_get_a_new_look_also_after_the_rules_are_locked(town: Town) -> None:
    listed(town)
    look = FILE.replace('colour = "#a61b1b"', 'colour = "#1b4fa6"')

    changed = town.ok("set_page_theme", "root", "operator", file=look)

    assert changed["theme"] == ["colour", "contact", "logo", "name_en", "name_zh"]
    refused = town.call("set_page_theme", "root", "operator", file=look.replace("#1b4fa6", "#ffffff"))["refused"]
    assert refused["code"] == "campaign-file-broken"
    assert [each["code"] for each in refused["detail"]["problems"] if each["level"] == "error"] == ["contrast-low"]


def test_a_window_moves_with_a_reason(town: Town) -> None:
    window = town.ok("campaign")["windows"]["submission"]
    end = window["end"] + DAY

    town.ok("move_window", "olga", "organiser", window="submission", start=window["start"], end=end, reason="雨")

    assert town.ok("campaign")["windows"]["submission"]["end"] == end


def test_the_clock_moves_the_phase(town: Town) -> None:
    likes = town.ok("campaign")["windows"]["likes"]["start"]

    town.ok("move_clock", "olga", "organiser", now=likes)

    assert town.ok("campaign")["phase"] == "likes"


@pytest.mark.parametrize(
    ("method", "role", "body"),
    [
        pytest.param("open_campaign", "organiser", {"file": ""}, id="an organiser opens a campaign"),
        pytest.param("approve", "organiser", {"entry": "U1-1", "version": 1}, id="an organiser approves"),
        pytest.param("disqualify", "moderator", {"entry": "U1-1", "reason": "x"}, id="a moderator disqualifies"),
        pytest.param("queue", "judge", {}, id="a judge reads the queue"),
        pytest.param("staff", "", {}, id="nobody reads the staff"),
    ],
)
def test_roles_are_asked_again(town: Town, method: str, role: str, body: dict[str, Any]) -> None:
    assert town.no(method, "x", role, **body) == "role-missing"


@pytest.mark.parametrize(
    ("method", "role", "body", "field"),
    [
        pytest.param("approve", "moderator", {"entry": "U1-1"}, "/version", id="no version"),
        pytest.param("approve", "moderator", {"entry": "U1-1", "version": True}, "/version", id="yes for a version"),
        pytest.param("approve", "moderator", {"entry": "U1-1", "version": "1"}, "/version", id="words for a number"),
        pytest.param("move_clock", "operator", {"now": 2**53}, "/now", id="a time beyond the calendar"),
        pytest.param(
            "return_entry",
            "moderator",
            {"entry": "U1-1", "version": 1, "until": 5, "remarks": [{"item": "text"}]},
            "/remarks/0/words",
            id="a remark without words",
        ),
        pytest.param(
            "appoint_staff",
            "organiser",
            {"staff": "mo ", "name": "m", "roles": [], "password": "chosen by another"},
            "/password,/staff",
            id="a blank in a name, a password of another's choosing",
        ),
    ],
)
def test_a_malformed_body_is_told_by_its_field(
    town: Town, method: str, role: str, body: dict[str, Any], field: str
) -> None:
    assert town.no(method, "x", role, **body) == f"invalid {field}"


def test_live_campaign_does_not_open_without_a_public_url(tmp_path: Path) -> None:
    town = Town(tmp_path, public_url="")

    assert town.no("open_campaign", "root", "operator", file=FILE) == "public-url-missing"
    assert town.ok("open_campaign", "root", "operator", file=FILE, rehearsal=True)["rehearsal"]


@pytest.mark.parametrize("name", ["", "Olga Li", "olga/li", "o" * 200])
def test_bad_name_of_an_organiser_opens_nothing_and_links_nobody(tmp_path: Path, name: str) -> None:
    town = Town(tmp_path)
    organisers = [{"staff": "otto", "name": "奥托"}, {"staff": name, "name": "奥尔加"}]
    body = {"file": FILE, "rehearsal": True, "organisers": organisers}

    assert town.no("open_campaign", "root", "operator", **body) == "invalid /organisers/1/staff"
    assert town.no("campaign") == "campaign-not-open"
    assert town.ledger.head("moderation") == 0

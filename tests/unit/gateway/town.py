"""A gateway for tests: its ports in memory, a campaign of four entries, and clients of every role.

Only the gateway's ports are implemented here; no other part of it is replaced.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.http.problems import Problem
from gateway.read_models.cache import Views
from shared.settings import Settings
from shared.step_up_proofs import StepUpProofs
from tests.declared_answers import ASYNC_ANSWER_HOOKS

DAY = 86_400_000
CLOCK = 1_623_038_400_000  # 2021-06-07 12:00 in Shanghai, inside likes
PICTURE, FILM, HIDDEN = ("a" * 64, "b" * 64, "c" * 64)
TYPES = [
    {"code": "state", "zh": "国有", "en": "State-owned", "quota": 20},
    {"code": "other", "zh": "其它", "en": "Others", "quota": 20},
]
Answer = dict[str, Any]


def campaign(**changes: Any) -> dict[str, Any]:
    start = CLOCK - CLOCK % DAY - 8 * 3_600_000
    windows = {
        name: {"start": start + shift * DAY, "end": start + (shift + days) * DAY}
        for name, shift, days in (("submission", -50, 44), ("likes", 0, 7), ("judging", 7, 5), ("exhibition", 14, 100))
    }
    return {
        "id": "demo",
        "title_zh": "百家基层工会特色建设成果展",
        "title_en": "A Hundred Grassroots Unions",
        "rehearsal": True,
        "clock": CLOCK,
        "windows": windows,
        "unit_types": TYPES,
        "themes": [{"code": "home", "zh": "职工之家建设", "en": "A home for the workers"}],
        "likes": {"per_day": 20, "per_type": 5, "partitions": 2, "order_time_limit_ms": 5_000},
        "rules_hash": "f" * 64,
        "polls_closed": [],
        "cohort_fixed": False,
        "moderation": 5,
        **changes,
    }


def entry_row(number: str | None, kind: str, title: str, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "type": kind,
        "title": title,
        "unit": f"{title}的工会",
        "city": "石家庄市",
        "state": "approved" if number is None else "shortlisted",
        "frozen": False,
        "judged": number is not None,
        "themes": [],
        "pictures": [],
        "video": None,
        **changes,
    }


ENTRIES = {
    "u1-1": entry_row("A001", "state", "炼钢 & <b>职工之家</b>", pictures=[PICTURE], video=FILM, themes=["home"]),
    "u2-1": entry_row("A002", "state", "司机之家", frozen=True),
    "u3-1": entry_row("E001", "other", "夜班食堂", city="唐山市"),
    "u4-1": entry_row(None, "other", "社区讲堂"),
}


def board(likes: dict[str, int | None]) -> dict[str, Any]:
    types: dict[str, list[dict[str, Any]]] = {"state": [], "other": []}
    for place, (entry, count) in enumerate(likes.items(), start=1):
        row = {name: ENTRIES[entry][name] for name in ("number", "title", "unit", "city")}
        types[ENTRIES[entry]["type"]].append(
            {"entry": entry, **row, "likes": count, "place": None if count is None else place}
        )
    return {"as_of": CLOCK, "visibility": "live", "types": types}


VIEWS = {
    "campaign": campaign(),
    "entries": {"entries": ENTRIES},
    "board": board({"u1-1": 7, "u2-1": 3, "u3-1": 2}),
    "result": {},
    "exhibition": {"open": False, "provisional": False, "entries": []},
}
RESULT = {
    "proposal": "p1",
    "digest": "d" * 64,
    "published": True,
    "winners": [
        {"entry": "u1-1", "number": "A001", "title": ENTRIES["u1-1"]["title"], "unit": "u", "type": "state",
         "place": 1, "final": "91.25"},
    ],
}  # fmt: skip
ROOM = {"bytes": 0, "bytes_max": 1 << 30, "files": 0, "files_max": 100, "mib": 0, "mib_max": 1 << 10}
#: What pages of the roll read while there is no roll.
NOBODY_YET: dict[str, Any] = {
    "whole_roll": {"units": []},
    "roll_counts": {"units": 0, "eligible": 0, "reachable": 0, "invited": 0},
    "open_invitations": {"invitations": []},
    "cadres": {"unit": "u1", "cadres": []},
    "preview_link": {"url": "", "state": "done", "problems": [], "latest_page": None, "checked": 0},
}
#: The draft of a campaign file that nobody has begun.
NO_DRAFT: dict[str, Any] = {
    "text": "", "revision": 0, "at": 0, "values": {}, "rows": {}, "kept": [], "is_readable": True, "problems": [],
    "steps": {
        "basics": [{"path": "title_zh", "kind": "text", "choices": [], "default": ""}]
    }, "templates": {"small": {"zh": "小型活动", "en": "a small campaign"}}, "rules": None, "rule_hash": None,
    "opened_hash": None, "in_force_hash": None, "is_locked": False, "is_rehearsal": None, "rehearsal": None,
    "last_rehearsals": [],
}  # fmt: skip
#: What pages of a unit read that has typed nothing yet.
NOTHING_YET: dict[str, Any] = {
    "roll_unit": {"code": "u1", "name": "炼钢的工会", "level": "grassroots", "type": "state", "city": "石家庄市",
                  "employer": "", "eligible": True},
    "draft": {"entry": "u1-1", "version": 0, "status": "draft", "revision": 0, "at": 0, "fields": {}, "unsent": [],
              "files": {}, "closes": {"at": CLOCK + DAY, "by": "window"}},
    "progress": {"entry": "u1-1", "step": "draft", "ended": "", "manager": None, "messages": [],
                 "steps": [{"step": "draft", "state": "current"}]},
    "managed_units": {"units": [
        {"unit": "U1", "name": "小厂工会", "manager": "u1", "reason": "人手不足", "at": CLOCK,
         "progress": {"entry": "U1-1", "step": "draft", "ended": "", "steps": [{"step": "draft", "state": "current"}]}},
    ]},
    "entry": {"entry": "u1-1", "unit": "u1", "unit_name": "炼钢的工会", "type": "state", "status": "submitted",
              "version": 1, "latest": 1, "title": "炼钢", "profile": "简介", "text": "正文", "themes": ["home"],
              "h5": None,
              "files": [], "ai": [], "at": CLOCK, "first_at": CLOCK, "late_pass": None, "number": None, "frozen": False,
              "approved_version": None, "returned": None, "reason": None, "receipt": "ABCDEFGH2345", "by": None,
              "digest": "e" * 64,
              "versions": [{"version": 1, "at": CLOCK, "receipt": None, "late_pass": None, "by": None}]},
    "entry_rule": {
        "limits": {"title_max": 100, "profile_max": 1_000, "text_max": 3_000, "caption_max": 200, "alt_max": 500,
                   "h5_max": 500, "pictures_min": 4, "pictures_max": 30, "picture_max_bytes": 1 << 20,
                   "video_max_s": 480, "video_max_bytes": 1 << 20, "audio_max_bytes": 1 << 20},
        "containers": {"video": ["mp4"], "audio": ["mp3"]},
        "themes": [{"code": "home", "zh": "职工之家建设", "en": "A home for the workers"}],
        "ai_parts": ["title"], "ai_extents": ["made", "altered"], "window": {"start": CLOCK, "end": CLOCK + DAY},
        "text": {"line_ends": [], "blanks": "", "refused": [], "breaks": [], "joiner": 0, "joined": [],
                 "zh": "字数", "en": "Count"},
    },
    "declaration": {"zh": "声明", "en": "Declaration", "words": "d" * 64, "parts": []},
    "check_draft": {"problems": [], "counts": {}, "revision": 0},
}  # fmt: skip
CONTENT = {
    "entry": "u1-1", "unit": "u1", "unit_name": "炼钢的工会", "type": "state", "version": 1, "frozen": False,
    "number": "A001", "title": "炼钢", "profile": "简介", "text": "第一段\n第二段 <script>", "themes": ["home"],
    "h5": "https://example.org/h5", "at": CLOCK,
    "files": [{"sha256": PICTURE, "kind": "picture"}, {"sha256": FILM, "kind": "video"}],
}  # fmt: skip


NO_LETTERS = dict.fromkeys(
    ("proposed", "waiting", "unaddressed", "sending", "sent", "failed", "unsure", "withdrawn", "open"), 0
)
#: What the desks of staff ask for on each of their pages.
DESK_ANSWERS: dict[tuple[str, str], Answer] = {
    ("moderation", "queue"): {"entries": [], "next": None, "total": 0, "pending": 0, "claimed": 0, "grades": False,
                              "facets": {name: {} for name in ("status", "type", "theme", "city", "flag", "share",
                                                               "claimed")}},
    ("moderation", "work"): {
        "items": [], "next": None, "pending": 0, "corrected": 0, "share": 0,
        "counts": dict.fromkeys(("second-opinion", "type-correction", "disqualification", "complaint"), 0),
    },
    ("moderation", "reasons"): {"reasons": []},
    ("submission", "entry_link"): {"entry": "u1-1", "version": 1, "watched": None, "first_page": None,
                                   "is_changed": False},
    ("moderation", "bulks"): {"bulks": []},
    ("moderation", "change_sets"): {"sets": []}, ("ranking", "held_likes"): {"entries": []},
    ("moderation", "change_set"): {
        "changes": "C1", "state": "open", "corrections": [], "reason": "抽查", "two_persons": False, "by": "olga",
        "at": CLOCK, "settled_by": None, "settled_at": None, "words": None, "digest": None,
    },
    ("ranking", "table"): {"digest": None, "cut": {"moderation": 5}, "heads": {"moderation": 9}, "table": None,
                           "likes": []},
    ("ranking", "methods"): {"method": "mean", "scores": {}, "winners": {}, "pooled_judges": [], "fell_back": {},
                             "agreement": {}},
    ("ranking", "complaint_pack"): {"name": "A001-explanation.zip", "zip": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
    ("ranking", "scenarios"): {"unofficial": True, "scenarios": []},
    ("ranking", "scenario"): {
        "unofficial": True, "same": True, "now": {"enters": [], "leaves": [], "digest": "d" * 64},
        "saved": {"name": "s1", "reason": "看看", "by": "ada", "at": CLOCK, "cut": {}},
    },
    ("ranking", "stability"): {"unofficial": True, "official_digest": "d" * 64, "variants": 0, "spread_percent": 5,
                               "seed": "", "kinds": {}, "trials": [], "winners": {}, "border": [], "cut": {}},
    ("ranking", "preview_changes"): {
        "changes": "C1", "corrections": [], "by_likes_alone": False, "sizes": [], "seats": [], "enters": [],
        "leaves": [], "rows": [], "digest": "d" * 64, "applied": 0, "sound": True, "seal": "s", "cut": {},
        "obstacles": [],
    },
    ("voting", "signal_openings"): {"openings": [], "open_until": None},
    ("voting", "cohorts"): {"grouping": "hour", "likes": 0, "voters": 0, "groups": [], "more": 0,
                            "small": {"groups": 0, "likes": 0, "fewest": 3}, "addresses": None},
    ("moderation", "outages"): {"hours": 24, "minutes_left": 1_440, "likes": {"start": CLOCK, "end": CLOCK + DAY},
                                "outages": []},
    ("moderation", "pace"): {"now": CLOCK, "done": 0, "left": 0, "median_minutes": None, "forecast": None,
                             "deadline": None, "in_time": None, "people": []},
    ("moderation", "complaints"): {"complaints": [], "next": None, "open": 0},
    ("moderation", "my_sessions"): {"sessions": []},
    ("moderation", "prove_again"): {"proof": "p" * 22, "until": CLOCK},
    ("moderation", "my_security"): {
        "has_authenticator": False, "is_demanded": False, "recovery_left": 0, "made_from": 1,
    },
    ("moderation", "begin_authenticator"): {
        "authenticator": "a" * 16, "secret": "A" * 32, "app_url": "otpauth://totp/x", "made_from": 1,
    },
    ("moderation", "add_authenticator"): {"recovery_codes": ["ABCDEFGH2345"], "repeated": False},
    ("moderation", "remove_authenticator"): {"staff": "mo", "repeated": False},
    ("moderation", "letters"): {"letters": [], "total": 0, "next": None, "counts": NO_LETTERS,
                                "sender": {"channels": [], "seen_at": None}},
    ("moderation", "letter"): {"letter": "approved.u1-1.0", "kind": "approved", "state": "sent", "to": "contact.u1",
                               "unit": "u1", "staff": "", "channels": [], "number": "", "entry_title": "",
                               "unit_name": "", "title": "", "words": "", "digest": "", "at": CLOCK, "by": "",
                               "why": "", "attempts": []},
    ("moderation", "message_counts"): NO_LETTERS,
    ("moderation", "letter_audiences"): {"audiences": []},
    ("moderation", "message_contact"): {
        "contact": "contact.u1", "email": "", "phone": "", "lang": "zh",
        "wechat": {"is_sent": True, "topics": [{"topic": "review", "scene": 7101, "agreed_at": None}]},
    },
    ("moderation", "unit_letters"): {"letters": []}, ("submission", "unit_names"): {"names": {"u1": "一厂工会"}},
    ("moderation", "questions"): {"questions": [], "next": None, "open": 0, "stock": [], "public": []},
    ("moderation", "open_questions"): {"open": 0},
    ("moderation", "unit_questions"): {"questions": [], "most_open": 5, "most_a_day": 10},
    ("moderation", "public_questions"): {"questions": []},
}  # fmt: skip


#: What the pages of judges read of a judge who has one entry to mark.
_RUBRIC = [{"code": "content", "zh": "内容", "en": "Content", "weight": 100, "anchors": []}]
_READING = {"entry": "u1-1", "unit": "u1", "version": 1, "state": "open", "marks": None, "words": None, "total": None,
            "at": None, "draft": None, "anchor": False, "stage": "new"}  # fmt: skip
JUDGE_ANSWERS: dict[str, Answer] = {
    "my_assignments": {
        "judge": "ann", "rubric": _RUBRIC, "words_below": 60, "words_above": 95,
        "window": {"start": CLOCK, "end": CLOCK + DAY}, "assigned": 1, "marked": 0, "left": 1, "minutes_left": None,
        "submitted_at": None,
        "independence": {"declared_at": CLOCK, "words": "e" * 64, "zh": ["独立"], "en": ["Alone"]},
        "recused": [], "histogram": [0] * 10, "close": [], "close_count": 0,
        "anchors": {"assigned": 0, "marked": 0, "difference": None}, "entries": [_READING],
    },
    "filled_in": {"entry": "u1-1", "revision": 0, "at": 0, "fields": {}, "stage": "new", "given": None, "total": None},
    "try_mark": {"total": "80.00"},
    "progress": {
        "minimum": 3, "cap": 40, "cohort": 1, "window_end": CLOCK + DAY, "anchors": [], "judges": [
            {"judge": "ann", "name": "专家甲", "employer": "省社科院", "city": "石家庄", "active": True,
             "relieved": False, "assigned": 1, "marked": 0, "left": 1, "submitted_at": None, "recused": 0,
             "conflicts": ["u9"], "independent_at": CLOCK, "marks_per_hour": None, "finish_at": None, "late": None},
        ],
        "types": [{"type": "state", "entries": 1, "needed": 3, "given": 0, "late": 0, "finish_at": None}],
        "short": [{"entry": "u1-1", "readers": 1, "marks": 0, "minimum": 3}],
        "danger": [{"entry": "u1-1", "late": ["ann"]}],
        "conflicted_marks": [{"entry": "u1-1", "judge": "ann", "why": "city"}],
        "third_readings": [{"entry": "u1-1", "spread": "20.00", "at": CLOCK, "marked": False}],
        "apart": [{"entry": "u1-1", "spread": "20.00"}], "complete": False,
    },
    "propose_assignment": {
        "seed": "s", "missing": 2, "feasible": False, "anchors": ["u1-1"], "confirm": "", "conflicted_marks": [],
        "judges": [{"judge": "ann", "now": 1, "then": 1}],
        "short": [{"entry": "u1-1", "missing": 2, "limit": "judges", "judges": ["ann"]}],
    },
    "unmarked_entries": {"judge": "ann", "unmarked": [{"entry": "u1-1", "stage": "new"}]},
    "marks_of_entry": {"entry": "u1-1", "rubric": _RUBRIC, "marks": [
        {"judge": "ann", "version": 1, "excluded": False, "conflict": None, "marks": {"content": 80}, "words": "扎实",
         "total": "80.00", "at": CLOCK},
    ]},
}  # fmt: skip


@dataclass
class Town:
    """The services and the vote writers in memory: they record calls and orders, and answer as tests set them."""

    answers: dict[tuple[str, str], Answer | Exception | Callable[[dict[str, Any]], Answer]] = field(
        default_factory=dict
    )
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    like: Answer = field(default_factory=lambda: {"status": "counted", "receipt": "0.1.0.abc", "remaining": 19})
    staff: dict[str, list[str]] = field(default_factory=dict)
    former_judges: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)  # sessions
    n: int = 100

    async def call(self, service: str, method: str, call: dict[str, Any]) -> Answer:
        self.calls.append((service, method, call))
        prepared = self.answers.get((service, method))
        if isinstance(prepared, Exception):
            raise prepared
        if callable(prepared):
            return prepared(call)
        if prepared is not None:
            return prepared
        if (service, method) == ("moderation", "staff"):
            people = [
                {
                    "staff": name,
                    "name": name,
                    "roles": roles,
                    "has_password": True,
                    "was_judge": name in self.former_judges or "judge" in roles,
                }
                for name, roles in self.staff.items()
            ]
            return {"ok": {"staff": people}}
        if method == "use_session":
            standing = call["body"]["session"] not in self.ended
            return {"ok": {"person": ""}} if standing else {"refused": {"code": "session-ended"}}
        if (service, method) in DESK_ANSWERS:
            return {"ok": DESK_ANSWERS[service, method]}
        if service == "scoring" and method in JUDGE_ANSWERS and call["actor"] != "gateway":
            return {"ok": JUDGE_ANSWERS[method]}
        if method == "end_session":
            self.ended.add(call["body"]["session"])
            return {"ok": {}}
        if (service, method) == ("voting", "likes_of_voter"):
            return {"ok": {"likes": []}}
        if (service, method) == ("submission", "search_texts"):
            return {"ok": {"entries": {}}}
        if (service, method) == ("submission", "public_entry"):
            return {"ok": CONTENT}
        if (service, method) in (("ranking", "certificates_due"), ("ranking", "certificate_texts")):
            return {"ok": {"certificates": []}}
        if method == "read_campaign_notice":
            return {"ok": {"text": "", "findings": [], "contradictions": []}}
        if method in ("campaign_draft", "save_campaign_draft"):
            return {"ok": NO_DRAFT}
        if method == "rehearsed_rules":
            return {"ok": {"in_force": None}}
        if service == "submission" and method in NOBODY_YET:
            return {"ok": NOBODY_YET[method]}
        if (service, method) == ("moderation", "type_correction"):
            return {"ok": {"entry": "u1-1", "type": "state", "state": "none", "asked": None, "words": None}}
        if service == "submission" and method in NOTHING_YET:
            return {"ok": NOTHING_YET[method]}
        if (service, method) == ("submission", "upload_room"):
            return {"ok": ROOM}
        if (service, method) == ("submission", "media"):  # it knows of no file until a test says otherwise
            return {"refused": {"code": "upload-unknown", "field": "sha256", "detail": {}}}
        if call["id"] == call["correlation"] and call["actor"] != "gateway":
            return {"ok": {}}  # to a query
        self.n += 1
        return {"ok": {"repeated": False}, "log": service, "n": self.n}

    async def order(self, voter: str, entry: str, action: str, **more: Any) -> Answer:
        self.orders.append({"voter": voter, "entry": entry, "action": action, **more})
        if action == "show" and self.like["status"] == "counted" and "likes" not in self.like:
            return {"status": "shown", "likes": [], "remaining": self.like["remaining"]}
        return self.like

    async def ticket(self, text: str) -> Answer | None:
        return self.like if text == "good" else None

    def calls_to(self, service: str, method: str) -> list[dict[str, Any]]:
        return [call for s, m, call in self.calls if (s, m) == (service, method)]


class Visitor:
    """A client of one gateway, with its own loop, so that tests stay plain functions."""

    def __init__(
        self,
        data: Path,
        *,
        views: dict[str, Any] | None = None,
        loaded: bool = True,
        town: Town | None = None,
        wall: Callable[[], int] = lambda: CLOCK + 1,
    ) -> None:
        self.town = town or Town()
        self.views = Views(wall=wall)
        if loaded:
            told = VIEWS if views is None else views
            cut = {"moderation": 5, "submission": 9}
            self.views.load({name: {"cut": cut, "data": each} for name, each in told.items()})
        settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
        self.app = create_app(settings, Ports(self.town, self.town, self.views), folded_logs=FOLDED_LOGS)
        self.app_context = self.app.state.app_context
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://baijia.test", event_hooks=ASYNC_ANSWER_HOOKS
        )

    def close(self) -> None:
        self.run(self.client.aclose())
        self._runner.close()

    def run(self, steps: Any) -> Any:
        return self._runner.run(steps)

    def token(self, *roles: str, sub: str = "") -> str:
        """Return a session token with these roles; staff are added to the list of staff too."""
        sub = sub or {"voter": "f" * 24, "unit": "u1"}.get(roles[0], f"{roles[0]}-li")
        if not {"voter", "unit"} & set(roles):
            self.town.staff[sub] = list(roles)
        token, _ = self.app_context.sessions.issue(sub, frozenset(roles), name="李")
        return str(token)

    def proof(self, token: str) -> str:
        """Return a proof for the session of this token, as moderation gives it for the right password."""
        session = self.app_context.sessions.read(token)
        return StepUpProofs(self.app_context.keys.session).issue(session.id, session.sub)[0]

    def ticket(self, headers: dict[str, str]) -> str:
        """Return a fresh like ticket for the session of these headers."""
        sessions = self.app_context.sessions
        try:
            who = sessions.from_headers({k.lower().encode(): v.encode() for k, v in headers.items()}, scheme="http",
                              changes=False, demanded=False)  # fmt: skip
        except Problem:
            who = None
        return str(self.app_context.turnstile.tickets.issue(who.sub if who else "nobody")[0])

    def request(self, method: str, path: str, *, role: str = "", key: str = "", **more: Any) -> httpx.Response:
        """Send a request with a session of this role; `key` is the Idempotency-Key.

        A bearer of a session brings a proof too, unless `proved` is false.
        """
        headers = dict(more.pop("headers", {}))
        if role:
            headers["Authorization"] = f"Bearer {self.token(role)}"
        if more.pop("proved", True):
            with suppress(Problem):
                headers["Step-Up-Proof"] = self.proof(headers.get("Authorization", "").removeprefix("Bearer "))
        if key:
            headers["Idempotency-Key"] = key
        if not more.pop("plain", False):
            path = f"/api/v1{path}"
        if path.endswith("/like") and not {"Like-Ticket", "ticket"} & {*headers, *more.get("data", {})}:
            headers["Like-Ticket"] = self.ticket(headers)
        answer: httpx.Response = self.run(self.client.request(method, path, headers=headers, **more))
        return answer


def code(answer: httpx.Response) -> str:
    """Return the code of a problem, after checking that the answer is one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])

"""No outlet of the gateway shows what is under embargo, nor what was taken down.

A canary stands for what must not leave: numbers of likes and scores that appear nowhere else. The outlets are all GET
routes of the table, requested without a session and in every role that must not see likes, so a route that is added
later is tested too. The views are ranking's own, folded from a story. What other services answer has no likes and comes
from the stand-in `town.py`.
"""

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.http import problem_texts
from gateway.routes import ROUTES
from gateway.routing.route import ANYONE, Route
from services.moderation import events as desk
from services.ranking import events as own
from services.ranking.read_model.daily_totals import Daily
from services.ranking.read_model.ranking_input import ranking
from services.ranking.views import embargo
from services.ranking.views.public_views import views
from services.submission import events as intake
from shared.commit import MAX_EVENTS
from shared.media.copies import RECIPE, PublicCopies
from tests.unit.gateway.media_packs.test_packs import CONSENT
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import CONTENT, Visitor
from tests.unit.ranking.stories import (
    DAY,
    END,
    HOUR,
    SEED,
    START,
    Story,
    campaign,
    folded,
    liked,
    locked,
    opened,
    until_exhibited,
    until_judged,
)

LIKES = 1_511  # valid ones of A002 where the crowd came: a number that nothing else counts to
FINALS = ("92.30", "79.35")
CUT = {"moderation": 9, "ranking": 9}
READS = [route for route in ROUTES if route.method == "GET"]
OPEN = [route for route in READS if route.roles == ANYONE]
#: Who sees likes and ranks when everybody does, and never before.
BLIND = ("", "voter", "unit", "judge", "moderator")
MORE = ("/?type=state", "/?q=title", "/search?q=title", "/search?type=private",
        "/boards?by=overall", "/boards?theme=home", "/exhibition?type=state",
        "/entries/A002", "/entries/B001", "/entries/u3-1", "/api/v1/entries/B001", "/api/v1/entries?q=title",
        "/api/v1/leaderboard?type=state", "/api/v1/leaderboard?theme=home", "/api/v1/result?theme=home",
        "/api/v1/result?type=private")  # fmt: skip
SHA = {kind: hashlib.sha256(kind.encode()).hexdigest() for kind in ("picture", "video")}


def of_rules(story: Story, totals: str, *, embargo: bool = True) -> Story:
    rules = replace(campaign(), likes=replace(campaign().likes, totals=totals, embargo=embargo))
    story["moderation"][0][0], story["moderation"][4][0] = opened(rules), locked(rules)
    return story


def crowded(story: Story) -> Story:
    """Return the story with the canary: that many likes for A002 before the polls close."""
    crowd = [liked("u2-1", voter=f"fan-{n}", day=8) for n in range(LIKES - 3)]
    story["vote.1"][-1:-1] = [crowd[i : i + MAX_EVENTS] for i in range(0, len(crowd), MAX_EVENTS)]
    return story


def in_like_week(totals: str, *, is_crowded: bool) -> dict[str, Any]:
    """Return the views in like week under daily totals, with those of the evening before the canary's likes."""
    story = of_rules(until_judged(), totals)
    if is_crowded:
        crowded(story)
    del story["vote.0"][-1], story["vote.1"][-1], story["ranking"], story["scoring"]
    story["moderation"][5][1] = desk.ClockMoved(START + 20 * HOUR, by="o1")
    daily = Daily(START + 18 * HOUR, {"u2-1": 2, "u1-1": 1}) if totals == "daily" else None
    return dict(views(folded(story), CUT, daily))


def while_judging(totals: str, *, is_crowded: bool, embargo: bool = True) -> dict[str, Any]:
    """Return the views after the close of likes and before a result, when the experts mark.

    The cut is further in the vote logs when the crowd came, as it would be.
    """
    story = of_rules(until_judged(), totals, embargo=embargo)
    if is_crowded:
        crowded(story)
    daily = Daily(START + 18 * HOUR, {"u2-1": LIKES if is_crowded else 2, "u1-1": 1}) if totals == "daily" else None
    cut = {**CUT, "vote.0": 5, "vote.1": 400 if is_crowded else 3}
    return dict(views(folded(story), cut, daily, now=END + HOUR))


@cache
def result(*, is_published: bool, is_final: bool = False) -> tuple[dict[str, Any], str]:
    """Return the views with a signed, a published or a final result, and the digest of the result."""
    story = of_rules(until_judged(), "after_end")
    if is_published:  # with the popularity list, which has places too
        rules = replace(campaign(), popularity_list=True)
        story["moderation"][0][0], story["moderation"][4][0] = opened(rules), locked(rules)
    outcome = ranking(folded(story), seed=SEED)
    rule_hash = folded(story).rule_hash or ""
    signed = [own.ResultSigned("P1", outcome.digest, by, at=END) for by in ("o1", "o2")]
    story["ranking"] += [
        [own.ResultProposed("P1", {}, rule_hash, outcome.digest, outcome.winners, outcome.table, by="o1", at=END)],
        [*signed],
    ]
    if is_published:
        story["ranking"] += [
            [
                own.ResultPublished("P1", outcome.digest, "o1", END, END + DAY, "table"),
                own.SeedRevealed(SEED.hex(), END),
            ],
            [own.ExhibitionOpened(outcome.winners, True, "o1", END)],
        ]
    if is_final:
        story["ranking"].append([own.ResultFinal("P1", outcome.digest, "o1", END + DAY)])
    return dict(views(folded(story), CUT, None)), outcome.digest


#: What services of before answer on their own pages: without it the walk would meet a failure there.
ANSWERS = {
    ("voting", "receipt"): {  # ranking hides the address until publication
        "entry": "u2-1", "day": "2021-06-08", "at": START, "address": "vote.1/3/0", "leaf_root": "0",
    },
    ("moderation", "complaint"): {
        "complaint": "A" * 16, "kind": "complaint", "entry": None, "at": START, "state": "open", "answer": None,
    },
}  # fmt: skip


#: The writer's, on the page of one's own likes.
MINE = {
    "status": "counted",
    "likes": [{"entry": "u2-1", "status": "counted", "at": START, "receipt": "0.1.0.abc"}],
    "remaining": 19,
}

#: Nothing to explain, no such number.
NUMBERED = {("ranking", "certificate")}  # ranking has none before the result is final
#: What the pages of units and moderators are made of; it has no likes, and the stand-in does not know its shapes.
OF_DESKS = (
    *(("submission", method) for method in ("draft", "entry")),
    *(("moderation", method) for method in ("queue", "reasons", "bulks", "pace", "work", "complaints")),
)
REFUSED = ("explanation", "rule_sheet", "objection", "certificate")


@pytest.fixture
def opening(visit: Any) -> Any:
    """Return a function that opens a gateway with these views."""

    def open_gateway(told: dict[str, Any]) -> Visitor:
        visitor: Visitor = visit(views=told)
        # Whom the list of staff does not have yet is refused until it is read again.
        visitor.town.staff |= {f"{role}-li": [role] for role in BLIND if role in ("judge", "moderator")}
        visitor.town.answers |= {each: {"ok": answer} for each, answer in ANSWERS.items()}
        visitor.town.like = MINE
        refused = {"refused": {"code": "campaign-not-open", "field": None, "detail": {}}}
        visitor.town.answers |= {("ranking", method): refused for method in REFUSED}
        visitor.town.answers |= dict.fromkeys(OF_DESKS, refused)
        if not told["result"]:  # then nobody blind is to reach what would tell of it
            closed = {each: answer for each, answer in embargo.ANSWERS.items() if answer.reveals and not answer.only_own
                      and each not in NUMBERED}  # fmt: skip
            visitor.town.answers |= {each: {"ok": {"likes": LIKES, "final": FINALS[0]}} for each in closed}
        return visitor

    return open_gateway


def walked(visitor: Visitor, *roles: str) -> Iterator[tuple[str, Any]]:
    """Return the answer of every outlet."""
    for role in roles:
        for path in (*map(url, READS if role else OPEN), *MORE):
            yield f"{role or 'anybody'} {path}", visitor.request("GET", path, plain=True, role=role)


def telling(visitor: Visitor, *canaries: str, roles: tuple[str, ...] = BLIND) -> dict[str, list[str]]:
    """Return the outlets whose body or headers contain a canary.

    The length of an answer is not read: it is a number that can equal a canary by chance, and what may not depend on
    likes is compared byte by byte by the tests of two histories.
    """
    pattern = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(each)}(?![0-9A-Za-z])" for each in canaries))
    found = {}
    for name, answer in walked(visitor, *roles):
        headers = [each for each in answer.headers.items() if each[0] != "content-length"]
        found[name] = pattern.findall(f"{headers} {answer.text}")
    return {name: those for name, those in found.items() if those}


@pytest.mark.parametrize("totals", ["after_end", "daily"])
def test_likes_that_are_not_public_are_spelled_by_no_outlet(opening, totals: str):
    visitor = opening(in_like_week(totals, is_crowded=True))

    assert telling(visitor, str(LIKES), f"{LIKES:,}", str(LIKES - 1)) == {}


def test_walk_meets_answers_and_no_failures(opening):
    """A failing outlet shows no canary either, so a walk that meets only failures would prove nothing."""
    visitor = opening(in_like_week("after_end", is_crowded=True))

    met = {name: answer.status_code for name, answer in walked(visitor, *BLIND)}

    assert {name: status for name, status in met.items() if status >= 500} == {}
    read = {role: sum(status == 200 for name, status in met.items() if name.startswith(f"{role or 'anybody'} "))
            for role in BLIND}  # fmt: skip
    assert min(read.values()) >= 30, read


def test_walk_would_see_them(opening):
    visitor = opening(in_like_week("live", is_crowded=True))

    found = telling(visitor, str(LIKES), roles=("",))

    assert set(found) >= {f"anybody {path}" for path in ("/boards", "/api/v1/leaderboard", "/boards?theme=home")}


@pytest.mark.parametrize("totals", ["after_end", "daily"])
def test_no_outlet_tells_two_histories_of_likes_apart(opening, totals: str):
    """Neither a byte, nor an order, nor an ETag may change when only a hidden number does."""
    answers = []
    for is_crowded in (False, True):
        visitor = opening(in_like_week(totals, is_crowded=is_crowded))
        answers.append({name: (answer.status_code, answer.headers.get("etag"), answer.content)
                        for name, answer in walked(visitor, "")})  # fmt: skip

    quiet, loud = answers
    assert [name for name in quiet if quiet[name][0] == 200 and name not in OWN and quiet[name] != loud[name]] == []
    assert [quiet[name][0] for name in quiet] == [loud[name][0] for name in quiet]


@pytest.mark.parametrize("totals", ["live", "after_end", "daily"])
def test_while_judges_mark_thousand_likes_for_one_entry_change_no_public_byte(opening, totals: str):
    """Neither body, order, ETag, length nor any other header of any outlet, for anybody who may not see likes."""
    answers = []
    for is_crowded in (False, True):
        visitor = opening(while_judging(totals, is_crowded=is_crowded))
        visitor.views.note_clock(END + HOUR)
        answers.append({name: (answer.status_code, _lasting(answer.headers), answer.content)
                        for name, answer in walked(visitor, *BLIND)})  # fmt: skip

    quiet, loud = answers
    assert [name for name in quiet if quiet[name][0] == 200 and not is_own(name) and quiet[name] != loud[name]] == []
    assert [quiet[name][0] for name in quiet] == [loud[name][0] for name in quiet]


def _lasting(headers: Any) -> dict[str, str]:
    """Return the headers without those that differ in every answer."""
    return {name: value for name, value in headers.items() if name not in ("x-request-id", "set-cookie")}


_DRAWN = ("/api/v1/challenge",)  # a challenge is drawn anew for each request


def is_own(name: str) -> bool:
    """Return whether an outlet is made for one visitor, with a form's number, a fresh like ticket or session, or holds
    the time at which it was written.
    """
    forms = {"/complaints", "/objections", "/unit/cadres", "/organiser/roll/invitations"}
    forms |= {f"/desk/moderation{page}" for page in ("", "/pace", "/bulk", "/complaints")}
    forms |= {
        "/desk",
        "/analysis/cohorts",
        "/organiser/messages",
        "/organiser/messages/letter",
        "/organiser/messages/new",
        "/organiser/messages/reminders",
        "/desk/security",
        "/organiser/messages/contact",
        "/desk/contact",
        "/unit/contact",
        "/unit/questions",
        "/judge/entries/u1-1",
        "/unit/entries/u1-1/hand-in",
        "/unit/entries/u1-1/withdrawal",
        "/unit/entries/u1-1/type",
        "/unit/managed/U1/hand-in",
    }
    return name.partition(" ")[2] in {*forms, "/api/v1/like-tickets", "/api/v1/me", "/api/v1/roll/roll.xlsx", *_DRAWN}


@pytest.mark.parametrize("totals", ["live", "after_end", "daily"])
def test_while_judges_mark_likes_are_spelled_by_no_outlet(opening, totals: str):
    visitor = opening(while_judging(totals, is_crowded=True))
    visitor.views.note_clock(END + HOUR)

    assert telling(visitor, str(LIKES), f"{LIKES:,}", str(LIKES - 1)) == {}


def test_while_judges_mark_walk_sees_the_likes_of_rules_without_embargo(opening):
    visitor = opening(while_judging("after_end", is_crowded=True, embargo=False))

    found = telling(visitor, str(LIKES), roles=("judge", ""))

    shown = ("/boards", "/entries/A002")
    assert set(found) >= {f"{role} {path}" for role in ("judge", "anybody") for path in shown}


def test_while_judges_mark_rows_stand_by_number_in_every_list(opening):
    visitor = opening(while_judging("live", is_crowded=True))
    visitor.views.note_clock(END + HOUR)

    board = visitor.request("GET", "/leaderboard").json()
    listed = visitor.request("GET", "/entries").json()["entries"]

    assert [row["number"] for row in board["overall"]] == ["A001", "A002", "B001"]
    assert [row["number"] for row in listed] == ["A001", "A002", "B001"]
    assert {row["place"] for row in board["overall"]} == {None}


#: What is made for one visitor, and is another for the next: in the order of their own lot, or with a form's number.
OWN = {"anybody /", "anybody /?type=state", "anybody /?q=title", "anybody /complaints"}


def test_signed_result_is_spelled_by_no_outlet(opening):
    told, digest = result(is_published=False)

    assert telling(opening(told), *FINALS, digest, "P1") == {}


def test_published_result_is_there_and_the_walk_sees_it(opening):
    told, digest = result(is_published=True)

    found = telling(opening(told), *FINALS, digest, roles=("",))

    assert set(found) >= {f"anybody {path}" for path in ("/", "/exhibition", "/api/v1/result", "/api/v1/exhibition")}


#: How an outlet says that places are not final: in words of either language, or as a field.
NOT_FINAL = re.compile(
    r'暂定|尚未最终确定|[Pp]rovisional(?!"\s*:\s*false)|not final yet|"is_final"\s*:\s*false|"provisional"\s*:\s*true'
)
#: A place of an entry or a score, in a page or as a field.
PLACED = re.compile(r'"place"\s*:\s*\d|名次|第 \d+ 名|>Place|Place \d|综合得分|>Score|Score \d')


def unmarked(visitor: Visitor, *canaries: str, roles: tuple[str, ...] = BLIND) -> list[str]:
    """Return the outlets that hold a canary beside places and do not say that the result is not final."""
    found = []
    for name, answer in walked(visitor, *roles):
        is_placed = any(each in answer.text for each in canaries) and PLACED.search(answer.text)
        if is_placed and not NOT_FINAL.search(answer.text):
            found.append(name)
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_outlet_with_likes_and_places_says_that_they_are_not_final(opening, lang: str):
    visitor = opening(in_like_week("live", is_crowded=True))
    visitor.client.cookies.set("lang", lang)

    assert unmarked(visitor, str(LIKES), f"{LIKES:,}", roles=("",)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_outlet_of_a_published_result_says_that_it_is_not_final_until_it_is(opening, lang: str):
    visitor = opening(result(is_published=True)[0])
    visitor.client.cookies.set("lang", lang)

    assert unmarked(visitor, *FINALS) == []


def test_no_outlet_calls_a_final_result_provisional(opening):
    visitor = opening(result(is_published=True, is_final=True)[0])

    marked = [name for name, answer in walked(visitor, "") if NOT_FINAL.search(answer.text)]

    assert [name for name in marked if not name.endswith(("/rules", "/api/v1/rules"))] == []


def test_metrics_are_on_no_public_port(opening):
    assert opening(in_like_week("after_end", is_crowded=True)).request("GET", "/metrics", plain=True).status_code == 404


@pytest.mark.parametrize("route", READS, ids=lambda route: route.name)
def test_what_reads_from_scoring_or_ranking_is_in_the_table_of_the_embargo(visitor: Visitor, route: Route):
    role = "" if route.roles == ANYONE else sorted(route.roles)[0]

    visitor.request("GET", url(route), plain=True, role=role)

    asked = {(service, method) for service, method, _ in visitor.town.calls if service in ("scoring", "ranking")}
    assert asked <= set(embargo.ANSWERS)
    allowed = {each: embargo.ANSWERS[each].to | embargo.ANSWERS[each].early for each in asked}
    assert [each for each, roles in allowed.items() if not route.roles <= roles] == []


# take-down

TAKEN = [
    pytest.param("ranking", own.EntryTakenDown("u3-1", "rights", "o1", END + 11), id="taken down"),
    pytest.param("moderation", desk.EntryDisqualified("u3-1", "false", by="o1", at=END + 11), id="disqualified"),
    pytest.param("submission", intake.EntryWithdrawn("u3-1", by="u3", reason="", at=END + 11), id="withdrawn"),
    pytest.param("moderation", desk.EntryReturned("u3-1", 1, (), END, by="m", at=END + 11), id="returned"),
]
NAMES = ("title u3-1 v1", "unit 3", "city 3", *SHA.values())
WIDTHS = ("480.webp", "960.jpg", "1920.webp")
RENDITIONS = {"picture": WIDTHS, "video": ("film.mp4", "poster-960.jpg")}
FILES = (
    *(
        f"/media/{SHA[kind]}{each}"
        for kind, names in RENDITIONS.items()
        for each in ("", *(f"/{name}" for name in names))
    ),
    f"/entries/B001/captions/{SHA['video']}",
)
PACKS = tuple(f"/exhibition/B001/packs/{channel}.zip" for channel in ("wechat", "channels", "douyin"))
CACHED_S = re.compile(r"max-age=(\d+)")


def exhibited(*more: tuple[str, object]) -> dict[str, Any]:
    """Return the views of an exhibition with B001, whose files exist, after the events that happened since."""
    story = until_exhibited()
    del story["ranking"][-1]
    for log, fact in more:
        story[log].append([fact])
    told = dict(views(folded(story), {**CUT, "submission": 9 + len(more)}, None))
    seen = told["entries"]["entries"].get("u3-1")
    if seen is not None:
        seen |= {"pictures": [SHA["picture"]], "video": SHA["video"]}
    if "u3-1" in told["entries"]["hidden"]:
        told["entries"]["hidden"]["u3-1"]["files"] = list(SHA.values())
    return told


@pytest.fixture
def gallery(opening: Any, tmp_path: Path) -> Visitor:
    root = tmp_path / "media" / "demo"
    for kind, ending in (("picture", "jpeg"), ("video", "mp4")):
        name = SHA[kind]
        for path in (root / name[:2] / name, root / "public" / RECIPE / name[:2] / f"{name}.{ending}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"an original or its copy")
        for rendition in RENDITIONS[kind]:
            draft = tmp_path / "draft"
            draft.write_bytes(b"a rendition")
            PublicCopies(root).put_rendition(name, rendition, draft)
    visitor: Visitor = opening(exhibited())
    # Submission does not follow ranking: to it the entry is approved whatever happens there.
    files = [{"sha256": SHA["video"], "kind": "video", "subtitles": "WEBVTT\n\n00:01.000 --> 00:02.000\n炉子\n"}]
    content = {**CONTENT, "entry": "u3-1", "title": "title u3-1 v1", "unit_name": "unit 3", "number": "B001",
               "files": files}  # fmt: skip
    visitor.town.answers["submission", "public_entry"] = lambda call: {
        "ok": content if call["body"]["entry"] == "u3-1" else CONTENT
    }
    visitor.town.answers["submission", "search_texts"] = {
        "ok": {"entries": {"u3-1": {"before": "", "match": "title u3-1 v1", "after": ""}}}
    }
    visitor.town.answers["submission", "consent"] = CONSENT
    visitor.town.answers["submission", "media"] = {"ok": {"own": False, "shown_in": ["u3-1"]}}
    return visitor


def showing(visitor: Visitor) -> dict[str, Any]:
    """Return the outlets that name the entry, its unit or its files, and its files and packs if they are served."""
    found = {name: answer for name, answer in walked(visitor, "", "unit") if any(each in answer.text for each in NAMES)}
    given = {path: visitor.request("GET", path, plain=True) for path in FILES}
    given |= {path: visitor.request("GET", path, plain=True, role="organiser") for path in PACKS}
    return found | {path: answer for path, answer in given.items() if answer.status_code == 200}


@pytest.mark.parametrize(("log", "fact"), TAKEN)
def test_what_was_taken_away_leaves_every_outlet_with_the_next_view(gallery: Visitor, log: str, fact: object):
    before = showing(gallery)
    gallery.views.load(
        {name: {"cut": {**CUT, "submission": 10}, "data": each} for name, each in exhibited((log, fact)).items()}
    )

    after = showing(gallery)

    pages = ("/", "/search?q=title", "/search?type=private",
             "/exhibition", "/exhibition/feed.atom", "/exhibition/feed.json", "/boards", "/entries/B001",
             "/api/v1/exhibition", "/api/v1/entries", "/api/v1/entries?q=title", "/api/v1/leaderboard",
             "/api/v1/result")  # fmt: skip
    assert set(before) >= {*(f"anybody {path}" for path in pages), *FILES, *PACKS}
    assert after == {}


def test_no_cache_keeps_what_shows_an_entry_for_a_minute(gallery: Visitor):
    found = showing(gallery)

    kept = {name: answer.headers["cache-control"] for name, answer in found.items()}
    assert [
        name for name, said in kept.items() if not ("no-cache" in said or "no-store" in said or _is_short(said))
    ] == []


def _is_short(said: str) -> bool:
    found = CACHED_S.search(said)
    return found is not None and int(found[1]) + 31 < 60


@pytest.mark.parametrize(("log", "fact"), TAKEN)
def test_validator_of_before_is_none_any_more(gallery: Visitor, log: str, fact: object):
    paths = ("/", "/exhibition", "/exhibition/feed.atom", "/exhibition/feed.json", "/api/v1/exhibition", FILES[0])
    etags = {path: gallery.request("GET", path, plain=True).headers["etag"] for path in paths}
    gallery.views.load(
        {name: {"cut": {**CUT, "submission": 10}, "data": each} for name, each in exhibited((log, fact)).items()}
    )

    again = {path: gallery.request("GET", path, plain=True, headers={"If-None-Match": etag}).status_code
             for path, etag in etags.items()}  # fmt: skip

    assert again == {**dict.fromkeys(paths, 200), FILES[0]: 404 if isinstance(fact, desk.EntryReturned) else 410}


@pytest.mark.parametrize(("log", "fact"), TAKEN)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_entry_that_was_taken_away_has_a_page_that_says_so(gallery: Visitor, log: str, fact: object, lang: str):
    gallery.views.load(
        {name: {"cut": {**CUT, "submission": 10}, "data": each} for name, each in exhibited((log, fact)).items()}
    )
    paths = ("/entries/B001", "/entries/u3-1", "/api/v1/entries/B001", *FILES)

    answers = [gallery.request("GET", f"{path}?lang={lang}", plain=True) for path in paths]

    code = REASONS[type(fact)]
    words = problem_texts.WORDS[code]
    title = words.zh if lang == "zh" else words.en
    assert [each.status_code for each in answers] == [words.status] * len(paths)
    if code != "entry-unknown":
        assert [title in html.unescape(each.text) for each in answers] == [True] * len(paths)
        assert 'href="/search"' in answers[0].text
    assert [each for each in answers if any(name in each.text for name in NAMES[:3])] == []


REASONS = {
    own.EntryTakenDown: "entry-was-taken-down",
    desk.EntryDisqualified: "entry-was-disqualified",
    intake.EntryWithdrawn: "entry-was-withdrawn",
    desk.EntryReturned: "entry-unknown",
}


def test_entry_that_was_never_shown_is_unknown_also_when_it_is_withdrawn(opening):
    story = until_exhibited()
    story["moderation"].append([desk.EntryReturned("u3-1", 1, (), END, by="m", at=END + 11)])
    story["submission"].append([intake.EntryWithdrawn("u3-1", by="u3", reason="", at=END + 12)])
    visitor = opening(dict(views(folded(story), {**CUT, "submission": 10}, None)))

    assert visitor.request("GET", "/entries/u3-1", plain=True).status_code == 404

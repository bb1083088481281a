"""Every text of a page and every problem exists in Chinese and in English, and none is unused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes
from marshmallow.fields import Field

from gateway.html.desk_menu import MENU, UNIT_MENU
from gateway.html.texts import WORDS
from gateway.html.texts_unit import UNIT_WORDS
from gateway.http import fields, problem_texts
from gateway.http.problem_texts import FIELDS
from gateway.http.request_schemas import GROUPINGS, QUEUE_FLAGS, ROLE_WORDS
from gateway.public import home, notice
from gateway.public.ai_marks import MARKS
from gateway.read_models.cache import AFTER, PHASES
from gateway.read_models.page_frame import Span
from gateway.staff import (
    analysis_pages,
    award_desk,
    bulk_desk,
    campaign_desk,
    change_sets,
    checklist,
    closing_desk,
    judge_desk,
    judge_entry,
    judging_desk,
    message_desk,
    operations,
    organiser_forms,
    pace_desk,
    question_desk,
    result_desk,
)
from gateway.staff.campaign_form import CHECK, FILE
from gateway.staff.moderation_desk import EVENTS, ITEMS, WHY
from gateway.staff.queue_table import COLUMNS
from gateway.units import contact_page, entry_progress, home_page
from gateway.units.form_page import SCRIPT_TEXTS
from services.moderation.campaign import METHODS
from services.moderation.campaign_file.form_fields import FIELDS as CAMPAIGN_FIELDS
from services.moderation.campaign_file.form_fields import FLAG, ROWS, STEPS
from tests.files import ROOT, parse_module

GATEWAY = ROOT / "gateway"
TEMPLATES = sorted((GATEWAY / "templates").rglob("*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAME = "百家"  # of the product: the same in every language
STATES = ("past", "now", "coming")
ANSWERS = ("counted", "already", "pending", "accepted", "gone")
KINDS = [each for each in vars(fields).values() if isinstance(each, type) and issubclass(each, Field)]
ORGANISER_PAGES = (
    campaign_desk.SCHEDULE, campaign_desk.STAFF, campaign_desk.LATE_PASSES, campaign_desk.SHORTLIST,
    result_desk.RESULT, result_desk.DISQUALIFICATION, closing_desk.NOTICE, closing_desk.FINAL,
    award_desk.CERTIFICATES, award_desk.EXHIBITION, *judging_desk.PAGES, question_desk.QUESTIONS,
)  # fmt: skip
ORGANISER_ACTIONS = {f"{desk.name}.{name}" for desk in ORGANISER_PAGES for name in desk.actions}
#: What organisers do without being asked once more.
SILENT = {f"{desk.name}.{name}" for desk in ORGANISER_PAGES for name, action in desk.actions.items() if not action.asks}
COMPUTED = {
    "screen.": {"entries", "shown", "cities", "winners", "likes", "top", "turns"},
    "ai.": set(MARKS),
    "campaign.play.": {"waiting", "running"},
    "campaign.play.is-": {"waiting", "running", "failed"},
    "campaign.play.failed.": {"late", "memory", "broken"},
    "campaign.play.figure.": {
        "units",
        "shortlisted",
        "judged",
        "voters",
        "likes",
        "likes_refused",
        "judges",
        "marks",
        "seats",
    },
    "judge.practice.is-": {"near", "above", "below"},
    "cohorts.by.": set(GROUPINGS),
    "cohorts.did-": {"ask", "agree", "refuse"},
    "cohorts.door.": {"web", "wechat", "mini", "text"},
    "cohorts.state.": {"lapsed", "refused", "open", "over"},
    "analysis.log.": {"moderation", "ranking", "scoring", "submission", "vote"},
    "menu.": {line.text for line in MENU} | {text for _, text in UNIT_MENU},
    "sign-in.": {f"{kind}{part}" for kind in ("unit", "desk") for part in ("", ".name", ".secret", ".hint")},
    "home.": {"before", *PHASES, *AFTER.values(), "judging.open", home.PUBLISHED, "final"},
    "schedule.": {"submission", "likes", "judging", "exhibition", "page", "rules"},
    "home.do.": {"before", *PHASES, *AFTER.values(), home.PUBLISHED},
    "ops.alert.": set(operations.ALERTS),
    "ops.broker.alarm-": set(operations.BROKER_ALARMS),
    "ops.shed-": {str(level) for level in range(5)},
    "ops.rate.": set(operations.RATES),
    "ops.is-": {"ready", "waits", "down"},
    "analysis.tab.": set(analysis_pages.TABS),
    "analysis.varied.": {"method", "conversion", "weights", "judge", "likes"},
    "analysis.": {"first", "second", "above", "below"},
    "changes.is-": {"open", "applied", "dropped"},
    "changes.did-": {"applied", "dropped"},
    "changes.kind-": set(change_sets.KINDS),
    "changes.problem-": {"like-unknown", "score-unknown"},
    "outage.is-": {"open", "fixed", "revoked"},
    "outage.did-": {"declared", "revoked"},
    "roll.": {"units", "eligible", "reachable", "invited"},
    "roll.column.": {"", "code", "name", "level", "type", "city", "employer", "access"},
    "phase.": {"before", *PHASES, *AFTER.values()},
    "state.": set(STATES),
    "liked.": set(ANSWERS),
    "mine.is-": {"counted", "pending", "retracted", "void"},
    "complaint.": {"complaint", "suggestion"},
    "complaint.is-": {"open", "answered"},
    "notice.is-": {notice.RUNNING, notice.ENDED, notice.FINAL},
    "notice.by-": {"table", "weekends", "none"},
    "objection.is-": {"open", "upheld", "dismissed"},
    "column.": set(COLUMNS),
    "judge.stage.": set(judge_desk.STAGES),
    "judging.part.": {desk.name for desk in judging_desk.PAGES},
    "judging.state.": set(judging_desk.STATES),
    "judging.why.": set(judging_desk.WHY),
    "judging.limit.": set(judging_desk.LIMITS),
    "judge.recuse.": set(judge_entry.RECUSE_REASONS),
    "letter-is.": {f"{state}{part}" for state in message_desk.STATES for part in ("", ".more")},
    "letter-kind.": set(message_desk.KINDS),
    "letter-why.": {"reversed", "dropped"},
    "letter-to.": {
        "submitted",
        "approved",
        "returned",
        "rejected",
        "withdrawn",
        "disqualified",
        "shortlisted",
        "invited",
    },
    "question.is-": {"open", "answered", "closed"},
    "question.none-": {"open", "answered", "closed"},
    "channel.": {"email", "sms", "wechat"},
    "attempt-is.": {"sending", "sent", "later", "next", "failed", "unsure"},
    "messages.tab.": {"outbox", "new", "reminders", "contact"},
    **{f"messages.{part}-": set(message_desk.METHODS) for part in ("do", "sure", "now")},
    "messages.did-": {*message_desk.METHODS, "draft"},
    "mod.tab.": {"queue", "work", "complaints", "bulk", "pace"},
    "event.": EVENTS,
    "hint.is-": {"hit", "clean", "not-checked"},
    "source.": {"words", "wechat", "link", "film"},
    "mod.why.": set(WHY),
    "mod.ai.": {"made", "altered"},
    "mod.same.": {"text", "picture"},
    "mod.second.because-": {"asked", "rejection", "symbols"},
    **{f"bulk.{part}-": set(bulk_desk.KINDS.values()) for part in ("title", "do", "did")},
    "work.": set(pace_desk.KINDS),
    "mod.sort.": {"queue", "oldest", "newest"},
    "mod.claimed.": {"me", "others", "nobody"},
    "status.": {"submitted", "approved", "returned", "rejected", "withdrawn", "disqualified"},
    "flag.": set(QUEUE_FLAGS),
    "item.": {*ITEMS, "files"},
    "kind.": {"picture", "video", "audio"},
    "role.": set(ROLE_WORDS),
    "org.tab.": {*organiser_forms.TABS, question_desk.QUESTIONS.name},
    **{f"org.{kind}": ORGANISER_ACTIONS - SILENT for kind in ("ask.", "ask.about.")},
    "org.did.": ORGANISER_ACTIONS,
    "org.step.": {code for codes in checklist.STEPS.values() for code in codes},
    "org.note.": {
        "organisers",
        "roll",
        "invitations",
        "rehearsal",
        "review",
        "work",
        "judges",
        "assignment",
        "marks",
        "signatures",
        "objections",
        "complaints",
        "final",
        "certificates",
    },
    "org.phase.": set(checklist.PHASES),
    "org.phase.is-": {checklist.DONE, checklist.NOW, checklist.LATER},
    "org.is-": set(checklist.STATES),
    "org.who.": set(checklist.ACTORS),
    "org.change.": set(result_desk.CHANGES),
    "org.why.": set(result_desk.WHY),
    "org.certificate.why-": {"order", "disqualified", "replaced", "reissued", "changed"},
    "org.window.is-": {"coming", "now", "past"},
    "org.window.": {"start", "end"},
    "security.did-": {"password", "session", "sessions", "removed"},
    "unit.act.": set(home_page.ACTIONS.values()),
    "unit.todo.": entry_progress.TODO,
    "unit.due.": {"window", "return", "late-pass"},
    "unit.state.": {*entry_progress.STEPS, *entry_progress.ENDS},
    "unit.type.": {"open", "granted", "declined"},
    "unit.ai.": {"none", "made", "altered"},
    "contact.topic.": {"review", "result", "news"},
    "contact.wechat.outcome.": set(contact_page.OUTCOMES),
    "unit.message.": entry_progress.MESSAGES,
    "unit.field.": {"picture", "video", "audio"},
    "unit.file.choose.": {"picture", "video", "audio"},
    "campaign.step.": {*STEPS, CHECK, FILE},
    "campaign.field.": {each for each in CAMPAIGN_FIELDS if not each.startswith("letters.")},
    "campaign.field.letters.": {"title_zh", "title_en", "words_zh", "words_en"},
    "campaign.choice.": set(METHODS),
    "campaign.picture.": {"logo", "banner"},
    "campaign.picture.hint.": {"logo", "banner"},
    "campaign.picture.now.": {"logo", "banner"},
    "campaign.picture.remove.": {"logo", "banner"},
    "campaign.rows.": set(ROWS),
    "campaign.rows.default.": set(ROWS),
    "unit.versions.": {"earlier", "later", "added", "removed"},
    "certificate.is-": {"valid", "revoked"},
    "certificate.by-": {"order", "disqualified", "replaced", "changed", "reissued"},
}


def text_keys(path: Path) -> Iterator[str]:
    """Yield the keys of the texts that a template uses."""
    for call in Environment().parse(path.read_text()).find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name in ("say", "say_parts")):
            continue
        key = call.args[0]
        if isinstance(key, nodes.Const):
            yield key.value
        else:
            assert isinstance(key, nodes.Concat), f"{path.name}: a key that this test cannot read: {key}"
            prefix = key.nodes[0].as_const()
            yield from (prefix + each for each in COMPUTED[prefix])


def script_keys() -> set[str]:
    """Return the keys of the texts of a unit's form that its scripts use, spelled or computed."""
    scripts = "".join(path.read_text() for path in (GATEWAY / "static").glob("*.js"))
    sent = [key.removeprefix("unit.") for key in UNIT_WORDS if key.removeprefix("unit.").startswith(SCRIPT_TEXTS)]
    computed = {f"is-{state}" for state in re.findall(r"say\('([a-z-]+)'", scripts)}
    computed |= {f"file.is-{state}" for state in re.findall(r"(?:state: |state = |over\()'([a-z]+)'", scripts)}
    computed |= {f"file.problem.{code}" for code in re.findall(r"code: '([a-z]+)'", scripts)}
    return {
        f"unit.{key}"
        for key in sent
        if key in computed or f"'{key}'" in scripts or f"'{key.removeprefix('file.')}'" in scripts
    }


def code_keys() -> set[str]:
    """Return the keys of the texts that the code uses by their names, and of those that it computes for units."""
    spelled = {key for call in calls(GATEWAY, "say_in") for key in texts(*call.args[1:2])}
    of_campaign = {f"campaign.hint.{path}" for path in CAMPAIGN_FIELDS} & WORDS.keys()
    for field in CAMPAIGN_FIELDS.values():
        values = ("true", "false") if field.kind == FLAG else field.choices
        special = {f"campaign.choice.{each}.{field.path.partition('.')[0]}" for each in values} & WORDS.keys()
        of_campaign |= special | {f"campaign.choice.{each}" for each in values}
    return spelled | of_campaign | {f"unit.field.{name}" for name in entry_progress.FIELDS}


def holes(text: str) -> set[str]:
    """Return the `{names}` in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def calls(folder: Path, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a name in the code of a folder."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(parse_module(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                yield node


def texts(*given: ast.expr) -> set[str]:
    """Return the texts in these expressions, both of them for a conditional expression."""
    inner = [part for each in given for part in ((each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,))]
    return {each.value for each in inner if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def test_word_of_a_page_stands_in_both_languages_with_the_same_holes() -> None:
    words = {key: each for key, each in WORDS.items() if key != "other-language"}

    assert [key for key, (zh, _) in words.items() if not CHINESE.search(zh)] == []
    assert [key for key, (_, en) in words.items() if CHINESE.search(en) or not re.search("[A-Za-z]", en)] == []
    assert [key for key, (zh, en) in words.items() if holes(zh) != holes(en)] == []


def test_switch_names_the_other_language_in_its_own_words() -> None:
    assert WORDS["other-language"] == ("English", "中文")


def test_pages_say_each_word_that_there_is_and_no_other() -> None:
    spelled = {key for path in TEMPLATES for key in text_keys(path)} | {
        f"left.{name}" for name in (*Span._fields, "none")
    }
    spelled |= script_keys() | code_keys()

    assert spelled == set(WORDS)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_words_of_its_own(path: Path) -> None:
    text = "".join(each.data for each in Environment().parse(path.read_text()).find_all(nodes.TemplateData))
    shown = re.sub(r"<[^>]*>", "", re.sub(r"<kbd[^>]*>.*?</kbd>", "", text))  # keys are called the same everywhere
    told = re.findall(r'(?:alt|title|aria-label|placeholder)="([^"]*)"', text)

    assert re.findall(r"[A-Za-z\u4e00-\u9fff]+", " ".join([shown.replace(NAME, ""), *told])) == []


def test_detail_of_a_problem_has_the_same_holes_in_both_languages() -> None:
    words = problem_texts.WORDS.items()

    assert [code for code, each in words if holes(each.detail_zh) != holes(each.detail_en)] == []


def test_every_problem_that_the_gateway_raises_has_words() -> None:
    spelled = {code for call in calls(GATEWAY, "Problem") for code in texts(call.args[0])}

    assert "session-missing" in spelled
    assert spelled - set(problem_texts.WORDS) == set()


def test_every_complaint_about_a_field_has_words() -> None:
    spelled = {code for call in calls(GATEWAY, "ValidationError") for code in texts(call.args[0])}
    for name in ("Regexp", "OneOf", "Range", "Length"):
        for call in calls(GATEWAY, name):
            spelled |= texts(*(each.value for each in call.keywords if each.arg == "error"))
    for call in calls(GATEWAY, "Problem"):
        for each in call.keywords:
            if each.arg == "errors":
                lists = [node for node in ast.walk(each.value) if isinstance(node, ast.List)]
                spelled |= {code for node in lists for code in texts(*node.elts)}

    assert {"out-of-range", "control-characters", "repeated"} <= spelled
    assert spelled - set(FIELDS) == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_message_of_a_kind_of_value_has_words(kind: type[Field]) -> None:
    messages: dict[str, str] = {}
    for each in reversed(kind.__mro__):  # as marshmallow gathers them
        messages |= getattr(each, "default_error_messages", {})

    assert set(messages.values()) - set(FIELDS) == set()


def test_every_message_about_an_object_has_words() -> None:
    assert set(fields.RequestSchema.error_messages.values()) - set(FIELDS) == set()


def test_every_flaw_of_a_roll_has_words() -> None:
    folder = ROOT / "services" / "submission"
    spelled = {code for call in calls(folder, "Flaw") for code in texts(call.args[2])}
    for node in ast.walk(parse_module(folder / "roll.py")):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):  # column, code, value
            spelled |= texts(node.value.elts[1])

    assert {"column-missing", "malformed"} <= spelled
    assert spelled - set(FIELDS) == set()

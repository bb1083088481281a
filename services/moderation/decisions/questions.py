"""Decide on questions of units to the organisers: asking, claiming, answering, stock answers, and what is public.

Promises: a unit has at most `MOST_OPEN` questions without an answer and asks at most `MOST_A_DAY` in 24 hours; while an
organiser's claim lasts, nobody else answers; an answer replaces no other answer than the one that its author saw; a
question whose words were forgotten is closed; a question is public only in words that an organiser wrote for it.
Does not promise: that those words name nobody. Whoever publishes them reads them first.
"""

from dataclasses import dataclass

from services.moderation.events import (
    CommonQuestionPublished,
    CommonQuestionRemoved,
    LettersDrafted,
    QuestionAnswered,
    QuestionAsked,
    QuestionClaimed,
    StockAnswerDropped,
    StockAnswerSet,
)
from services.moderation.letters import BROADCAST, audiences, unit_contact
from services.moderation.question_desk import Question
from services.moderation.state import ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed
from shared.names import is_visible

CLAIM_MS = 15 * 60_000
DAY_MS = 86_400_000
MOST_OPEN, MOST_A_DAY = 5, 10
MOST_STOCK, MOST_PUBLIC = 100, 200
OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
REFUSALS = frozenset(
    {
        "campaign-not-open",
        "entry-unknown",
        "question-unknown",
        "questions-waiting",
        "questions-too-many",
        "question-claimed",
        "question-answered",
        "question-closed",
        "words-missing",
        "stock-unknown",
        "stock-full",
        "common-questions-full",
        "common-question-unknown",
        "letters-empty",
    }
)


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Command: ask the organisers. `question` is its number; the words are sealed."""

    question: str
    unit: str
    entry: str | None
    words: Sealed
    at: int


@dataclass(frozen=True, slots=True)
class ClaimQuestion:
    """Command: reserve a question for one organiser for `CLAIM_MS` (15 minutes)."""

    question: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Command: answer a question, or replace the last answer. `stock` is the stock answer that it began with.

    `answers` is how many answers the question had when its author saw it: 0 means the first.
    """

    question: str
    words: str
    stock: str | None
    by: str
    at: int
    answers: int = 0


@dataclass(frozen=True, slots=True)
class SetStockAnswer:
    """Command: keep a text for questions that come again. `stock` is None for a new one."""

    stock: str | None
    title: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DropStockAnswer:
    """Command: do not offer a stock answer any more."""

    stock: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class PublishQuestion:
    """Command: let everybody read a question and its answer, in these words. `question` is its number."""

    question: str
    text: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class RemovePublicQuestion:
    """Command: do not show a question to everybody any more."""

    question: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class BroadcastQuestion:
    """Command: propose a letter with a public question and its answer to each unit of a group."""

    question: str
    batch: str
    audience: tuple[str, str]  # by and code, as in `letters.audiences`
    title: str
    by: str
    at: int


Command = (
    AskQuestion
    | ClaimQuestion
    | AnswerQuestion
    | SetStockAnswer
    | DropStockAnswer
    | PublishQuestion
    | RemovePublicQuestion
    | BroadcastQuestion
)


def decide(command: Command, state: ModerationState) -> Decision:
    """Decide on a command of the question desk."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    match command:
        case AskQuestion():
            return _accept_question(command, state)
        case ClaimQuestion():
            return _claim(command, state)
        case AnswerQuestion():
            return _answer(command, state)
        case SetStockAnswer():
            return _set_stock(command, state)
        case DropStockAnswer():
            known = command.stock in state.question_desk.stock
            return [StockAnswerDropped(command.stock, command.by, command.at)] if known else []
        case PublishQuestion():
            return _publish(command, state)
        case RemovePublicQuestion():
            known = command.question in state.question_desk.public
            return [CommonQuestionRemoved(command.question, command.by, command.at)] if known else []
        case BroadcastQuestion():
            return _broadcast(command, state)


def asking_refusal(unit: str, entry: str | None, at: int, state: ModerationState) -> Refused | None:
    """Return why a unit may not ask now, or None. The shell calls this before it seals anything."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if entry is not None and (entry not in state.handed or state.handed[entry].versions[-1].unit != unit):
        return Refused("entry-unknown", "entry")
    own = questions_of(unit, state)
    if sum(each.is_open for each in own) >= MOST_OPEN:
        return Refused("questions-waiting", detail={"most": MOST_OPEN})
    if sum(at - each.asked.at < DAY_MS for each in own) >= MOST_A_DAY:
        return Refused("questions-too-many", detail={"most": MOST_A_DAY})
    return None


def questions_of(unit: str, state: ModerationState) -> list[Question]:
    """Return the questions of a unit, the oldest first."""
    desk = state.question_desk
    return [desk.questions[number] for number in desk.of_unit.get(unit, ())]


def _accept_question(command: AskQuestion, state: ModerationState) -> Decision:
    if command.question in state.question_desk.questions:
        return []
    refused = asking_refusal(command.unit, command.entry, command.at, state)
    return refused or [QuestionAsked(command.question, command.unit, command.entry, command.words, command.at)]


def _claim(command: ClaimQuestion, state: ModerationState) -> Decision:
    found = _free_question(command, state)
    if isinstance(found, Refused):
        return found
    until, held = command.at + CLAIM_MS, found.claim_at(command.at)
    if held is not None and held.until >= until:
        return []
    return [QuestionClaimed(command.question, command.by, until, command.at)]


def _answer(command: AnswerQuestion, state: ModerationState) -> Decision:
    found = _free_question(command, state)
    if isinstance(found, Refused):
        return found
    if not is_visible(command.words):
        return Refused("words-missing", "words")
    last = found.answered
    if last is not None and last.words == command.words:
        return []
    if last is not None and command.answers != found.answers:
        return Refused("question-answered", detail={"by": last.by, "at": last.at, "answer_count": found.answers})
    return [QuestionAnswered(command.question, command.words, command.stock, command.by, command.at)]


def _free_question(command: ClaimQuestion | AnswerQuestion, state: ModerationState) -> Question | Refused:
    """Return the question of a command unless another organiser has claimed it."""
    found = state.question_desk.questions.get(command.question)
    if found is None:
        return Refused("question-unknown", "question")
    if found.is_forgotten:
        return Refused("question-closed", "question")
    held = found.claim_at(command.at)
    if held is not None and held.by != command.by:
        return Refused("question-claimed", detail={"by": held.by, "until": held.until})
    return found


def _set_stock(command: SetStockAnswer, state: ModerationState) -> Decision:
    desk = state.question_desk
    if command.stock is not None and command.stock not in desk.stock:
        return Refused("stock-unknown", "stock")
    for name in ("title", "words"):
        if not is_visible(getattr(command, name)):
            return Refused("words-missing", name)
    if command.stock is None and len(desk.stock) >= MOST_STOCK:
        return Refused("stock-full", detail={"most": MOST_STOCK})
    stock = command.stock or f"S{desk.stock_count + 1}"
    before = desk.stock.get(stock)
    if before is not None and (before.title, before.words) == (command.title, command.words):
        return []
    return [StockAnswerSet(stock, command.title, command.words, command.by, command.at)]


def _publish(command: PublishQuestion, state: ModerationState) -> Decision:
    public = state.question_desk.public
    for name in ("text", "words"):
        if not is_visible(getattr(command, name)):
            return Refused("words-missing", name)
    before = public.get(command.question)
    if before is None and len(public) >= MOST_PUBLIC:
        return Refused("common-questions-full", detail={"most": MOST_PUBLIC})
    if before is not None and (before.text, before.words) == (command.text, command.words):
        return []
    return [CommonQuestionPublished(command.question, command.text, command.words, command.by, command.at)]


def _broadcast(command: BroadcastQuestion, state: ModerationState) -> Decision:
    found = state.question_desk.public.get(command.question)
    if found is None:
        return Refused("common-question-unknown", "question")
    if command.batch in state.outbox.drafts:
        return []
    groups = {(each["by"], each["code"]): each["units"] for each in audiences(state)}
    units = groups.get(command.audience, [])
    if not units:
        return Refused("letters-empty", "audience")
    words = f"{found.text}\n\n{found.words}"
    to = tuple(unit_contact(each) for each in units)
    return [LettersDrafted(command.batch, BROADCAST, to, command.title, words, command.by, command.at)]

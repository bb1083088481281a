"""The question desk: questions of units with their answers, the organisers' stock answers, and what is public of them.

Promises: of several answers to a question the last one counts, and all stay in the log; a question whose words were
forgotten does not wait any more; what is public has words of its
own, which an organiser wrote, and names no unit.
Makes no decisions, and holds the words of a question only sealed (encrypted).
"""

from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation.events import (
    CommonQuestionPublished,
    CommonQuestionRemoved,
    QuestionAnswered,
    QuestionAsked,
    QuestionClaimed,
    StockAnswerDropped,
    StockAnswerSet,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a unit, the organiser who answers it now, and the latest answer, if there is one."""

    asked: QuestionAsked
    claim: QuestionClaimed | None = None
    answered: QuestionAnswered | None = None
    answers: int = 0  # how often it was answered
    at_once: int = 0  # how many answers before the latest have its time: a rehearsal's clock stands still
    is_forgotten: bool = False  # its words are gone

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer: whose words were forgotten waits for none."""
        return self.answered is None and not self.is_forgotten

    def claim_at(self, at: int) -> QuestionClaimed | None:
        """Return the claim that still holds at this time, or None."""
        return self.claim if self.claim is not None and at < self.claim.until else None


@dataclass(frozen=True, slots=True)
class QuestionDesk:
    """All questions by number, the stock answers by number, and the public questions by number."""

    questions: Map[str, Question] = field(default_factory=Map)
    stock: Map[str, StockAnswerSet] = field(default_factory=Map)
    stock_count: int = 0  # how many numbers of stock answers were given
    public: Map[str, CommonQuestionPublished] = field(default_factory=Map)
    of_unit: Map[str, tuple[str, ...]] = field(default_factory=Map)  # unit -> numbers of its questions, in order


def evolve(desk: QuestionDesk, fact: Any) -> QuestionDesk:
    """Return the desk after an event. Other events change nothing."""
    match fact:
        case QuestionAsked():
            own = (*desk.of_unit.get(fact.unit, ()), fact.question)
            questions = desk.questions.set(fact.question, Question(fact))
            return replace(desk, questions=questions, of_unit=desk.of_unit.set(fact.unit, own))
        case QuestionClaimed():
            return _with(desk, replace(desk.questions[fact.question], claim=fact))
        case QuestionAnswered():
            before = desk.questions[fact.question]
            same = before.answered is not None and before.answered.at == fact.at
            answered = replace(before, answered=fact, at_once=before.at_once + 1 if same else 0)
            return _with(desk, replace(answered, claim=None, answers=before.answers + 1))
        case StockAnswerSet():
            is_new = fact.stock not in desk.stock
            return replace(desk, stock=desk.stock.set(fact.stock, fact), stock_count=desk.stock_count + is_new)
        case StockAnswerDropped():
            return replace(desk, stock=desk.stock.delete(fact.stock))
        case CommonQuestionPublished():
            return replace(desk, public=desk.public.set(fact.question, fact))
        case CommonQuestionRemoved():
            return replace(desk, public=desk.public.delete(fact.question))
        case _:
            return desk


def without_words(desk: QuestionDesk, number: str) -> QuestionDesk:
    """Return the desk after the words of a question were forgotten: without an answer the question is closed."""
    return _with(desk, replace(desk.questions[number], claim=None, is_forgotten=True))


def _with(desk: QuestionDesk, question: Question) -> QuestionDesk:
    return replace(desk, questions=desk.questions.set(question.asked.question, question))

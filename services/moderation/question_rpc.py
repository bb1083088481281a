"""RPC methods of the question desk. `service.py` hosts them beside the campaign's own. They make no decisions.

Promises: the words of a question leave the service only to organisers and to the unit that asked; what everybody reads
is what an organiser wrote for everybody.
"""

import hashlib
from typing import Any

from nameko.rpc import rpc

from services.moderation import question_schemas as schemas
from services.moderation.decisions import questions as decisions
from services.moderation.question_desk import Question
from services.moderation.state import QUESTION, ModerationState, now
from shared.decider import Outcome, Refused
from shared.personal import PersonalFields, person
from shared.reference_numbers import reference_number
from shared.rpc import Call, Reply, call, refusal, stored
from shared.stamps import wall_ms

ORGANISERS = ("organiser",)
View = dict[str, Any]


class QuestionMethods:
    """The methods of the question desk; the service that hosts them has the `log`."""

    log: Any

    # Of units

    @rpc
    @call(schemas.AskQuestion, roles=("unit",))
    def ask_question(self, call: Call) -> Reply:
        """Ask the organisers a question, about an entry of one's own or in general."""
        state, entry, at = self._desk_state, call.body["entry"] or None, self._question_time(call)
        number = reference_number(self.log.keys.receipt, "question", call.id)
        if number not in state.question_desk.questions:  # checked before sealing creates a key
            if (refused := decisions.asking_refusal(call.actor, entry, at, state)) is not None:
                return refusal(refused)
            if not call.body["words"].strip():
                return refusal(Refused("words-missing", "words"))
        words = self._question_fields.seal_text(person(QUESTION, number), call.body["words"].strip())
        outcome = self._submit_question(call, decisions.AskQuestion(number, call.actor, entry, words, at))
        return stored(outcome, {"question": number})

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def unit_questions(self, call: Call) -> Reply:
        """Return the questions of the unit that calls, the newest first, with the organisers' answers."""
        found = decisions.questions_of(call.actor, self._desk_state)[::-1]
        text = self._question_fields.text_lookup([each.asked.words for each in found])
        limits = {"most_open": decisions.MOST_OPEN, "most_a_day": decisions.MOST_A_DAY}
        return {"ok": {"questions": [_own_view(each, text) for each in found], **limits}}

    # Of organisers

    @rpc
    @call(schemas.Questions, roles=ORGANISERS)
    def questions(self, call: Call) -> Reply:
        """Return a page of questions with their words, the oldest first, and the stock answers."""
        state, body = self._desk_state, call.body
        desk = state.question_desk
        if body["after"] is not None and body["after"] not in desk.questions:
            return refusal(Refused("cursor-unknown", "after"))
        every = sorted(desk.questions.values(), key=_asked_at)
        after = None if body["after"] is None else _asked_at(desk.questions[body["after"]])
        wanted = [
            each
            for each in every
            if (after is None or _asked_at(each) > after) and body["state"] in (None, _state_of(each))
        ]
        page, limit = wanted[: body["limit"]], body["limit"]
        text, at = self._question_fields.text_lookup([each.asked.words for each in page]), self._question_time(call)
        names = {each.versions[-1].unit: state.unit_names(entry)[0] or "" for entry, each in state.handed.items()}
        return {
            "ok": {
                "questions": [
                    _desk_view(each, text, state, at) | {"unit_name": names.get(each.asked.unit, "")} for each in page
                ],
                "next": page[-1].asked.question if len(wanted) > limit else None,
                "open": sum(each.is_open for each in every),
                "stock": [_stock_view(each) for _, each in sorted(desk.stock.items(), key=lambda row: int(row[0][1:]))],
                "public": _public_views(state),
            }
        }

    @rpc
    @call(schemas.Nothing, roles=ORGANISERS)
    def open_questions(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return how many questions wait for an answer."""
        return {"ok": {"open": sum(each.is_open for each in self._desk_state.question_desk.questions.values())}}

    @rpc
    @call(schemas.OneQuestion, roles=ORGANISERS)
    def claim_question(self, call: Call) -> Reply:
        command = decisions.ClaimQuestion(call.body["question"], call.actor, self._question_time(call))
        return stored(self._submit_question(call, command), {"question": command.question})

    @rpc
    @call(schemas.Answer, roles=ORGANISERS)
    def answer_question(self, call: Call) -> Reply:
        body = call.body
        command = decisions.AnswerQuestion(
            body["question"],
            body["words"].strip(),
            body["stock"],
            call.actor,
            self._question_time(call),
            body["answer_count"],
        )
        return stored(self._submit_question(call, command), {"question": command.question})

    @rpc
    @call(schemas.SetStock, roles=ORGANISERS)
    def set_stock_answer(self, call: Call) -> Reply:
        body = call.body
        command = decisions.SetStockAnswer(
            body["stock"], body["title"].strip(), body["words"].strip(), call.actor, self._question_time(call)
        )
        outcome = self._submit_question(call, command)
        return stored(outcome, {"stock": next((each.stock for each in outcome.events), body["stock"])})

    @rpc
    @call(schemas.OneStock, roles=ORGANISERS)
    def drop_stock_answer(self, call: Call) -> Reply:
        command = decisions.DropStockAnswer(call.body["stock"], call.actor, self._question_time(call))
        return stored(self._submit_question(call, command), {"stock": command.stock})

    @rpc
    @call(schemas.Publish, roles=ORGANISERS)
    def publish_question(self, call: Call) -> Reply:
        """Let everybody read a question and its answer, one that a unit asked or one of the organisers' own."""
        body = call.body
        number = body["question"] or reference_number(self.log.keys.receipt, "question", call.id)
        command = decisions.PublishQuestion(
            number, body["text"].strip(), body["words"].strip(), call.actor, self._question_time(call)
        )
        return stored(self._submit_question(call, command), {"question": number})

    @rpc
    @call(schemas.OneQuestion, roles=ORGANISERS)
    def remove_public_question(self, call: Call) -> Reply:
        command = decisions.RemovePublicQuestion(call.body["question"], call.actor, self._question_time(call))
        return stored(self._submit_question(call, command), {"question": command.question})

    @rpc
    @call(schemas.Broadcast, roles=ORGANISERS)
    def broadcast_question(self, call: Call) -> Reply:
        """Propose a letter with a public question and its answer to each unit of a group; none goes out unread."""
        body = call.body
        batch = f"draft.{hashlib.sha256(call.id.encode()).hexdigest()[:12]}"
        command = decisions.BroadcastQuestion(
            body["question"], batch, (body["by"], body["code"]), body["title"], call.actor, self._question_time(call)
        )
        outcome = self._submit_question(call, command)
        return stored(outcome, {"batch": batch, "letters": sum(len(each.to) for each in outcome.events)})

    # Of everybody

    @rpc
    @call(schemas.Nothing)
    def public_questions(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return the questions and answers that are of general interest, the newest first."""
        return {"ok": {"questions": _public_views(self._desk_state)}}

    @property
    def _desk_state(self) -> ModerationState:
        state: ModerationState = self.log.state
        return state

    @property
    def _question_fields(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)

    def _question_time(self, call: Call) -> int:
        return call.at or now(self._desk_state, wall_ms())

    def _submit_question(self, call: Call, command: decisions.Command) -> Outcome:
        outcome: Outcome = self.log.submit(call.envelope(command), timeout_s=call.left_s)
        return outcome


def _state_of(question: Question) -> str:
    if question.is_open:
        return decisions.OPEN
    return decisions.CLOSED if question.answered is None else decisions.ANSWERED


def _asked_at(question: Question) -> tuple[int, str]:
    return question.asked.at, question.asked.question


def _own_view(question: Question, text: Any) -> View:
    asked, answered = question.asked, question.answered
    return {
        "question": asked.question,
        "entry": asked.entry,
        "words": text(asked.words),
        "at": asked.at,
        "state": _state_of(question),
        "answer": None if answered is None else {"words": answered.words, "at": answered.at},
    }


def _desk_view(question: Question, text: Any, state: ModerationState, at: int) -> View:
    asked, answered, claim = question.asked, question.answered, question.claim_at(at)
    entry = asked.entry if asked.entry in state.handed else None
    return _own_view(question, text) | {
        "unit": asked.unit,
        "number": state.dossier(entry).number or "" if entry is not None else "",
        "title": state.handed[entry].versions[-1].title if entry is not None else "",
        "by": None if answered is None else answered.by,
        "stock": None if answered is None else answered.stock,
        "answer_count": question.answers,
        "claimed_by": None if claim is None else claim.by,
        "claimed_until": None if claim is None else claim.until,
        "is_public": asked.question in state.question_desk.public,
    }


def _stock_view(stock: Any) -> View:
    return {"stock": stock.stock, "title": stock.title, "words": stock.words}


def _public_views(state: ModerationState) -> list[View]:
    found = sorted(state.question_desk.public.values(), key=lambda each: (-each.at, each.question))
    return [{"question": each.question, "text": each.text, "words": each.words, "at": each.at} for each in found]

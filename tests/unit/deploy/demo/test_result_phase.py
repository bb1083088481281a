"""Result phase of the demo, also when the clock process is faster than the demo."""

import asyncio
from collections.abc import Mapping

import pytest

from deploy.demo import result_phase
from deploy.demo.client import Answer, Api, DemoFailed, Person
from deploy.demo.console_output import ConsoleOutput
from deploy.demo.context import DemoContext
from gateway.http.problem_texts import WORDS


class Office(Api):
    """An API that answers each request with the next of the given answers."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__("http://baijia.test")
        self._answers = iter(answers)

    async def request(
        self,
        method: str,  # noqa: ARG002 -- Api's signature
        path: str,  # noqa: ARG002
        *,
        data: bytes | None = None,  # noqa: ARG002
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> Answer:
        return next(self._answers)


def refused(code: str) -> Answer:
    return Answer(WORDS[code].status, {"code": code})


def fix_cohort(*answers: Answer) -> None:
    person = Person(Office(*answers), "token")
    asyncio.run(result_phase.fix_cohort(DemoContext(person.api, ConsoleOutput(), 2021, person, person)))


def test_cohort_that_the_clock_has_fixed_first_is_fixed():
    fix_cohort(refused("cohort-already-fixed"))


def test_open_polls_are_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(result_phase, "PAUSE_S", 0)

    fix_cohort(refused("polls-open"), Answer(200, {"entries": 312}))


def test_any_other_refusal_ends_the_demo():
    with pytest.raises(DemoFailed, match="cohort-empty"):
        fix_cohort(refused("cohort-empty"))


def test_refusals_that_are_waited_for_are_the_product_s():
    assert result_phase.NOT_YET - set(WORDS) == set()


def test_table_that_differs_from_what_was_published_ends_the_demo():
    done = Answer(200, {"position": "token"})
    proposed, table = (
        Answer(200, {"proposal": "P1", "digest": "a" * 64}),
        Answer(200, {"digest": "b" * 64, "table": {}}),
    )
    organiser = Person(Office(proposed, done, done, done, done, done, table), "token")

    with pytest.raises(DemoFailed, match="published"):
        asyncio.run(result_phase.publish(DemoContext(organiser.api, ConsoleOutput(), 2021, organiser, organiser)))

"""Commands of the ranking service, its state and the decider that dispatches each command to its decision.

The decisions are in `decisions/cuts_and_cohort.py`, `decisions/result.py`, `decisions/release.py`,
`decisions/objections.py`, `decisions/exhibition.py`, `decisions/certificates.py` and `decisions/save_scenario.py`; the
state and `evolve` are in `state.py`. Does not promise to compute the ranking: the RPC methods compute it from a table
at a named cut and pass it in as plain values.
"""

from typing import Any, assert_never

from services.ranking.decisions import (
    certificates,
    cuts_and_cohort,
    exhibition,
    objections,
    release,
    result,
)
from services.ranking.decisions.save_scenario import SaveScenario, save_scenario
from services.ranking.state import RankingState, evolve
from shared.decider import Decision

ResultCommand = (
    result.ProposeResult | result.SignResult | release.ScheduleRelease | result.PublishResult | result.FinaliseResult
)
AnswerCommand = (
    objections.FileObjection
    | objections.DecideObjection
    | objections.DecideObjections
    | certificates.IssueCertificates
    | certificates.RevokeCertificate
)
Command = (
    cuts_and_cohort.TakeCut
    | cuts_and_cohort.FixCohort
    | ResultCommand
    | AnswerCommand
    | exhibition.OpenExhibition
    | exhibition.TakeDown
    | SaveScenario
)


REFUSALS = (
    cuts_and_cohort.REFUSALS
    | result.REFUSALS
    | release.REFUSALS
    | objections.REFUSALS
    | exhibition.REFUSALS
    | certificates.REFUSALS
    | {
        "scenario-exists",
        "scenarios-full",
        # Refusals of the queries in `rpc/analysis.py`.
        "entry-not-ranked",
        "judge-unknown",
        "like-unknown",
        "day-unknown",
        "rule-unreadable",
        "cut-unknown",
        "scenario-unknown",
    }
)


class RankingDecider:
    """Decides ranking's commands, and folds its own log and the logs of moderation and submission (a Decider)."""

    def initial(self) -> RankingState:
        return RankingState()

    def evolve(self, state: RankingState, event: Any, address: str) -> RankingState:
        return evolve(state, event, int(address.split("/")[1]))

    def decide(self, command: Command, state: RankingState) -> Decision:
        match command:
            case cuts_and_cohort.TakeCut():
                return cuts_and_cohort.take_cut(command, state)
            case cuts_and_cohort.FixCohort():
                return cuts_and_cohort.fix_cohort(command, state)
            case exhibition.OpenExhibition():
                return exhibition.open_exhibition(command, state)
            case exhibition.TakeDown():
                return exhibition.take_down(command, state)
            case SaveScenario():
                return save_scenario(command, state)
            case (
                objections.FileObjection()
                | objections.DecideObjection()
                | objections.DecideObjections()
                | certificates.IssueCertificates()
                | certificates.RevokeCertificate()
            ):
                return _decide_answer(command, state)
            case _:
                return _decide_result(command, state)


def _decide_result(command: ResultCommand, state: RankingState) -> Decision:
    match command:
        case result.ProposeResult():
            return result.propose(command, state)
        case result.SignResult():
            return result.sign(command, state)
        case release.ScheduleRelease():
            return release.schedule(command, state)
        case result.PublishResult():
            return result.publish(command, state)
        case result.FinaliseResult():
            return result.finalise(command, state)
        case _:
            assert_never(command)


def _decide_answer(command: AnswerCommand, state: RankingState) -> Decision:
    match command:
        case objections.FileObjection():
            return objections.file(command, state)
        case objections.DecideObjection():
            return objections.answer(command, state)
        case objections.DecideObjections():
            return objections.answer_all(command, state)
        case certificates.IssueCertificates():
            return certificates.issue(command, state)
        case certificates.RevokeCertificate():
            return certificates.revoke(command, state)
        case _:
            assert_never(command)

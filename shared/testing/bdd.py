"""Given, when, then: a test of a decider as one sentence.

    spec = Spec(decider)
    spec.given(CampaignOpened(...), EntrySubmitted(...)).when(Approve(...)).then(EntryApproved(...))
    spec.given(...).when(...).refused("window-closed")

`then` compares all events in order; `refused` compares the code and, if given, the field.
"""

from dataclasses import dataclass
from typing import Any

from shared.decider import Decider, Decision, Refused, fold


@dataclass(frozen=True, slots=True)
class Spec:
    """A test of one decider. The given events get the addresses `<log>/1/0`, `<log>/2/0` and so on."""

    decider: Decider[Any]
    log: str = "log"

    def given(self, *events: object) -> "Given":
        return Given(self, events)


@dataclass(frozen=True, slots=True)
class Given:
    """The events before the command, from which the decider's state is computed."""

    spec: Spec
    events: tuple[object, ...]

    @property
    def state(self) -> Any:
        return fold(self.spec.decider, self.events, log=self.spec.log)

    def when(self, command: object) -> "Then":
        return Then(self.spec.decider.decide(command, self.state))


@dataclass(frozen=True, slots=True)
class Then:
    """What the decider decided, and the assertions on it."""

    decision: Decision

    def then(self, *events: object) -> None:
        """Assert that exactly these events were decided, in order.

        Without arguments, assert that nothing was to be done.
        """
        assert not isinstance(self.decision, Refused), f"refused: {self.decision}"
        assert list(events) == list(self.decision)

    def refused(self, code: str, *, field: str | None = None, detail: dict[str, Any] | None = None) -> None:
        """Assert that the command was refused with this code and, if given, for this field, with this detail."""
        assert isinstance(self.decision, Refused), f"not refused: {self.decision}"
        assert code == self.decision.code
        if field is not None:
            assert field == self.decision.field
        if detail is not None:
            assert detail == self.decision.detail

"""Callers of services in unit tests, whose calls come without a signature."""

from collections.abc import Mapping
from typing import Any

from shared.decider import Refused


class TrustedCallers:
    """Takes every call for genuine. Implements `shared.call_signing.Callers`."""

    def refusal(self, call: Mapping[str, Any], method: str) -> Refused | None:  # noqa: ARG002
        return None

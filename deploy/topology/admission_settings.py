"""The numbers of admission for a gateway: those of the campaign file, where there is one.

Promises: a file that is named and is not there, or whose `[admission]` has errors, stops the start with a sentence;
without a file there are the defaults.
"""

import shutil
from dataclasses import asdict
from pathlib import Path

from deploy.errors import DeployError
from gateway.admission.settings import Admission
from services.moderation.campaign_file.check import lines, operations
from shared.settings import Settings

REHEARSED = Path(__file__).parents[1] / "demo" / "admission.toml"


def admission(settings: Settings) -> Admission:
    """Read the file. Raises DeployError."""
    file = settings.operations_file
    if settings.campaign_file is None and not file.exists():
        return Admission()
    try:
        found, problems = operations(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as refusal:
        raise DeployError(f"the campaign file {file} cannot be read: {refusal}") from refusal
    if found is None:
        raise DeployError("\n".join(lines(problems, str(file))))
    return Admission(**asdict(found))


def rehearse(settings: Settings) -> None:
    """Give a rehearsal the paces of `demo/admission.toml`. Gateways read them when they start."""
    settings.operations_file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REHEARSED, settings.operations_file)

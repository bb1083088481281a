"""Read a gateway's admission settings from the campaign file, if there is one.

Promises: if the named file is missing or its `[admission]` table has errors, the gateway does not start and says why.
Without a file, the defaults apply.
"""

import shutil
from dataclasses import asdict
from pathlib import Path

from deploy.errors import DeployError
from gateway.admission.settings import Admission
from services.moderation.campaign_file.check import lines, operations
from shared.settings import Settings

REHEARSAL_FILE = Path(__file__).parents[1] / "demo" / "admission.toml"


def admission(settings: Settings) -> Admission:
    """Return the gateway's admission settings: those of the campaign file or, without such a file, the defaults.

    Raises DeployError if the file cannot be read or has errors.
    """
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


def use_rehearsal_limits(settings: Settings) -> None:
    """Copy the wide rate limits of `demo/admission.toml` into a rehearsal's data.

    Gateways read them when they start.
    """
    settings.operations_file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REHEARSAL_FILE, settings.operations_file)

"""Where promtool is: the machine's own, or the one that `deploy/setup` took out of Debian's package."""

import os
import shutil
from pathlib import Path

from deploy.errors import DeployError
from deploy.local import paths


def promtool() -> Path:
    """Raises DeployError where there is none."""
    kept = paths.cache() / "promtool"
    found = shutil.which("promtool") or (str(kept) if os.access(kept, os.X_OK) else None)
    if found is None:
        raise DeployError("promtool is not here: `make setup` brings it on Debian.")
    return Path(found)

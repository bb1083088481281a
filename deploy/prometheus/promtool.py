"""Find promtool: the one installed on the machine, or the one that `deploy/setup` extracted from Debian's package."""

import os
import shutil
from pathlib import Path

from deploy.errors import DeployError
from deploy.local import paths


def promtool() -> Path:
    """Return the path of promtool, Prometheus's checker of rules. Raises DeployError if it is not installed."""
    extracted = paths.cache() / "promtool"
    found = shutil.which("promtool") or (str(extracted) if os.access(extracted, os.X_OK) else None)
    if found is None:
        raise DeployError("promtool is not installed; on Debian, `make setup` installs it.")
    return Path(found)

"""Prove that the scripts copied into `gateway/static/vendor` are those of their packages: `python -m tests.vendored`.

Fetches each package of `packages.json` with npm, compares the archive with the integrity that is written down, and each
file with the one in the archive. Needs npm and a registry; without the network, the unit test compares the digests.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from gateway.html.static_files import FOLDER

VENDOR = FOLDER / "vendor"


def differences() -> list[str]:
    """Return what is not as its package has it, in words; empty if everything is."""
    packages = json.loads((VENDOR / "packages.json").read_text())
    found = []
    with tempfile.TemporaryDirectory() as place:
        for name, each in packages.items():
            wanted = f"{each['package']}@{each['version']}"
            packed = subprocess.run(
                ["npm", "pack", "--json", wanted], cwd=place, check=True, capture_output=True, text=True
            )
            archive = Path(place) / json.loads(packed.stdout)[0]["filename"]
            integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            if integrity != each["integrity"]:
                found.append(f"{wanted}: the archive has another integrity, {integrity}")
            with tarfile.open(archive) as inside:
                member = inside.extractfile(each["path"])
                if member is None or member.read() != (VENDOR / name).read_bytes():
                    found.append(f"{name}: differs from {each['path']} of {wanted}")
    return found


if __name__ == "__main__":
    problems = differences()
    print("\n".join(problems) or "Every file is that of its package.")
    sys.exit(bool(problems))

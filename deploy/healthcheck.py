"""Health check of a container: `python -m deploy.healthcheck PORT PATH` exits 0 if a GET of PATH answers 200, else 1.

It imports only a small part of the standard library, because a container runs it every few seconds.
"""

import sys
from http.client import HTTPConnection, HTTPException


def main(port: str, path: str) -> int:
    """Return the exit code: 0 if the process on `port` answers `path` with 200 within five seconds, else 1."""
    connection = HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", path)
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

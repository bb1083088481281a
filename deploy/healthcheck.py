"""Asks a process of this container whether it is well: `python -m deploy.healthcheck PORT PATH`, exit 0 or 1.

Only the standard library, and little of it: a container runs this every few seconds.
"""

import sys
from http.client import HTTPConnection, HTTPException


def main(port: str, path: str) -> int:
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

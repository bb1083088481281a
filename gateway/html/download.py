"""Answers that a browser saves as a file."""

from starlette.responses import Response

from gateway.http import responses


def zip_file(content: bytes, name: str) -> Response:
    """Return a zip archive for one visitor alone, which the browser saves under this name of letters and digits."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": responses.PRIVATE,
        **responses.SAFE,
    }
    return Response(content, media_type="application/zip", headers=headers)

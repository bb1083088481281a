"""Stub of a process of the product: a server that answers every GET with 200."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["BAIJIA_METRICS_PORT"])), Ready).serve_forever()

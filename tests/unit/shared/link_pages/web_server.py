"""A web server on this machine with a certificate of an authority of its own, for tests of links."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.link_pages.guard import Guard

HOST, OTHER = "h5.example.cn", "www.example.com"
LOCAL = "127.0.0.1"
PAGE = "<html><head><title>百家工会</title><meta name=description content=简介></head><body><h1>五一</h1>行动</body>"


@dataclass(slots=True)
class Site:
    """What the server answers by path, and which requests it got. An answer writes to the handler itself."""

    port: int = 0
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str, host: str = HOST) -> str:
        """Return the address of a page of this server."""
        return f"https://{host}:{self.port}{path}"

    def serve(self, path: str, body: str | bytes, *, status: int = 200, **headers: str) -> None:
        """Answer a path with this body."""
        data = body.encode() if isinstance(body, str) else body

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in ({"Content_Type": "text/html"} | headers).items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)

        self.answers[path] = answer


def guard_of(names: dict[str, list[str]] | None = None, *, allowed: tuple[str, ...] = (LOCAL,)) -> Guard:
    """Return a guard that resolves names by a table, and lets these addresses pass for public ones."""
    table = {HOST: [LOCAL], OTHER: [LOCAL]} if names is None else names
    return Guard(resolve=lambda host: table.get(host, []), is_allowed_address=lambda address: address in allowed)


@contextmanager
def running(folder: Path, *, names: tuple[str, ...] = (HOST, OTHER)) -> Iterator[tuple[Site, ssl.SSLContext]]:
    """Run a server whose certificate names these hosts. Give it, and a context that trusts its authority."""
    key_path, certificate_path = certificate(folder, names)
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        """Answers by the table of the site."""

        def do_GET(self) -> None:
            """Answer a request."""
            site.requests.append((self.headers.get("Host", ""), self.path))
            answer = site.answers.get(self.path)
            if answer is None:
                self.send_error(404)
            else:
                answer(self)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer((LOCAL, 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path, key_path)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site, ssl.create_default_context(cafile=str(certificate_path))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path, names: tuple[str, ...]) -> tuple[Path, Path]:
    """Write a key and a certificate for these hosts that signs itself. Return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    hosts = [x509.DNSName(each) for each in names] + [x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "key.pem", folder / "certificate.pem"
    paths[0].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    paths[1].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return paths

"""A web server with levers, on a free port of 127.0.0.1: the ground of the peers beside it."""

import socket
import ssl
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Lever(NamedTuple):
    """What goes wrong with one request.

    Attributes:
        status: Answered instead; 0 goes on as usual after ``wait_s``.
        body: Of that answer.
        headers: Of that answer.
        drop: The connection breaks instead of an answer.
        done: What was asked for is done all the same.
        wait_s: So long it takes.
    """

    status: int = 0
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    drop: bool = False
    done: bool = False
    wait_s: float = 0


class Request(NamedTuple):
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """What is answered."""

    status: int
    body: bytes
    media_type: str = "application/json"


@dataclass
class Peer(ABC):
    """A server's levers, and what it saw.

    Attributes:
        levers: One per request, in turn; when they are used up all goes well.
        seen: Every request.
    """

    levers: list[Lever] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @abstractmethod
    def reply(self, request: Request) -> Reply:
        """Do what is asked for, and return the answer."""


class Hook(Peer):
    """A chat service's webhook: takes Slack's JSON at any path."""

    def reply(self, request: Request) -> Reply:
        assert request.method == "POST"
        return Reply(200, b"ok", "text/plain")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: connections are broken on purpose here."""


@contextmanager
def running(peer: Peer, *, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    """Let a peer listen; ``peer.url`` says where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            peer.seen.append(request)
            lever = peer.levers.pop(0) if peer.levers else Lever()
            usual = not (lever.status or lever.drop)
            reply = peer.reply(request) if usual or lever.done else Reply(lever.status, lever.body)
            if lever.status:
                reply = Reply(lever.status, lever.body)
            time.sleep(lever.wait_s)
            self.close_connection = True
            if lever.drop:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            for name, value in lever.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = answer  # noqa: N815 - the library's names

    server = _Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        peer.scheme = "https"
    peer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)

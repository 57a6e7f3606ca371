"""An SMTP relay with levers, on a free port of 127.0.0.1.

aiosmtpd's Controller cannot take port 0, so the server is started in an event loop of its own.
``DSN`` is offered when asked for, and what was asked is kept: the stock server refuses its
parameters.
"""

import asyncio
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Lever(NamedTuple):
    """What goes wrong in one transaction.

    Attributes:
        at: ``MAIL``, ``RCPT``, ``DATA`` (before the text), ``END`` (after the text).
        say: The answer there, or "" to go on as usual after ``wait_s``.
        drop: The connection breaks there instead.
        kept: At ``END``: the mail is in the inbox all the same.
        wait_s: So long it takes there.
    """

    at: str
    say: str = ""
    drop: bool = False
    kept: bool = False
    wait_s: float = 0


class Mail(NamedTuple):
    """One mail as it came.

    Attributes:
        raw: Byte for byte.
        sender: Of the envelope.
        recipient: Of the envelope.
        mail_options: E.g. ``ENVID=…``.
        rcpt_options: E.g. ``NOTIFY=…``.
        encrypted: It came over TLS.
        user: Who was logged in, or "".
    """

    raw: bytes
    sender: str
    recipient: str
    mail_options: tuple[str, ...]
    rcpt_options: tuple[str, ...]
    encrypted: bool
    user: str

    @property
    def message_id(self) -> str:
        found = re.search(rb"(?im)^Message-ID:\s*(\S+)", self.raw)
        assert found is not None
        return found[1].decode()


@dataclass
class Relay:
    """The relay's levers, and what it saw.

    Attributes:
        levers: One per transaction, in turn; when they are used up all goes well.
        by_recipient: Levers that always hold for a recipient.
        choose: Asked for a lever when none of the above holds.
        dsn: Offer delivery reports.
        login: User and password, once asked for.
        login_answer: Said instead when somebody logs in.
        inbox: What was accepted.
        recipients: Every RCPT, also of what was not accepted.
        connections: How many there were.
    """

    levers: list[Lever] = field(default_factory=list)
    by_recipient: dict[str, Lever] = field(default_factory=dict)
    choose: Callable[[], Lever | None] | None = None
    dsn: bool = True
    login: tuple[str, str] | None = None
    login_answer: str = ""
    inbox: list[Mail] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None


NOTHING = Lever("")


class _Handler:
    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self.lever = NOTHING
        self.mail_options: tuple[str, ...] = ()
        self.rcpt_options: tuple[str, ...] = ()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        more = ["250-DSN"] if self._relay.dsn else []
        return [*responses[:-1], *more, responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        relay = self._relay
        chosen = relay.levers.pop(0) if relay.levers else None
        if chosen is None and relay.choose is not None:
            chosen = relay.choose()
        self.lever = chosen or NOTHING
        said = await self._pull(server, "MAIL")
        if said:
            return said
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._relay.recipients.append(address)
        self.lever = self._relay.by_recipient.get(address, self.lever)
        if said := await self._pull(server, "RCPT"):
            return said
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.lever.at == "END" and not self.lever.kept and (self.lever.drop or self.lever.say):
            return await self._pull(server, "END")
        body = envelope.content
        assert isinstance(body, bytes)
        login: Any = session.auth_data
        self._relay.inbox.append(
            Mail(
                body,
                str(envelope.mail_from),
                envelope.rcpt_tos[0],
                self.mail_options,
                self.rcpt_options,
                session.ssl is not None or self._relay.tls is not None,
                login.login.decode() if login else "",
            )
        )
        number = len(self._relay.inbox)
        return await self._pull(server, "END") or f"250 2.0.0 Ok: queued as Q{number}"

    async def _pull(self, server: SMTP, at: str) -> str:
        lever = self.lever
        if lever.at != at:
            return ""
        if lever.wait_s:
            await asyncio.sleep(lever.wait_s)
        if lever.drop:
            _drop(server)
            return "421 gone"
        return lever.say


def _drop(server: SMTP) -> None:
    transport: Any = server.transport
    if transport is not None:
        transport.abort()


class _Smtp(SMTP):
    """aiosmtpd's server, with DSN and the lever before the text."""

    def __init__(self, handler: _Handler, relay: Relay, **more: Any) -> None:
        super().__init__(handler, **more)
        self._ours, self._relay = handler, relay

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        self._ours.mail_options, rest = self._taken(arg, "RET|ENVID")
        await super().smtp_MAIL(rest)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        self._ours.rcpt_options, rest = self._taken(arg, "NOTIFY|ORCPT")
        await super().smtp_RCPT(rest)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if said := await self._ours._pull(self, "DATA"):
            await self.push(said)
            return
        await super().smtp_DATA(arg)

    def _taken(self, arg: str | None, names: str) -> tuple[tuple[str, ...], str | None]:
        if arg is None or not self._relay.dsn:
            return (), arg
        found = tuple(re.findall(rf" ((?:{names})=\S+)", arg))
        return found, re.sub(rf" (?:{names})=\S+", "", arg)


@contextmanager
def running(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Relay]:
    """Yield a relay that listens; ``relay.port`` says where."""
    relay = Relay(starttls=starttls, tls=tls)
    loop = asyncio.new_event_loop()

    def authenticator(_: SMTP, __: Session, ___: Envelope, ____: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        if relay.login_answer:
            return AuthResult(success=False, handled=False, message=relay.login_answer)
        return AuthResult(success=given == relay.login, handled=False, auth_data=data)

    def factory() -> SMTP:
        relay.connections += 1
        return _Smtp(
            _Handler(relay),
            relay,
            hostname="relay.example",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=relay.login is not None,
            auth_require_tls=tls is None,
            authenticator=authenticator,
            data_size_limit=50_000_000,
            loop=loop,
        )

    server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0, ssl=tls))
    relay.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield relay
    finally:

        async def stop() -> None:
            server.close()
            others = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
            for one in others:
                one.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

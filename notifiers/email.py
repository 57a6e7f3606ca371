"""E-mail by SMTP: one connection and one transaction per message, to the configured relay.

What goes wrong before the recipient was named is the channel's fault: no message is given up for an
expired password. Nor for a rule: what a relay refuses by its policy, at whatever moment (5.7.x), or
because of our account there, a person mends there. What it surely says of the recipient or of the
text counts for the message; so does a rule that is about this recipient, which no back-off outlasts
(``notifiers.refusals``). From the first byte of the text to the relay's answer the outcome is
unknown.

The relay is asked for delivery reports where it offers them; ``notifiers.receipts`` reads them. The
attempt's reference goes along as ENVID and comes back in the report, so that a report cannot be
made up by somebody who only knows the Message-ID.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 3461 (DSN), RFC 6531 (SMTPUTF8).
"""

import hashlib
import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from notifiers.base import Dispatch, Line, News, Receipt
from notifiers.mail import Sender, address_of, compose
from notifiers.refusals import OWN_ADDRESS, POLICY, is_of_recipient, status_of
from notifiers.request import LOOPBACK
from notifiers.secret import SecretFrom
from tocsin.errors import DeliveryError, OutcomeUnknown, RetryLater, Undeliverable

_TOO_BIG = 552
_LOGIN_NEEDED = (530, 534, 535, 538)
_LOOK = "Check security, user and password in [notifiers.email]."
_RULES = (
    "A rule of the relay forbids it, or a limit of our account there, and not the address: mend "
    "that with whoever runs the relay."
)
_ADDRESS = "Check the recipient's address with the customer."
_EITHER = (
    "Either the address is wrong or takes no mail from us: check it with the customer; or a rule "
    "of the relay is about it: mend that with whoever runs the relay."
)


class EmailSettings(BaseModel, extra="forbid", frozen=True, hide_input_in_errors=True):
    """``[notifiers.email]`` in config.toml.

    Attributes:
        host: The relay.
        port: 587 for ``starttls``, 465 for ``tls``.
        security: ``starttls``: in clear until the relay has shown its certificate, and nothing is
            said before that; ``tls`` from the first byte; ``none`` only to this machine.
        user: For the login, or "" for none.
        password: Where the password is read from.
        sender: Address the mails come from.
        sender_name: Shown beside it.
        reply_to: Where answers go, or "".
        bounces_to: Where delivery reports go (the envelope's sender), or "" for ``sender``.
        ca_file: Certificates to trust in place of the system's.
        timeout_s: For each answer of the relay.
        text_timeout_s: For the text, and again for the answer to it. All of it lies within the
            outbox's lease.
    """

    host: Line = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Line = ""
    password: SecretFrom | None = None
    sender: Line
    sender_name: Line = ""
    reply_to: Line = ""
    bounces_to: Line = ""
    ca_file: Path | None = None
    timeout_s: float = Field(default=30, gt=0, le=30)
    text_timeout_s: float = Field(default=120, gt=0, le=120)

    @model_validator(mode="after")
    def _works(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("security = none is for a relay on this machine only")
        if bool(self.user) != (self.password is not None):
            raise ValueError("user and password belong together")
        for address in (self.sender, self.reply_to, self.bounces_to):
            if address:
                try:
                    address_of(address)
                except Undeliverable:
                    raise ValueError("sender, reply_to, bounces_to: an address is none") from None
        return self


class EmailNotifier:
    """Hands messages to the relay."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._sender = Sender(settings.sender, settings.sender_name, settings.reply_to)

    def render(self, dispatch: Dispatch) -> bytes:
        """Return the mail. See :class:`notifiers.base.Notifier`."""
        return compose(dispatch.message, self._sender, dispatch.queued_at)

    def send(self, dispatch: Dispatch) -> Receipt:
        """Hand one mail over. See :class:`notifiers.base.Notifier`."""
        # Every error is raised ``from None``: what smtplib says names the recipient.
        s = self._settings
        password = s.password.read() if s.password is not None else SecretStr("")
        talk = _Talk(s, dispatch, password)
        try:
            with _connected(s, password) as relay:
                return talk.hand_over(relay)
        except smtplib.SMTPResponseException as error:
            raise talk.refusal(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            if talk.under_way:
                raise OutcomeUnknown(f"{s.host}:{s.port} went silent: {_what(error)}") from None
            raise _no_talk(s, error) from None

    def check(self) -> str:
        """Connect, log in where there is a login, and say goodbye: no mail is begun.

        See :class:`notifiers.base.Notifier`.
        """
        s = self._settings
        password = s.password.read() if s.password is not None else SecretStr("")
        try:
            with _connected(s, password) as relay:
                said = f"{s.host}:{s.port} answers, {_encryption(relay).partition(',')[0]}"
                with suppress(smtplib.SMTPException, OSError):
                    relay.quit()
        except smtplib.SMTPResponseException as error:
            where = f"{s.host}:{s.port} said {error.smtp_code}"
            raise RetryLater(
                f"{where} {_clean(error.smtp_error, s, password)}", hint=_LOOK
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _no_talk(s, error) from None
        return f"{said}; it takes {s.user}" if s.user else said

    def look_up(self, dispatch: Dispatch, taken: Collection[str]) -> Receipt | None:  # noqa: ARG002
        """Return None: SMTP has no way to ask what a relay took."""
        return None

    def news(self, dispatch: Dispatch, provider_id: str) -> Sequence[News]:  # noqa: ARG002
        """Return nothing: reports come by mail."""
        return ()


class _Talk:
    """One conversation with the relay, and how far it came.

    Attributes:
        under_way: The text may have reached the relay.
    """

    def __init__(self, settings: EmailSettings, dispatch: Dispatch, password: SecretStr) -> None:
        self.under_way = False
        self._settings = settings
        self._dispatch = dispatch
        self._password = password
        self._about_recipient = False
        self._naming = False
        to = address_of(dispatch.message.to)
        self._to = to.addr_spec
        self._international = not to.username.isascii()

    def hand_over(self, relay: smtplib.SMTP) -> Receipt:
        """Run one transaction."""
        s, d = self._settings, self._dispatch
        mail_options, rcpt_options = self._options(relay)
        self._expect(relay.mail(s.bounces_to or s.sender, mail_options))
        self._about_recipient = self._naming = True
        self._expect(relay.rcpt(self._to, rcpt_options))
        self._naming = False
        self._expect(relay.docmd("DATA"), 354)
        self.under_way = True
        if relay.sock is not None:
            relay.sock.settimeout(s.text_timeout_s)
        relay.send(re.sub(rb"(?m)^\.", b"..", d.content) + b".\r\n")
        code, answer = self._expect(relay.getreply())
        said = f"{code} {self._clean(answer)}; {_encryption(relay)}"
        with suppress(smtplib.SMTPException, OSError):
            relay.quit()  # accepted already: a rude goodbye takes nothing back
        return Receipt(_queue_id(answer), said)

    def refusal(self, code: int, answer: bytes | str) -> DeliveryError:
        """Return what an answer other than yes means."""
        s, said = self._settings, self._clean(answer)
        where = f"{s.host}:{s.port} said {code} {said}"
        if code in _LOGIN_NEEDED:
            return RetryLater(where, hint="Check user and password in [notifiers.email].")
        if 400 <= code < 500:  # noqa: PLR2004 - RFC 5321, 4.2.1: refused for now
            return RetryLater(where)
        if code < 500:  # noqa: PLR2004 - neither yes nor no
            return OutcomeUnknown(where) if self.under_way else RetryLater(where)
        of_rule = status_of(said).startswith(POLICY)
        if self._naming and is_of_recipient(said):
            return Undeliverable(where, hint=_EITHER if of_rule else _ADDRESS)
        if self._naming or of_rule:
            return RetryLater(where, hint=_RULES)
        if self._about_recipient or code == _TOO_BIG:
            return Undeliverable(where, hint=_ADDRESS)
        return RetryLater(where, hint="Check the settings in [notifiers.email] with the relay.")

    def _options(self, relay: smtplib.SMTP) -> tuple[list[str], list[str]]:
        mail, rcpt = list[str](), list[str]()
        if relay.has_extn("size"):
            mail.append(f"SIZE={len(self._dispatch.content)}")
        if relay.has_extn("dsn"):
            mail += ["RET=HDRS", f"ENVID={self._dispatch.reference}"]
            rcpt.append("NOTIFY=SUCCESS,FAILURE,DELAY")
            if not self._international:
                rcpt.append(f"ORCPT=rfc822;{_xtext(self._to)}")
        if self._international:
            if not relay.has_extn("smtputf8"):
                raise Undeliverable(
                    "the recipient's address is not ASCII, and the relay cannot do that (SMTPUTF8)",
                    hint="Ask the customer for another address.",
                )
            mail += ["SMTPUTF8", "BODY=8BITMIME"]
            relay.command_encoding = "utf-8"
        return mail, rcpt

    def _expect(self, reply: tuple[int, bytes], code: int | None = None) -> tuple[int, bytes]:
        if reply[0] == code or (code is None and 200 <= reply[0] < 300):  # noqa: PLR2004 - yes
            return reply
        raise self.refusal(*reply)

    def _clean(self, answer: bytes | str) -> str:
        """Return what the relay said, without address, login and password."""
        recipient = (self._to, self._dispatch.message.to)
        return _clean(answer, self._settings, self._password, recipient)


@contextmanager
def _connected(s: EmailSettings, password: SecretStr) -> Iterator[smtplib.SMTP]:
    """Yield a connection that is encrypted and logged in."""
    context = ssl.create_default_context(cafile=s.ca_file)
    me = address_of(s.sender).domain
    relay: smtplib.SMTP
    if s.security == "tls":
        relay = smtplib.SMTP_SSL(
            s.host, s.port, local_hostname=me, timeout=s.timeout_s, context=context
        )
    else:
        relay = smtplib.SMTP(s.host, s.port, local_hostname=me, timeout=s.timeout_s)
    try:
        if s.security == "starttls":
            relay.starttls(context=context)
        relay.ehlo_or_helo_if_needed()
        if s.user:
            relay.login(s.user, password.get_secret_value())
        yield relay
    finally:
        relay.close()


def _no_talk(s: EmailSettings, error: smtplib.SMTPException | OSError) -> RetryLater:
    """Return why there was no conversation at all, or it broke off before the text."""
    where = f"{s.host}:{s.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return RetryLater(
            f"{where} is not who it says: {error.verify_message}",
            hint="Check the relay's name and its certificate.",
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return RetryLater(f"{where} does not offer what the settings ask for", hint=_LOOK)
    return RetryLater(f"no answer from {where}: {_what(error)}")


def _what(error: Exception) -> str:
    return "timed out" if isinstance(error, TimeoutError) else type(error).__name__


def _clean(
    answer: bytes | str, s: EmailSettings, secret: SecretStr, recipient: Iterable[str] = ()
) -> str:
    """Return what the relay said, on one line, without recipient, login and password."""
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    said = " ".join(said.split())
    password, hidden = secret.get_secret_value(), dict.fromkeys(recipient, OWN_ADDRESS)
    if password:
        login = f"\0{s.user}\0{password}".encode()
        encoded = (b64encode(one).decode() for one in (password.encode(), login))
        hidden |= dict.fromkeys((password, *encoded), "(secret)")
    for text, instead in hidden.items():
        said = re.sub(re.escape(text), instead, said, flags=re.IGNORECASE)
    return said[:500]


def _encryption(relay: smtplib.SMTP) -> str:
    sock = relay.sock
    if not isinstance(sock, ssl.SSLSocket):
        return "not encrypted"
    certificate = sock.getpeercert(binary_form=True) or b""
    return f"{sock.version()}, certificate SHA-256 {hashlib.sha256(certificate).hexdigest()}"


def _queue_id(answer: bytes) -> str:
    """Return the id under which the relay has the mail, where it says so as most do."""
    found = re.search(rb"queued as ([A-Za-z0-9._-]{1,64})", answer)
    return found[1].decode() if found else ""


def _xtext(text: str) -> str:
    """Return text as an ESMTP parameter holds it (RFC 3461, 4)."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)

"""What a notifier is, and what it is given.

A notifier speaks one channel and owns no state. The outbox (``notifiers.outbox``) calls it at four
moments, and ``tocsin check`` at a fifth:

    render    the exact bytes that will leave; they are committed with the attempt  before the call
    send      the call                                                              once per attempt
    look_up   "did you take it?", after an attempt whose outcome is unknown
    news      what became of it, asked for as long as the receipt says there may be something
    check     could you send at all?                         when the operator asks

It says only whether trying again can help, by the type of what it raises; when to try again is
decided in one place, the outbox.

To add one: a module here with a settings class and a notifier class, one line in the table of
channels of ``tocsin.app``, its own test server under ``tests/servers``, one line in the table that
every channel passes (``tests/notifiers/test_channels.py``); docs/COMPONENTS.md says what it MUST
do.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import AfterValidator, BaseModel, Field

from tocsin.errors import TocsinError

__all__ = [
    "Attachment",
    "Channel",
    "Dispatch",
    "Kind",
    "Message",
    "News",
    "Notifier",
    "Outcome",
    "Purpose",
    "Receipt",
    "told",
]

KEY = r"^[A-Za-z0-9_/+=-]+(\.[A-Za-z0-9_/+=-]+)*$"
"""A key is the left side of a Message-ID: a ``dot-atom`` (RFC 5322, 3.2.3), a part of it."""

KEY_LENGTH = 100
"""So that a header with it stays readable, and a file named after it can be made."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class Channel(StrEnum):
    """What carries a message."""

    EMAIL = "email"
    PHONE = "phone"
    WEBHOOK = "webhook"


class Purpose(StrEnum):
    """What a message is for."""

    NOTICE = "notice"
    ALERT = "alert"
    REMINDER = "reminder"
    CALL = "call"


class Outcome(StrEnum):
    """How an attempt ended. *Unknown* stands from before the call until something better is known.

    *Refused* says that nothing went out.
    """

    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Kind(StrEnum):
    """What is learned of a message after its acceptance. Only the last two count as notified."""

    DELAYED = "delayed"
    RELAYED = "relayed"
    BOUNCED = "bounced"
    UNREACHED = "unreached"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"


def _line(text: str) -> str:
    if found := _BREAKS.search(text):
        raise ValueError(
            f"one line of text is expected; it holds U+{ord(found[0]):04X} "
            f"as character {found.start() + 1}"
        )
    return text


def _file_name(text: str) -> str:
    if text != text.strip() or any(part in text for part in ("/", "\\", "=?")):
        raise ValueError("a file name is expected: no path, no space around it, no =?")
    return text


def _text(text: str) -> str:
    if found := _UNSTORABLE.search(text):
        raise ValueError(f"U+{ord(found[0]):04X} as character {found.start() + 1} cannot be sent")
    return text


Line = Annotated[str, AfterValidator(_line)]
"""Text that goes into a header: what would end the line, or hide on it, is refused."""

FileName = Annotated[Line, AfterValidator(_file_name)]
"""A line that no program takes for a path, and none reads differently."""

Text = Annotated[str, AfterValidator(_text)]
"""Text of several lines."""


class Attachment(BaseModel, extra="forbid", frozen=True, hide_input_in_errors=True):
    """One file that goes with a message.

    Attributes:
        name: As the recipient sees it; any script, no path, no space around it.
        media_type: E.g. ``application/pdf``.
        content: Its bytes, as they were approved.
    """

    name: Annotated[FileName, Field(min_length=1, max_length=200)]
    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    content: bytes


class Message(BaseModel, extra="forbid", frozen=True, hide_input_in_errors=True):
    """What one recipient is to get by one channel.

    Attributes:
        key: The same message has the same key, for ever: putting it twice puts it once, and the
            other side recognises a second copy by it. Nothing personal; at most 100 characters.
        channel: What carries it.
        to: E-mail address; phone number (E.164); for a webhook its name in the configuration.
        to_name: For the To of an e-mail, or "".
        subject: Nothing personal.
        body_text: What the message says. A call does not read it out: it says its own sentence.
        body_html: The same for those whose program shows it, or "".
        attachments: Files, for e-mail.
        language: Of the text, and of what a call says.
        incident: Number of the incident, where there is one.
        customer: Id of the customer it belongs to, or "" when it is for the team.
        purpose: What it is for.
    """

    key: Annotated[str, Field(pattern=KEY, max_length=KEY_LENGTH)]
    channel: Channel
    to: Annotated[Line, Field(min_length=1, max_length=320)]
    to_name: Annotated[Line, Field(max_length=200)] = ""
    subject: Annotated[Line, Field(max_length=300)] = ""
    body_text: Text = ""
    body_html: Text = ""
    attachments: tuple[Attachment, ...] = ()
    language: Literal["fr", "en"]
    incident: int | None = None
    customer: Line = ""
    purpose: Purpose


class Dispatch(NamedTuple):
    """One attempt at one message.

    Attributes:
        message: What is sent.
        number: 1 for the first attempt.
        reference: Random, unguessable, of this attempt; what comes back with it is about it.
        queued_at: When the message was put into the outbox; the same for every attempt.
        begun_at: When this attempt began.
        content: What ``render`` returned, as it was committed.
        ahead: It speaks of a message that has not left yet.
    """

    message: Message
    number: int
    reference: str
    queued_at: datetime
    begun_at: datetime
    content: bytes = b""
    ahead: bool = False


class Receipt(NamedTuple):
    """The other side took it. Whether a person has it is not said by that.

    Attributes:
        provider_id: The other side's name for it, or "".
        answer: What it said, without address and secret.
        open: ``news`` may bring more.
    """

    provider_id: str
    answer: str
    open: bool = False


class News(NamedTuple):
    """What is learned of an attempt after its acceptance.

    Attributes:
        kind: What happened.
        detail: In the other side's words, without address and secret.
        raw: What it is taken from, byte for byte: evidence.
        at: When it happened by the other side's clock, if it says so.
        final: Nothing more is to come by asking.
    """

    kind: Kind
    detail: str = ""
    raw: bytes = b""
    at: datetime | None = None
    final: bool = True


class Notifier(Protocol):
    """Speaks one channel."""

    def render(self, dispatch: Dispatch) -> bytes:
        """Return exactly what ``send`` will hand over; nothing leaves.

        Raises:
            Undeliverable: The message can never go by this channel.
        """
        ...

    def send(self, dispatch: Dispatch) -> Receipt:
        """Hand ``dispatch.content`` over, within the outbox's lease.

        Raises:
            RetryLater: Nothing went out, and it may work later. Also whatever is wrong with the
                channel itself (login, certificate, settings): the message is not to blame.
            Undeliverable: Nothing went out, and it will not until a person changes something.
            OutcomeUnknown: The call broke off when the message was under way.
        """
        ...

    def look_up(self, dispatch: Dispatch, taken: Collection[str]) -> Receipt | None:
        """Ask the other side whether it has what an attempt of unknown outcome handed over.

        Args:
            dispatch: That attempt.
            taken: Provider ids that belong to other attempts.

        Returns:
            None when it has not, or when there is no way to ask: then the message goes again.

        Raises:
            RetryLater: It cannot be asked now.
        """
        ...

    def check(self) -> str:
        """Ask the other side whether messages could leave now; none does.

        Returns:
            What was asked and answered, without a secret.

        Raises:
            DeliveryError: They could not, and why.
        """
        ...

    def news(self, dispatch: Dispatch, provider_id: str) -> Sequence[News]:
        """Return what is known by now of an accepted attempt whose receipt was open.

        Raises:
            RetryLater: It cannot be asked now.
        """
        ...


def told(error: TocsinError) -> str:
    """Return an error as a person should read it: what happened, and what to do."""
    said = str(error)
    if said and error.hint and not said.endswith((".", "!", "?", "…")):
        said += "."
    return f"{said} {error.hint}".strip()

"""A message as an e-mail: the exact bytes.

The same message gives the same bytes, attempt after attempt: Date is when it was queued, the
Message-ID comes from its key, and the borders between parts from its key too. Every line is ASCII
and short enough for any relay, but for an address that is not ASCII itself.

No text can become a header: line breaks were refused with the message (``notifiers.base.Line``),
what is not plain ASCII is encoded whole, and all of it is read back and compared before it leaves.

Source: RFC 5322 (headers, Message-ID), RFC 2045-2047 and RFC 2231 (encodings), RFC 6532 (UTF-8 in
headers), RFC 3834 (Auto-Submitted), RFC 3282 (Content-Language).
"""

import hashlib
import re
from collections.abc import Collection
from datetime import datetime
from email.charset import BASE64, Charset
from email.header import Header, decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import Parser
from email.policy import SMTP, compat32
from email.utils import format_datetime
from typing import NamedTuple

from notifiers.base import Message, Purpose
from tocsin.errors import Undeliverable

_LOCAL = re.compile(r"(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""RFC 5321, 4.1.2 and 4.5.3.1; RFC 6531, 3.3."""

_PLAIN_TEXT = re.compile(r"(?=.{1,60}$)[!-~]+( [!-~]+)*")
_PLAIN_PHRASE = re.compile(r"(?=.{1,40}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9'_-]+)*")
"""What goes into a header as it is (RFC 5322, 3.2.3)."""

_OF_BODY = ("MIME-Version", "Content-Type", "Content-Transfer-Encoding")


class Sender(NamedTuple):
    """Who writes.

    Attributes:
        address: Where it comes from.
        name: What is shown beside it, or "".
        reply_to: Where an answer goes, or "".
    """

    address: str
    name: str = ""
    reply_to: str = ""


def address_of(text: str, name: str = "") -> Address:
    """Return an e-mail address; a domain that is not ASCII in its ASCII form.

    Raises:
        Undeliverable: It is none that is in use: the forms with quotes are not taken.
    """
    local, _, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise Undeliverable(
            "the recipient's address is no e-mail address",
            hint="Correct the contact, and give its message a new key.",
        )
    return Address(name, local, domain)


def message_id(key: str, sender: Sender) -> str:
    """Return the Message-ID: the same key gives the same one."""
    return f"<{key}@{address_of(sender.address).domain}>"


def compose(message: Message, sender: Sender, date: datetime) -> bytes:
    """Return the e-mail as it goes over the wire, lines ending in CR LF.

    Args:
        message: Of the channel e-mail.
        sender: Who writes.
        date: The Date, with a zone.

    Raises:
        Undeliverable: The address is none, or the text cannot be put into an e-mail.
    """
    headers = {
        "From": _mailbox(address_of(sender.address, sender.name)),
        "To": _mailbox(address_of(message.to, message.to_name)),
        "Subject": _encoded(message.subject, _PLAIN_TEXT),
        "Date": format_datetime(date),
        "Message-ID": message_id(message.key, sender),
        "Content-Language": message.language,
    }
    if sender.reply_to:
        headers["Reply-To"] = _mailbox(address_of(sender.reply_to))
    if message.purpose in (Purpose.ALERT, Purpose.REMINDER):
        # A notice was approved by a person: no machine made it by itself.
        headers["Auto-Submitted"] = "auto-generated"
    top = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    raw = top.encode() + _body(message)
    _check(raw, headers.keys(), message, sender)
    return raw


def _body(message: Message) -> bytes:
    """Return texts and attachments, with the headers that say how they are encoded."""
    mail = EmailMessage(policy=SMTP)
    mail.set_content(message.body_text, cte="quoted-printable")
    if message.body_html:
        mail.add_alternative(message.body_html, subtype="html", cte="quoted-printable")
    for one in message.attachments:
        main, _, sub = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    if mail.is_multipart():
        for part in mail.iter_parts():
            for inner in part.walk():
                del inner["MIME-Version"]  # belongs to the whole (RFC 2045, 4)
    stem = hashlib.sha256(message.key.encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        # "=_" is in no quoted-printable and in no base64 text (RFC 2045, 6.7).
        part.set_boundary(f"=_{stem}_{number}")
    raw = mail.as_bytes()
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def _mailbox(address: Address) -> str:
    name = _encoded(address.display_name, _PLAIN_PHRASE)
    if not name:
        return address.addr_spec
    line_break = "\r\n" if name.startswith("=?") else ""
    return f"{name}{line_break} <{address.addr_spec}>"


def _encoded(text: str, plain: re.Pattern[str]) -> str:
    """Return text as a header holds it: as it is, or all of it in encoded words (RFC 2047).

    The library's own folding encodes parts of a text, and loses spaces and quotes between them.
    """
    if not text or (plain.fullmatch(text) and "=?" not in text):
        return text
    base64 = Charset("utf-8")
    base64.header_encoding = BASE64
    return Header(text, base64, header_name="Reply-To").encode(splitchars="", linesep="\r\n")


def _check(raw: bytes, names: Collection[str], message: Message, sender: Sender) -> None:
    """Read the bytes back as a recipient would.

    Raises:
        Undeliverable: They do not say what the message says.
    """
    read = Parser(policy=compat32).parsestr(raw.decode())
    parts = [part for part in read.walk() if not part.is_multipart()]
    text = parts[0].get_payload(decode=True)
    same = (
        [name for name in read.keys() if name not in _OF_BODY] == [*names]  # noqa: SIM118 - twice?
        and _shown(read["Subject"]) == message.subject
        and _shown_mailbox(read["From"]) == address_of(sender.address, sender.name)
        and _shown_mailbox(read["To"]) == address_of(message.to, message.to_name)
        and isinstance(text, bytes)
        and text.decode().split() == message.body_text.split()
        and [part.get_filename() for part in parts if part.get_filename() is not None]
        == [one.name for one in message.attachments]
    )
    if not same:
        raise Undeliverable(
            f"message {message.key} would not arrive as it was written",
            hint="Look for unusual characters in its subject, names and file names.",
        )


def _shown(value: str) -> str:
    return str(make_header(decode_header(value)))


def _shown_mailbox(value: str) -> Address:
    name, _, address = value.removesuffix(">").rpartition("<")
    return address_of(address, _shown(name.strip()))

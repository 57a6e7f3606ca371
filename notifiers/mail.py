"""A message as an e-mail: the exact bytes.

The same message gives the same bytes, attempt after attempt: Date is when it was queued, the
Message-ID comes from its key, and the borders between parts from its key too. Every line is ASCII
and short enough for any relay, but for an address that is not ASCII itself.

No text of ours can become a header: line breaks were refused with the message
(``notifiers.base.Line``), and what was composed is parsed again and compared before it leaves.

Source: RFC 5322 (headers, Message-ID), RFC 2045-2047 and RFC 2231 (encodings), RFC 6532 (UTF-8 in
headers), RFC 3834 (Auto-Submitted), RFC 3282 (Content-Language).
"""

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import Parser
from email.policy import SMTP, SMTPUTF8, default
from typing import NamedTuple

from notifiers.base import Message, Purpose
from tocsin.errors import Undeliverable


_LOCAL = re.compile(r"(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""RFC 5321, 4.1.2 and 4.5.3.1; RFC 6531, 3.3."""


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
    to = address_of(message.to, message.to_name)
    mail = EmailMessage(policy=SMTP if to.username.isascii() else SMTPUTF8)
    mail["From"] = address_of(sender.address, sender.name)
    mail["To"] = to
    if sender.reply_to:
        mail["Reply-To"] = address_of(sender.reply_to)
    mail["Subject"] = message.subject
    mail["Date"] = date
    mail["Message-ID"] = message_id(message.key, sender)
    if message.purpose in (Purpose.ALERT, Purpose.REMINDER):
        # A notice was approved by a person: no machine made it by itself.
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body_text, cte="quoted-printable")
    if message.body_html:
        mail.add_alternative(message.body_html, subtype="html", cte="quoted-printable")
    for one in message.attachments:
        main, _, sub = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    mail["Content-Language"] = message.language  # last: what comes before would move into a part
    for part in mail.iter_parts():
        for inner in part.walk():
            del inner["MIME-Version"]  # belongs to the whole (RFC 2045, 4)
    stem = hashlib.sha256(message.key.encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        # "=_" is in no quoted-printable and in no base64 text (RFC 2045, 6.7).
        part.set_boundary(f"=_{stem}_{number}")
    raw = mail.as_bytes()
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    _check(raw, mail, message)
    return raw


def _check(raw: bytes, mail: EmailMessage, message: Message) -> None:
    """Read the bytes back as a recipient would.

    Raises:
        Undeliverable: They do not say what the message says.
    """
    read = Parser(policy=default).parsestr(raw.decode())
    said = read.get_body(("plain",))
    same = (
        read.keys() == mail.keys()
        and str(read["Subject"]) == message.subject
        and read["To"].addresses == mail["To"].addresses
        and read["From"].addresses == mail["From"].addresses
        and str(read["Message-ID"]) == str(mail["Message-ID"])
        and said is not None
        and said.get_content().split() == message.body_text.split()
        and [part.get_filename() for part in read.iter_attachments()]
        == [one.name for one in message.attachments]
    )
    if not same:
        raise Undeliverable(
            f"message {message.key} would not arrive as it was written",
            hint="Look for unusual characters in its subject, names and file names.",
        )

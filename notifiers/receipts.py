"""What comes back by mail: delivery reports, answers, answers by machines.

A report is believed to say "delivered" only with the reference of the attempt, which went out as
ENVID and is known to nobody else; a report of a failure is believed by the Message-ID alone, since
believing it wrongly costs a phone call.

Source: RFC 3464 (delivery status), RFC 6533 (the same for addresses that are not ASCII), RFC 3461
(ENVID), RFC 3834 (answers by machines).
"""

import re
from datetime import datetime
from email.message import Message as Part
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from notifiers.base import KEY, Kind

ACTIONS = {
    "failed": Kind.BOUNCED,
    "delayed": Kind.DELAYED,
    # Handed on to a server that sends no reports, or to a list: nobody is known to have it.
    "relayed": Kind.RELAYED,
    "expanded": Kind.RELAYED,
    "delivered": Kind.DELIVERED,
}
"""The actions of RFC 3464, 2.3.3, the one that counts for several recipients first."""

_ADDRESS = re.compile(r"[^\s<>\"';:,()]+@[^\s<>\"';:,()]+")


class Report(NamedTuple):
    """A delivery report.

    Attributes:
        reference: Of the attempt, or "" when it did not come back.
        key: Of the message, or "" when its Message-ID did not come back.
        kind: What it says.
        detail: Status and diagnosis, without addresses.
        at: When, by the reporting server; None when it does not say.
    """

    reference: str
    key: str
    kind: Kind
    detail: str
    at: datetime | None


class Reply(NamedTuple):
    """An answer to a message of ours. Whether it acknowledges is not said by that.

    Attributes:
        key: Of the message it answers.
        automatic: A machine wrote it.
    """

    key: str
    automatic: bool


def read(raw: bytes, *, domain: str) -> Report | Reply | None:
    """Return what a mail that came in says of a message of ours.

    Args:
        raw: The mail.
        domain: Of our Message-IDs.

    Returns:
        None when it is neither: a person should look at it.
    """
    # RFC 6533 gives the same parts another name, under which they would not be taken apart.
    raw_as_ascii = raw.replace(b"message/global-delivery-status", b"message/delivery-status")
    mail = BytesParser(policy=compat32).parsebytes(raw_as_ascii)
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            return _report(part, _returned_key(mail, domain))
    automatic = _field(mail, "Auto-Submitted").lower() not in ("", "no") or any(
        mail[name] for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    )
    named = f"{_field(mail, 'In-Reply-To')} {_field(mail, 'References')}"
    key = _key(named, domain)
    return Reply(key, automatic) if key else None


def _report(part: Part, key: str) -> Report | None:
    groups = part.get_payload()
    if not isinstance(groups, list) or not groups:
        return None
    whole, *recipients = [one for one in groups if isinstance(one, Part)]
    said = [(_field(one, "Action").lower(), one) for one in recipients]
    for action, kind in ACTIONS.items():
        for word, one in said:
            if word == action:
                detail = f"{word} {_field(one, 'Status')} {_field(one, 'Diagnostic-Code')}"
                return Report(
                    _field(whole, "Original-Envelope-Id"),
                    key,
                    kind,
                    _ADDRESS.sub("(recipient)", " ".join(detail.split()))[:500],
                    _instant(_field(one, "Last-Attempt-Date") or _field(whole, "Arrival-Date")),
                )
    return None


def _returned_key(mail: Part, domain: str) -> str:
    """Return the key of the message that came back with a report, whole or its headers."""
    for part in mail.walk():
        if part is not mail and (key := _key(_field(part, "Message-ID"), domain)):
            return key
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            body = part.get_payload(decode=True)
            headers = BytesParser(policy=compat32).parsebytes(
                body if isinstance(body, bytes) else b"", headersonly=True
            )
            if key := _key(_field(headers, "Message-ID"), domain):
                return key
    return ""


def _field(part: Part, name: str) -> str:
    return " ".join(str(part.get(name, "")).split())


def _key(text: str, domain: str) -> str:
    pattern = rf"<({KEY.strip('^$')})@{re.escape(domain)}>"
    found = re.search(pattern, text, flags=re.IGNORECASE)
    return found[1] if found else ""


def _instant(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return at if at.tzinfo is not None else None

"""Calls by Twilio.

A call is placed by one request and read back by asking, until it has ended: callbacks can be lost.
Twilio knows no idempotency key, so an attempt of unknown outcome is looked up among the calls to
that number since it began.

A call that was completed has reached somebody or something; a person is only known to be reached
when the code spoken in that very call came back by keypad, and no machine answered. The keys come
to ``answer_url`` (the pages); Twilio's own record of that request is what is read here. Without an
``answer_url`` no code is asked for, and no call is ever acknowledged; nor is one that goes ahead of
the mail it speaks of: who keys in a code then has nothing to read.

Source: Twilio, "Call resource", "Call Events", "TwiML Gather", "Answering Machine Detection",
"Error and Warning Dictionary" 20003, 20429, 21211.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

import msgspec
import phonenumbers

from notifiers.base import Dispatch, Kind, News, Receipt
from notifiers.speech import CODE_LENGTH, action_url, twiml
from notifiers.telephony import Asked, PhoneSettings, Placed, Telephony
from tocsin.errors import RetryLater, Undeliverable

__all__ = ["Call", "PhoneNotifier", "PhoneSettings"]

SKEW = timedelta(seconds=30)
"""How far Twilio's clock may be from ours."""

ENDED = {
    "completed": Kind.ANSWERED,
    "busy": Kind.UNREACHED,
    "no-answer": Kind.UNREACHED,
    "failed": Kind.UNREACHED,
    "canceled": Kind.UNREACHED,
}
"""Statuses after which nothing follows, and what they say."""

MACHINES = ("machine", "fax")
"""Beginnings of ``AnsweredBy`` when it was no person."""


class Call(msgspec.Struct, frozen=True):
    """What is handed to Twilio, as it is kept with the attempt.

    Attributes:
        to: The number called.
        caller: Our number.
        twiml: What is said and asked.
        code: The digits that confirm, or "" where none are asked for.
    """

    to: str
    caller: str
    twiml: str
    code: str


class PhoneNotifier:
    """Places calls and reads back what became of them."""

    def __init__(self, settings: PhoneSettings) -> None:
        self._settings = settings
        self._telephony = Telephony(settings)

    def render(self, dispatch: Dispatch) -> bytes:
        """Return the call. See :class:`notifiers.base.Notifier`."""
        s, message = self._settings, dispatch.message
        to = _number(message.to)
        answer_url = "" if dispatch.ahead else s.answer_url
        code = f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}" if answer_url else ""
        said = twiml(
            message.language,
            message.purpose,
            operator=s.operator,
            action=action_url(answer_url, dispatch.reference),
            code=code,
            ahead=dispatch.ahead,
        )
        return msgspec.json.encode(Call(to, s.caller, said, code))

    def send(self, dispatch: Dispatch) -> Receipt:
        """Place the call. See :class:`notifiers.base.Notifier`."""
        call = _call(dispatch)
        return _receipt(self._telephony.place(to=call.to, caller=call.caller, twiml=call.twiml))

    def check(self) -> str:
        """Read the account with its token. See :class:`notifiers.base.Notifier`."""
        standing = self._telephony.standing()
        if standing != "active":
            raise RetryLater(f"Twilio says that the account is {standing}", hint="Speak to Twilio.")
        return "Twilio takes account and token"

    def look_up(self, dispatch: Dispatch, taken: Collection[str]) -> Receipt | None:
        """Look for the call. See :class:`notifiers.base.Notifier`.

        Two attempts of unknown outcome to one number cannot be told apart; each call found is given
        to one of them, and the other calls again.
        """
        call, since = _call(dispatch), dispatch.begun_at - SKEW
        ours = [
            one
            for one in self._telephony.calls(to=call.to, caller=call.caller)
            if one.sid not in taken and one.created_at is not None and one.created_at >= since
        ]
        oldest = min(ours, key=lambda one: (one.created_at, one.sid), default=None)
        return None if oldest is None else _receipt(oldest)

    def news(self, dispatch: Dispatch, provider_id: str) -> Sequence[News]:
        """Read the call back. See :class:`notifiers.base.Notifier`."""
        call = _call(dispatch)
        placed = self._telephony.call(provider_id, to=call.to)
        if placed.status not in ENDED:
            return ()
        asked = self._telephony.asked(provider_id, to=call.to) if call.code else []
        raw = json.dumps(
            {"call": placed.raw, "events": [one.raw for one in asked]}, sort_keys=True
        ).encode()
        machine = placed.answered_by.startswith(MACHINES)
        kind, detail = Kind.UNREACHED if machine else ENDED[placed.status], placed.status
        if placed.status == "completed":
            detail = f"completed, answered by {placed.answered_by}"
        if kind == Kind.ANSWERED and _keyed(asked, dispatch.reference, call.code):
            kind, detail = Kind.ACKNOWLEDGED, f"{detail}; the code of this call was keyed in"
        return (News(kind, detail, raw, placed.ended_at),)


def _number(text: str) -> str:
    """Return a phone number as E.164.

    Raises:
        Undeliverable: It is none.
    """
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Undeliverable(
            "the recipient's number is no phone number with its country code",
            hint="Correct the contact, e.g. +33 1 23 45 67 89, and give its message a new key.",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _call(dispatch: Dispatch) -> Call:
    return msgspec.json.decode(dispatch.content, type=Call)


def _receipt(placed: Placed) -> Receipt:
    return Receipt(placed.sid, f"call {placed.sid} {placed.status}", open=True)


def _keyed(asked: Sequence[Asked], reference: str, code: str) -> bool:
    """Return whether the code came back to the address of this very attempt."""
    return bool(code) and any(
        one.reference == reference and secrets.compare_digest(one.digits, code) for one in asked
    )

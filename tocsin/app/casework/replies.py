"""What comes back for a notice: reports and answers by mail, codes that customers say.

    a delivery report   is believed as :mod:`notifiers.receipts` says
    an answer           acknowledges when it answers a notice of ours (In-Reply-To), a person wrote
                        it, its own words have that notice's code, and it comes from a contact of
                        that customer or from the address the notice went to; from anybody else
                        it is kept, and acknowledges nothing
    a code              said on the phone or in another mail, is taken by a person of ours

Each counts for what is owed in the same transaction. What is refused changes nothing, and waits
for a person's eyes.
"""

import json
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from incidents import obligations
from incidents.notices.coded import Coded, coded
from incidents.obligations import NOTICE
from notifiers import answers, outbox
from notifiers.base import Kind, Message, News, Outcome, Purpose
from notifiers.following import attempt_of, receive, take_mail
from notifiers.mail import address_of
from notifiers.receipts import Reply, Report, read
from tocsin import registers
from tocsin.app.casework import ticking
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, Refusal
from tocsin.model.principals import Principal

MOST_BYTES = 30 * 1024 * 1024
BY_HAND = (
    "Read it. When it says a notice's code: "
    "`tocsin notice acknowledge CODE --by NAME --at INSTANT --channel email`."
)

STRANGER = (
    "Kept, but nobody of that address is known at this customer: it acknowledges nothing. Ask "
    "a contact you know; `tocsin notice acknowledge CODE --by NAME --at INSTANT --channel email`."
)


class Taken(NamedTuple):
    """What was taken.

    Attributes:
        message: Key of the message it is about.
        incident: Its incident's number, or None.
        customer: Its customer's id, or "" when the message was for the team.
        kind: What was learned.
        is_new: False when it was known; nothing was changed.
        met_at: When the notice to that customer counts as given; None while it does not.
        by: Who says they have it, in their own words or by the name on the mail; "" for nobody.
        advice: What a person should do about it, or "".
    """

    message: str
    incident: int | None
    customer: str
    kind: str
    is_new: bool
    met_at: datetime | None
    by: str = ""
    advice: str = ""


def take(desk: Desk, raw: bytes, *, principal: Principal, now: datetime) -> Taken:
    """Take a mail that came back.

    Raises:
        ConfigError: No channel for e-mail is configured.
        Refusal: It is about no message of ours, a machine answered, or the code is not in it;
            nothing was changed.
    """
    if len(raw) > MOST_BYTES:
        raise Refusal(f"a mail of {len(raw)} bytes is not taken", hint=BY_HAND)
    domain = _domain(desk)
    said = read(raw, domain=domain)
    with desk.store.begin() as db:
        if isinstance(said, Report):
            return _report(db, raw, said, domain=domain, principal=principal, now=now)
        if isinstance(said, Reply):
            return _answer(db, raw, said, principal=principal, now=now)
    raise Refusal("this mail answers no message of ours and reports on none", hint=BY_HAND)


def acknowledge(
    desk: Desk,
    code: str,
    *,
    by: str,
    at: datetime,
    channel: Literal["phone", "email"],
    why: str = "",
    principal: Principal,
    now: datetime,
) -> Taken:
    """Take the code that a customer said.

    Args:
        desk: The desk.
        code: As it was said: dashes, spaces and capitals do not matter.
        by: Who said it.
        at: When.
        channel: How it reached us.
        why: How they can have it, where every attempt to send the notice was refused: somebody
            read it out, or sent it from elsewhere.
        principal: Who heard it.
        now: When it is taken.

    Raises:
        Refusal: The code fits no notice that left, nobody is named, the instant cannot be, or no
            attempt can have brought it and ``why`` is not said; nothing was changed.
    """
    if not by.strip():
        raise Refusal("who acknowledged is not said", hint="Give the name with --by.")
    with desk.store.begin() as db:
        one = next((one for one in reversed(coded(db)) if _same(one.code, code)), None)
        if one is None:
            raise Refusal(
                f"no notice that was sent has the code {code!r}",
                hint="Ask for it again: it stands in the mail, in the summary and near the end.",
            )
        if at > now:
            raise Refusal(
                f"said at {at:%Y-%m-%d %H:%M:%S} UTC, which is still to come: it is "
                f"{now:%Y-%m-%d %H:%M} UTC",
                hint="Give the instant at which it was said with --at; its zone may be wrong.",
            )
        message, number = _letter(db, one)
        may_be_known = _may_be_known(db, message.key)
        if not may_be_known and not why.strip():
            raise Refusal(
                f"every attempt to send notice {one.version} to customer {one.customer} was "
                "refused: nobody can have its code from us",
                hint="Ask where they have it from. If it was read out, or sent from elsewhere, say "
                "so with --why TEXT.",
            )
        begun_at = outbox.attempts(db, message.key)[0].begun_at
        if at < begun_at.replace(second=0, microsecond=0):  # people type minutes
            raise Refusal(
                f"the notice left at {begun_at:%Y-%m-%d %H:%M:%S} UTC: its code was not said "
                f"at {at:%Y-%m-%d %H:%M:%S} UTC",
                hint="Give the instant at which it was said with --at, with its zone.",
            )
        fact = {
            "code": one.code,
            "by": by.strip(),
            "at": at.isoformat(),
            "channel": channel,
            "taken_by": str(principal),
        }
        if why.strip():
            fact["why"] = why.strip()
        raw = json.dumps(fact, ensure_ascii=False, sort_keys=True).encode()
        detail = f"code said by {channel}, taken by {principal}"
        if not may_be_known:
            detail += ", though every attempt to send it was refused"
        news = News(Kind.ACKNOWLEDGED, detail, raw, at)
        return _taken(db, message, number, news, principal=principal, now=now)


def _report(
    db: Connection, raw: bytes, said: Report, *, domain: str, principal: Principal, now: datetime
) -> Taken:
    found = attempt_of(db, said.reference) if said.reference else None
    key = found[0] if found else said.key
    if not key or not _tried(db, key):
        raise Refusal("this report is about no message of ours", hint=BY_HAND)
    message = outbox.message(db, key)
    is_new = take_mail(db, raw, domain=domain, principal=principal, now=now)
    return _settled(db, message, str(said.kind), is_new=is_new, now=now)


def _answer(
    db: Connection, raw: bytes, said: Reply, *, principal: Principal, now: datetime
) -> Taken:
    number = _tried(db, said.key)
    if not number:
        raise Refusal("this mail answers no message of ours", hint=BY_HAND)
    if said.automatic or answers.by_machine(raw):
        raise Refusal(
            "a machine wrote this answer: it acknowledges nothing",
            hint="Read it: whoever is absent has to be reached in another way.",
        )
    message = outbox.message(db, said.key)
    own = answers.own_words(raw)
    for one in coded(db):
        is_its = (one.incident, one.customer) == (message.incident, message.customer)
        if not is_its or not _carries(message, one):
            continue
        if answers.says(own, one.code, message.body_text):
            sender = answers.sender(raw)
            if not _is_known(db, message, sender.address):
                news = News(Kind.ANSWERED, "the notice's code came from an unknown address", raw)
                kept = _taken(db, message, number, news, principal=principal, now=now)
                return kept._replace(advice=STRANGER)
            news = News(Kind.ACKNOWLEDGED, "answered with the notice's code", raw)
            taken = _taken(db, message, number, news, principal=principal, now=now)
            return taken._replace(by=answers.signed(own, one.code) or sender.name)
    raise Refusal(
        f"this answer to message {message.key} does not say its notice's code in its own words",
        hint=f"It acknowledges nothing yet. {BY_HAND}",
    )


def _is_known(db: Connection, message: Message, address: str) -> bool:
    """Return whether an address is a contact of the customer, or the one the notice went to."""
    customer = registers.customers(db).get(message.customer)
    known = {one.email.casefold() for one in (customer.contacts if customer else ()) if one.email}
    return bool(address) and address in known | {message.to.casefold()}


def _letter(db: Connection, one: Coded) -> tuple[Message, int]:
    """Return the letter that carries a code, and its last attempt; rather one that arrived."""
    letters = [
        (
            _may_be_known(db, standing.key),
            standing.word != "failed",
            standing.at,
            standing.attempts,
            standing.key,
        )
        for standing in outbox.standings(db, incident=one.incident, customer=one.customer)
        if standing.purpose == Purpose.NOTICE
        and standing.attempts
        and _carries(outbox.message(db, standing.key), one)
    ]
    if not letters:
        raise Refusal(
            f"notice {one.version} to customer {one.customer} has not left yet",
            hint=f"`tocsin notice status {one.incident}` shows what keeps it.",
        )
    *_, number, key = max(letters)
    return outbox.message(db, key), number


def _may_be_known(db: Connection, key: str) -> bool:
    """Return whether an attempt was accepted, even if it came back, or nobody knows of one."""
    return any(one.outcome != Outcome.REFUSED for one in outbox.attempts(db, key))


def _tried(db: Connection, key: str) -> int:
    """Return how often a message was tried; 0 when it is none of ours."""
    try:
        return outbox.standing(db, key).attempts
    except Refusal:
        return 0


def _taken(
    db: Connection,
    message: Message,
    number: int,
    news: News,
    *,
    principal: Principal,
    now: datetime,
) -> Taken:
    is_new = receive(db, message.key, number, news, principal=principal, now=now)
    return _settled(db, message, str(news.kind), is_new=is_new, now=now)


def _settled(db: Connection, message: Message, kind: str, *, is_new: bool, now: datetime) -> Taken:
    ticking.settle(db, now)
    owed = (
        [one for one in obligations.obligations(db, message.incident) if one.clause == NOTICE]
        if message.incident is not None
        else []
    )
    met_at = next((one.met_at for one in owed if one.customer == message.customer), None)
    return Taken(message.key, message.incident, message.customer, kind, is_new, met_at)


def _carries(message: Message, one: Coded) -> bool:
    return message.purpose == Purpose.NOTICE and one.code in message.body_text


def _same(code: str, said: str) -> bool:
    return answers.plain(code) == answers.plain(said)


def _domain(desk: Desk) -> str:
    """Return the domain of our Message-IDs."""
    settings = desk.config.notifiers
    sender = settings.email or settings.files
    if sender is None:
        raise ConfigError(
            "no channel for e-mail is configured: no mail can be about a message of ours",
            hint="Configure [notifiers.email].",
        )
    return address_of(sender.sender).domain

"""The letters of an incident: which notice each customer gets next, and what is sent with it.

A customer's first notice is version 1. What was handed over is never rendered again: the next one
has a number, a code and a Message-ID of its own. It is an update, and says what is new since, only
when one before may have reached somebody; who got nothing is told for the first time.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from incidents import notices, obligations
from incidents.documents import Facts
from incidents.notices import Addressed, Manifest
from incidents.notices.coded import rendered
from incidents.notices.kept import facts_of
from incidents.obligations import NOTICE
from notifiers import outbox
from notifiers.base import Attachment, Channel, Message, Purpose
from tocsin.app.casework import filling, reaching
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import World
from tocsin.app.casework.withdrawing import Withdrawal
from tocsin.errors import Refusal
from tocsin.model.principals import Principal
from tocsin.registers import Customer
from tocsin.registers.fields import Language

NONE: Mapping[str, Withdrawal] = MappingProxyType({})

NO_CALLS = "No calls will be made: [notifiers.phone] is not configured."
NO_MAIL = "Nothing can be sent: [notifiers.email] is not configured."


def addressed(
    db: Connection,
    known: World,
    customers: Iterable[str],
    versions: Mapping[str, int] | None = None,
    *,
    withdrawn: Mapping[str, Withdrawal] = NONE,
    now: datetime,
) -> list[Addressed]:
    """Return the next notice to each customer, with its recipients.

    Args:
        db: A transaction.
        known: Everything known of the incident.
        customers: Their ids; a notice is owed to each, or one that takes those before it back.
        versions: Number of each notice, as approved; None for the next.
        withdrawn: What has to be told to those for whom there was no breach.
        now: When it is prepared.
    """
    number, found = known.case.number, []
    sent = defaultdict[str, dict[int, datetime]](dict)
    for (who, its), at in reaching.reached(db, number).items():
        sent[who][its] = at
    first = reaching.told_first(db, number)
    codes = rendered(db, number, known.ours.fingerprint)
    following = notices.next_versions(db, number) if versions is None else versions
    for one in customers:
        version = following[one]
        before = max((at for its, at in sent[one].items() if its < version), default=None)
        told = first.get(one)
        if told is not None and told.version >= version:
            told = None
        had = codes.get((one, version), "")
        facts: Facts
        if (said := withdrawn.get(one)) is not None:
            facts = filling.withdrawal(known, one, version=version, said=said, had=had, now=now)
        else:
            facts = filling.facts(
                known, one, version=version, before=before, told=told, had=had, now=now
            )
        customer = known.customers[one]
        phones = tuple(_phones(customer))
        found.append(Addressed(facts, filling.recipients(customer), phones))
    return found


def messages(
    desk: Desk,
    db: Connection,
    made: Manifest,
    plan: Iterable[notices.Letter],
    customers: Mapping[str, Customer],
) -> list[Message]:
    """Return what goes out for approved notices: the mails, and calls where a phone is there.

    Nobody is called because there was no breach.
    """
    found = [_mail(one) for one in plan]
    if has_phone(desk):
        urgent = {one.customer.id for one in facts_of(db, made) if one.kind != "withdrawn"}
        found += [
            call
            for one in made.notices
            if one.customer in urgent
            for call in _calls(made.incident, one.version, customers[one.customer])
        ]
    return found


def has_phone(desk: Desk) -> bool:
    """Return whether calls can be made. A folder of files counts."""
    return desk.config.notifiers.has_phone


def has_mail(desk: Desk) -> bool:
    """Return whether notices can go out. A folder of files counts."""
    settings = desk.config.notifiers
    return settings.email is not None or settings.files is not None


def warnings(desk: Desk) -> list[str]:
    """Return what will not happen, for a person who may count on it."""
    return [NO_MAIL] * (not has_mail(desk)) + [NO_CALLS] * (not has_phone(desk))


def check_channels(desk: Desk) -> None:
    """Return if something carries a notice.

    Raises:
        Refusal: No channel for e-mail is configured.
    """
    if not has_mail(desk):
        raise Refusal(
            "no channel for e-mail is configured: no notice can go out",
            hint="Configure [notifiers.email], or [notifiers.files] for a folder; then send.",
        )


def accepted(desk: Desk, keys: Sequence[str]) -> int:
    """Return how many of these messages the other side took."""
    with desk.store.read() as db:
        return sum(outbox.standing(db, key).word in outbox.LEFT for key in keys)


def again(desk: Desk, key: str, *, why: str, principal: Principal, now: datetime) -> None:
    """Queue a failed message again, after what made it fail was mended.

    Raises:
        Refusal: There is none, it did not fail, or no reason is given; nothing was changed.
    """
    _reasoned(why)
    with desk.store.begin() as db:
        stands = outbox.standing(db, key)
        due = limits(db, stands.incident).get(stands.customer)
        outbox.send_again(db, key, why=why, limit=due, principal=principal, now=now)


def limits(db: Connection, number: int | None) -> dict[str, datetime]:
    """Return when each notice of an incident is due by its contract, by customer.

    It reads the whole incident: ask once, not for each message.
    """
    owed = obligations.obligations(db, number) if number is not None else ()
    return {one.customer: one.due_at for one in owed if one.clause == NOTICE}


def cancel(desk: Desk, key: str, *, why: str, principal: Principal, now: datetime) -> None:
    """Take a message back that nobody has accepted. What is owed stays owed.

    Raises:
        Refusal: There is none, it cannot be taken back, or no reason is given; nothing was changed.
    """
    _reasoned(why)
    with desk.store.begin() as db:
        outbox.cancel(db, key, why=why, principal=principal, now=now)


def standing(desk: Desk, key: str) -> outbox.Standing:
    """Return how a message stands."""
    with desk.store.read() as db:
        return outbox.standing(db, key)


def _reasoned(why: str) -> None:
    if not why.strip():
        raise Refusal("no reason is given", hint="Say it with --why; it stays on record.")


def _mail(letter: notices.Letter) -> Message:
    return Message(
        key=letter.key,
        channel=Channel.EMAIL,
        to=letter.to,
        subject=letter.subject.strip(),
        body_text=letter.body_text,
        body_html=letter.body_html,
        attachments=tuple(
            Attachment(name=name, media_type=kind, content=content)
            for name, kind, content in letter.attachments
        ),
        language=letter.language,
        incident=letter.incident,
        customer=letter.customer,
        purpose=Purpose.NOTICE,
    )


def _calls(number: int, version: int, customer: Customer) -> list[Message]:
    """Return a call to each breach contact with a phone: an urgent notice waits in the mail."""
    return [
        Message(
            key=_call_key(number, customer.id, version, phone),
            channel=Channel.PHONE,
            to=phone,
            language=language,
            incident=number,
            customer=customer.id,
            purpose=Purpose.CALL,
        )
        for phone, language in _phones(customer).items()
    ]


def _phones(customer: Customer) -> dict[str, Language]:
    """Return the phones of the breach contacts, and the language spoken there."""
    return {
        one.phone: one.language
        for one in reversed(customer.contacts)
        if one.role == "breach" and one.phone
    }


def _call_key(number: int, customer: str, version: int, phone: str) -> str:
    """Return a key from which nobody reads the customer: alerts name messages by their keys."""
    told = f"{number}\0{customer}\0{version}\0{phone}"
    return f"call-{hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}"

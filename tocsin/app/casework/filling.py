"""The facts of one customer's notice, from everything that is known.

What can be computed is: the clock here, what an impact run gives in ``counted`` and ``covered``.
What people say comes from their facts (``people``). What nobody said is ``Missing``, with whose it
is and how to give it: nothing is guessed, and nothing renders without it.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from incidents import obligations
from incidents.documents import Known, Missing, NoticeFacts, Source, Told, WithdrawalFacts, Words
from incidents.documents import breach as docs
from incidents.documents.facts import Contact, Customer, Processor, Versions
from incidents.documents.response import Checkpoint
from tocsin import registers
from tocsin.app.casework import counted, covered
from tocsin.app.casework.grounds import Grounds
from tocsin.app.casework.known import World
from tocsin.app.casework.settings import ContactSettings
from tocsin.app.casework.withdrawing import Withdrawal
from tocsin.ledger.keys import SigningKey

ANNEX = {"FR": "cnil", "GB": "ico"}
"""Country of a customer → whose form the annex of its dossier follows."""


def facts(
    world: World,
    customer: str,
    *,
    version: int,
    before: datetime | None = None,
    told: Told | None = None,
    had: str = "",
    now: datetime,
) -> NoticeFacts:
    """Return the facts of the notice to one customer.

    Args:
        world: Everything known.
        customer: Its id; one of ``known.told``.
        version: Number of the notice.
        before: When the last notice that may have reached this customer was sent; None when none
            has: this is its first then, whatever its number. What is new is asked for anew after
            each.
        told: The notice that told this customer first; None: none is known to have gone out.
        had: The code it was rendered with before; "" makes one.
        now: When it is prepared.
    """
    on = Grounds(world, customer)
    people, case = on.people, world.case
    return NoticeFacts(
        kind="initial" if before is None else "update",
        # A breach of others is none of this customer's.
        status="established" if case.awareness and on.is_confirmed else "suspected",
        version=version,
        incident=case.number,
        opened_at=case.opened_at,
        prepared_at=now,
        told=told,
        processor=_processor(on),
        customer=_customer(on),
        clock=_clock(on, told.at if told else now),
        standing=counted.standing(on),
        period=counted.period(on),
        nature=on.said("nature", on.nature) or on.missing("nature"),
        narrative=on.said("narrative", people.narrative) or on.missing("narrative"),
        systems=counted.systems(on),
        affected=counted.affected(on),
        subject_categories=counted.subject_categories(on),
        possible_subjects=counted.possible_subjects(on),
        subjects=counted.subjects(on),
        records=counted.records(on),
        versions=Versions(
            run=world.run.number,
            data_map=world.run.query.datamap,
            registers=world.run.query.registers,
        ),
        coverage=covered.coverage(on),
        negative_findings=covered.negative_findings(on),
        consequences=on.said("consequences", people.consequences) or on.missing("consequences"),
        severity=on.said("severity", people.severity),
        measures=on.said("measures", people.measures) or on.missing("measures"),
        measures_before=on.configured(world.operator.measures_before)
        if world.operator.measures_before
        else None,
        actions=on.said("actions", people.actions) or on.missing("actions"),
        open_points=people.open_points,
        next_update_at=on.said("next_update_at", people.next_update_at)
        or on.missing("next_update_at"),
        parties=people.parties,
        timeline=people.timeline,
        changes=_changes(on, before),
        checkpoint=_checkpoint(world),
        calls=world.has_phone and any(each.phone for each in _breach_contacts(on.entry)),
        acknowledgement_code=had or code(world.ours.key, case.number, on.entry.id, version),
        reply_to=world.operator.contact.email if world.operator.contact else "",
    )


def withdrawal(
    world: World, customer: str, *, version: int, said: Withdrawal, had: str = "", now: datetime
) -> WithdrawalFacts:
    """Return the facts of a notice that takes back what those before it told a customer.

    Args:
        world: Everything known.
        customer: Its id.
        version: Number of the notice.
        said: What it has to be told; why is asked for anew after what it was told last.
        had: As in :func:`facts`.
        now: When it is prepared.
    """
    on = Grounds(world, customer)
    given = world.given
    is_new = given.withdrawal_at is not None and given.withdrawal_at > said.asked_since
    why = on.said("withdrawal", on.people.withdrawal) if is_new else None
    return WithdrawalFacts(
        ground=said.ground,
        version=version,
        incident=world.case.number,
        opened_at=world.case.opened_at,
        prepared_at=now,
        told=said.told,
        processor=_processor(on),
        customer=_customer(on),
        withdrawal=why or on.missing("withdrawal"),
        checkpoint=_checkpoint(world),
        acknowledgement_code=had or code(world.ours.key, world.case.number, on.entry.id, version),
        reply_to=world.operator.contact.email if world.operator.contact else "",
    )


def recipients(customer: registers.Customer) -> tuple[str, ...]:
    """Return the addresses that a notice goes to: the contacts for breaches, or else all."""
    breach = [one.email for one in _breach_contacts(customer) if one.email]
    return tuple(sorted({*breach} or {one.email for one in customer.contacts if one.email}))


def code(key: SigningKey | None, incident: int, customer: str, version: int = 1) -> str:
    """Return the code with which a reply acknowledges: the same each time, and nobody's guess.

    Whoever holds one notice knows its incident and could name another customer, so the code comes
    from our key. Each version has its own: a code that is said shows which notice a person has.
    Without our key it comes by chance: a lost key keeps no notice back.
    """
    told = f"tocsin acknowledgement code\0{incident}\0{customer}\0{version}"
    secret = key.sign(told.encode()) if key else secrets.token_bytes(32)
    digest = hashlib.sha256(secret).digest()
    letters = base64.b32encode(digest).decode()
    return f"{letters[:4]}-{letters[4:8]}"


def _checkpoint(world: World) -> Checkpoint | None:
    newest = world.checkpoint
    return Checkpoint(number=newest.number, entry_hash=newest.entry_hash) if newest.number else None


def _changes(on: Grounds, before: datetime | None) -> Words:
    """Return what is new since the notice before, if it was said after that was sent."""
    given = on.world.given
    if before is None or given.changes_at is None or given.changes_at <= before:
        return Words()
    return on.people.changes or Words()


def _processor(on: Grounds) -> Processor:
    operator = on.world.operator
    dpo: Any = None
    if operator.dpo is None:
        dpo = on.missing("processor.dpo")
    elif operator.dpo:
        dpo = on.configured(_contact(operator.dpo))
    return Processor(
        name=operator.name,
        address=operator.address,
        contact=on.configured(_contact(operator.contact))
        if operator.contact
        else on.missing("processor.contact"),
        dpo=dpo,
        signing_key=on.world.ours.fingerprint,
        key_in_contract=operator.key_in_contract,
    )


def _customer(on: Grounds) -> Customer:
    entry = on.entry
    return Customer(
        id=entry.id,
        name=entry.name,
        language=entry.language,
        time_zone=entry.time_zone,
        sector=entry.sector,
        authority=ANNEX.get(entry.country, ""),  # type: ignore[arg-type] # of these two
        dpo=_registered(entry, "dpo"),
        contact=_registered(entry, "breach"),
    )


def _clock(on: Grounds, first_at: datetime) -> Known[docs.Clock] | Missing:
    case, owed = on.world.case, _owed(on)
    if owed is None:
        return on.missing("clock")
    source = Source(kind="decision", at=case.decided_at or case.opened_at)
    aware, touched = owed.aware_at, on.world.touched.get(on.entry.id)
    later = aware is not None and owed.starts_at > aware
    by = "run"
    if later and touched is not None and touched.suspected_at == owed.starts_at:
        by = "decision"
    elif later and touched is not None and touched.known_at == owed.starts_at:
        by = "known"
    return Known(
        value=docs.Clock(
            hours=int(owed.window / timedelta(hours=1)),
            known_at=case.known_at,
            known_by="detection" if case.detected_at == case.known_at else "report",
            aware_at=aware,
            starts_at=owed.starts_at if aware else None,
            starts_by=by,  # type: ignore[arg-type] # of these
            due_at=owed.due_at if aware else None,
            aware_due_at=aware + owed.window if aware and later else None,
            strict_due_at=min(case.known_at, aware or case.known_at) + owed.window,
            corrections=tuple(
                docs.Correction(former_at=one.former_at, corrected_at=one.at)
                for one in case.corrections
            ),
            # Of those that are late alone: the others' readers would have nothing to excuse.
            late_reason=(first_at > owed.due_at and on.people.late_reason) or Words(),
        ),
        source=source,
        confirmed_at=case.decided_at,
    )


def _owed(on: Grounds) -> obligations.Obligation | None:
    for one in on.world.owed:
        if one.clause == obligations.NOTICE and one.customer == on.entry.id:
            return one
    return None


def _breach_contacts(customer: registers.Customer) -> list[registers.Contact]:
    return [one for one in customer.contacts if one.role == "breach"]


def _contact(settings: ContactSettings) -> Contact:
    return Contact(
        name=settings.name,
        function=Words(**settings.function),
        email=settings.email,
        phone=settings.phone,
        always=settings.always,
    )


def _registered(customer: registers.Customer, role: str) -> Contact | None:
    """Return the contact of this role, with what is known of it; of several the fullest."""
    found = [one for one in customer.contacts if one.role == role]
    if not found:
        return None
    one = max(found, key=lambda each: bool(each.email) + bool(each.phone))  # the first of equals
    return Contact(name=one.name, email=one.email, phone=one.phone)

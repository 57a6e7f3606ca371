"""Obligations as they are kept: brought in line with the case, met, explained, waived.

Each change is an entry of the case, with the whole obligation in it, and the ledger's, in the
caller's transaction; ``as_of`` reads the entries back.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from incidents.assessment.case import fold
from incidents.assessment.deciding import a_person, case_of, past, reopen, said
from incidents.assessment.entries import Entry, entries, write
from incidents.assessment.states import Assessment
from incidents.assessment.tables import case_entry
from incidents.obligations.clock import before_start
from incidents.obligations.customers import touched
from incidents.obligations.law import DECISION, IMPACT, POSSIBLE
from incidents.obligations.obligation import Change, Obligation, Receipt, counts, is_known
from incidents.obligations.owed import Duties, Key, owed
from incidents.obligations.tables import followed, obligation
from incidents.obligations.waiving import WAIVED, waived
from tocsin.errors import Refusal
from tocsin.model.instants import to_us
from tocsin.model.principals import SERVICE, Principal
from tocsin.store.upsert import upsert

QUEUED = "reminder.queued"

KINDS = frozenset(
    f"obligation.{what}"
    for what in ("started", "changed", "voided", "met", "reopened", "explained", "waived")
)

OURS = KINDS | {QUEUED}
"""Entries that follow from others: nothing follows from them."""


def follow(
    db: Connection, number: int, duties: Duties, *, principal: Principal = SERVICE, now: datetime
) -> list[Obligation]:
    """Bring the obligations of an incident in line with its case.

    Called in the transaction that opened, judged or corrected it, took an impact run or a decision
    on a customer; :func:`incidents.obligations.tick` calls it too, so that none is forgotten.
    Again, it changes nothing.

    Returns:
        All obligations of the incident, by clause and customer, those without ground too.

    Raises:
        Refusal: There is no such incident.
    """
    found = entries(db, number)
    case = fold(found)
    if case is None:
        case = case_of(db, number)  # refuses, and says which there are
    before, stands = _read(found), waived(found)
    asked = {key: one if key in stands else _taken_back(one) for key, one in before.items()}
    wanted = owed(case, touched(found).values(), duties, asked)
    for key, one in wanted.items():
        old = before.get(key)
        if old is None:
            kind = "started"
        elif old == one:
            continue
        elif old.waived and not (one.waived or old.is_void):
            kind = "reopened"  # a run says more than it was waived upon
        elif old.clock != one.clock or old.is_void:
            kind = "changed"
        else:
            kind = "met" if one.met_at else "changed"
        _keep(db, f"obligation.{kind}", one, old, principal=principal, now=now)
        before[key] = one
    for key, old in before.items():
        # A decision that was made stays made, also where it is no longer asked for.
        is_made = old.clause in (DECISION, POSSIBLE) and old.met_at is not None
        if key not in wanted and not old.is_void and not is_made:
            void = msgspec.structs.replace(old, is_void=True)
            _keep(db, "obligation.voided", void, old, principal=principal, now=now)
            before[key] = void
    last = max(entry.number for entry in found if entry.kind not in OURS)
    row = {"incident": number, "entry": last}
    upsert(db, followed, [row], lambda given: {"entry": given["entry"]})
    return [before[key] for key in sorted(before)]


def unfollowed(db: Connection) -> list[int]:
    """Return the incidents of whose case something was written since they were followed."""
    c, f = case_entry.c, followed.c
    query = (
        select(c.incident)
        .join(followed, f.incident == c.incident, isouter=True)
        .where(c.kind.not_in(OURS))
        .group_by(c.incident, f.entry)
        .having(func.max(c.number) > func.coalesce(f.entry, 0))
    )
    return sorted(db.scalars(query))


def obligations(db: Connection, number: int, as_of: datetime | None = None) -> list[Obligation]:
    """Return the obligations of an incident, by clause and customer.

    Args:
        db: A transaction.
        number: Of the incident.
        as_of: As they were known at this instant; None: now.
    """
    found = _read(entries(db, number, as_of))
    return [found[key] for key in sorted(found)]


def open_obligations(db: Connection) -> list[Obligation]:
    """Return the obligations of all incidents that still need doing, first due first."""
    query = select(obligation.c.payload).where(obligation.c.is_open)
    found = [msgspec.json.decode(row, type=Obligation) for row in db.scalars(query)]
    return sorted(found, key=lambda one: (one.strict_due_at, one.incident, one.customer))


def of_clause(db: Connection, clause: str) -> list[Obligation]:
    """Return all obligations of a clause, by incident and customer; met and void ones too."""
    query = select(obligation.c.payload).where(obligation.c.clause == clause)
    found = [msgspec.json.decode(row, type=Obligation) for row in db.scalars(query)]
    return sorted(found, key=lambda one: (one.incident, one.customer))


def take_receipt(
    db: Connection,
    number: int,
    clause: str,
    customer: str,
    receipt: Receipt,
    *,
    principal: Principal = SERVICE,
    now: datetime,
) -> Obligation:
    """Take what was learned of a message, a filing, a restoration.

    News that neither meets an obligation nor takes that back changes nothing: "accepted by our own
    relay" is no notification. The same news twice is once. A bounce opens a closed incident again.

    Raises:
        Refusal: There is no such obligation, or the instant is in the future or has no zone;
            nothing was changed.
    """
    old = _one(db, number, clause, customer)
    receipt = msgspec.structs.replace(receipt, at=past(receipt.at, now))
    if not counts(clause, receipt.kind) or is_known(old.receipts, receipt):
        return old
    new = msgspec.structs.replace(old, receipts=(*old.receipts, receipt))
    taken_back = old.met_at is not None and new.met_at is None
    kind = "obligation.reopened" if taken_back else "obligation.met"
    if not taken_back and new.met_at is None:
        kind = "obligation.changed"  # e.g. a bounce that was told before its delivery
    _keep(db, kind, new, old, principal=principal, now=now)
    if taken_back and case_of(db, number).assessment == Assessment.CLOSED:
        reopen(
            db, number, why="what met an obligation was taken back", principal=principal, now=now
        )
    return new


def explain(
    db: Connection,
    number: int,
    clause: str,
    customer: str,
    *,
    why: str,
    principal: Principal,
    now: datetime,
) -> Obligation:
    """Record the reasons why something is late; asked for before the late notice is sent.

    Source: GDPR Art. 33(1), second sentence.

    Raises:
        Refusal: It is not late, no reason is given, or no person gives it; nothing was changed.
    """
    old = _one(db, number, clause, customer)
    a_person(principal)
    reasons = said(why)
    if now <= old.due_at or (old.met_at is not None and old.met_at <= old.due_at):
        raise Refusal(
            f"incident {number}: {name_of(old)} is not late",
            hint=f"It is due at {old.due_at.isoformat()}; reasons are for what is late.",
        )
    new = msgspec.structs.replace(old, late_reason=reasons)
    _keep(db, "obligation.explained", new, old, principal=principal, now=now, why=reasons)
    return new


def waive(
    db: Connection,
    number: int,
    clause: str,
    customer: str,
    *,
    why: str,
    principal: Principal,
    now: datetime,
) -> Obligation:
    """Record a person's judgement that nothing is owed, e.g. no risk to anybody (Art. 33(1)).

    Raises:
        Refusal: It is met, waived or void already, no reason is given, or no person gives it;
            nothing was changed.
    """
    old = _one(db, number, clause, customer)
    a_person(principal)
    reasons = said(why)
    if clause == IMPACT:
        raise Refusal(
            f"incident {number}: whose data a breach touched is not waived",
            hint="Compute or state it, of nobody if need be; `tocsin incident close` says how.",
        )
    if not old.is_open:
        raise Refusal(
            f"incident {number}: {name_of(old)} is {old.standing(now)!s}",
            hint="Only what is still owed can be waived.",
        )
    new = msgspec.structs.replace(old, waived=reasons, was_waived="")
    _keep(db, WAIVED, new, old, principal=principal, now=now, why=reasons)
    return new


def _taken_back(one: Obligation) -> Obligation:
    """Return an obligation as it is once no waive of it stands."""
    if not one.waived:
        return one
    return msgspec.structs.replace(one, waived="", was_waived=one.waived)


def _read(of: Iterable[Entry]) -> dict[Key, Obligation]:
    found = dict[Key, Obligation]()
    for entry in of:
        if entry.kind in KINDS:
            one = msgspec.json.decode(entry.body, type=Change).obligation
            found[one.clause, one.customer] = one
    return found


def _one(db: Connection, number: int, clause: str, customer: str) -> Obligation:
    found = _read(entries(db, number))
    if (clause, customer) not in found:
        there_are = ", ".join(name_of(one) for one in found.values()) or "none"
        raise Refusal(
            f"incident {number} owes no {clause} to {customer or 'the team'}",
            hint=f"There are: {there_are}.",
        )
    return found[clause, customer]


def _keep(
    db: Connection,
    kind: str,
    new: Obligation,
    old: Obligation | None,
    *,
    principal: Principal,
    now: datetime,
    why: str = "",
) -> None:
    write(
        db,
        new.incident,
        kind,
        Change(new, why),
        customer=new.customer,
        principal=principal,
        now=now,
    )
    row = {
        "incident": new.incident,
        "clause": new.clause,
        "customer": new.customer,
        "is_open": new.is_open,
        "reminded_until": to_us(before_start(new.clock)),
        "reminded": "[]",
        "payload": msgspec.json.encode(new).decode(),
    }
    changed = ["is_open", "payload"]
    if old is None or old.clock != new.clock:
        changed.append("reminded_until")  # other instants: other reminders, from the start on
    upsert(db, obligation, [row], lambda given: {name: given[name] for name in changed})


def name_of(one: Obligation) -> str:
    """Return which obligation it is, in words."""
    return f"{one.clause} to {one.customer}" if one.customer else one.clause

"""What is owed by a case as it stands. Pure: case, customers, law in; obligations out.

while nobody has judged      a decision within the cap; beside it the strict reading, which
                             runs from detection on
breach, nobody counted       to say whose data it touched, within the shortest contract's time
breach, confirmed customer   notice, also where no register knows it: by the law's own hours then
breach, possible customer    a decision about it; no notice without one
breach, operator controller  its own filing with the authority
no awareness (any more)      nothing
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from pydantic import BaseModel, ConfigDict

from incidents.assessment.case import Case
from incidents.obligations.clock import Clock, H, Reminders, read_clock
from incidents.obligations.customers import Touched
from incidents.obligations.law import DECISION, IMPACT, NOTICE, OWN_FILING, POSSIBLE, STRICT, Law
from incidents.obligations.obligation import Obligation, Receipt
from tocsin.model.categories import OPERATOR


class ObligationSettings(BaseModel):
    """``[obligations]`` in config.toml.

    Attributes:
        operator_is_controller: Of data of its own, e.g. billing contacts, users' accounts, staff:
            a breach then owes the authority a filing of the operator's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    operator_is_controller: bool = True


class Terms(NamedTuple):
    """What one customer's contract says.

    Attributes:
        hours: From awareness to notice.
        in_writing: The law of its place wants writing: a call alone never counts.
    """

    hours: int
    in_writing: bool = False


class Duties(NamedTuple):
    """Everything obligations are made of besides the case.

    Attributes:
        law: Dated.
        terms: Of each customer, by id; one that is not in it has the law's own hours.
        settings: The operator's.
        reminders: The table.
    """

    law: Law
    terms: Mapping[str, Terms] = {}
    settings: ObligationSettings = ObligationSettings()
    reminders: Reminders = Reminders()


NO_LAW = 48 * H
"""How long a decision can wait where the law of notices is switched off."""

Key = tuple[str, str]
"""Clause and customer: what tells an obligation from every other of its incident."""


def owed(
    case: Case, customers: Iterable[Touched], duties: Duties, before: Mapping[Key, Obligation]
) -> dict[Key, Obligation]:
    """Return what a case owes, met or not, by clause and customer.

    Args:
        case: As it stands.
        customers: Those it touches.
        duties: Law and contracts.
        before: Obligations there are: their terms stay as they were frozen, whatever the
            configuration says since.
    """
    found, customers = list[Obligation | None](), list(customers)
    aware = None if case.awareness is None else case.awareness.aware_at
    if aware is None:
        found += _undecided(case, customers, duties, before)
    else:
        decided = Receipt(kind="decided", at=case.decided_at or aware)
        if (old := before.get((DECISION, ""))) is not None:
            found.append(msgspec.structs.replace(old, receipts=(decided,), is_void=False))
        own = duties.settings.operator_is_controller or (OWN_FILING, OPERATOR) in before
        if own and (terms := _terms(OWN_FILING, OPERATOR, aware, duties, before)):
            shown = _shown_of_operator(customers)
            clock = read_clock(aware, case.known_at, terms.window, shown)
            found.append(_made(case, (OWN_FILING, OPERATOR), terms, clock, before))
        found += _uncounted(case, aware, duties, before)
        for one in customers:
            # What the operator owes for data of its own is the filing.
            if one.customer != OPERATOR:
                found += _to_customer(case, aware, one, duties, before)
    return {(one.clause, one.customer): one for one in found if one is not None}


def _undecided(
    case: Case,
    customers: Iterable[Touched],
    duties: Duties,
    before: Mapping[Key, Obligation],
) -> Iterator[Obligation]:
    """While nobody has judged it, the strict reading runs; then the judgement is made.

    It runs by the shortest contract: of those whose data a run shows, else of all.
    """
    if not case.is_undecided:
        old = before.get((DECISION, ""))
        if old is not None and case.decided_at is not None:
            decided = Receipt(kind="decided", at=case.decided_at)
            yield msgspec.structs.replace(old, receipts=(decided,), is_void=False)
        return
    # Judged again, the team has its time again to decide. The strict reading has not: it counts
    # from the first detection, whatever was judged in between.
    for clause, since in (
        (DECISION, case.begun_again_at or case.known_at),
        (STRICT, case.known_at),
    ):
        if terms := _terms(clause, "", since, duties, before):
            if shortest := _shortest(duties, [one.customer for one in customers]):
                least = min(terms.window, shortest) if clause == DECISION else shortest
                terms = terms._replace(window=least)
            strict_due_at = case.known_at + terms.window
            clock = Clock(None, since, since + terms.window, strict_due_at)
            yield _made(case, (clause, ""), terms, clock, before, receipts=())


def _uncounted(
    case: Case, aware: datetime, duties: Duties, before: Mapping[Key, Obligation]
) -> Iterator[Obligation]:
    """A breach of which nobody has said whose data it touched owes that, whoever was named."""
    if case.counted_at and (IMPACT, "") not in before:
        return
    if terms := _terms(IMPACT, "", aware, duties, before):
        clock = read_clock(aware, case.known_at, terms.window)
        counted = (Receipt(kind="counted", at=case.counted_at),) if case.counted_at else ()
        yield _made(case, (IMPACT, ""), terms, clock, before, receipts=counted)


def _shown_of_operator(customers: Iterable[Touched]) -> datetime | None:
    """Return when data of its own were shown, where a filing was waived before; else None."""
    for one in customers:
        if one.customer == OPERATOR:
            return one.found_at if one.is_confirmed else one.asked_at
    return None


def _to_customer(
    case: Case,
    aware: datetime,
    one: Touched,
    duties: Duties,
    before: Mapping[Key, Obligation],
) -> Iterator[Obligation]:
    shown, possible = one.found_at, one.possible_at
    if not one.is_confirmed:
        assert possible is not None, f"{one.customer} is neither confirmed nor possible"
        if terms := _terms(POSSIBLE, one.customer, aware, duties, before):
            answered = one.answer in ("notify", "exclude") and one.answered_at is not None
            said = (Receipt(kind="decided", at=one.answered_at or aware),) if answered else ()
            clock = _to_decide(one, aware, terms.window, latest_wait(case, one, duties, before))
            yield _made(case, (POSSIBLE, one.customer), terms, clock, before, receipts=said)
        if one.answer != "notify":
            return
        shown = one.suspected_at  # the period starts with that decision
    elif shown is not None and one.answer == "notify" and one.suspected_at is not None:
        shown = min(
            shown, one.suspected_at
        )  # it runs already; a run that confirms it moves nothing
    if terms := _terms(NOTICE, one.customer, aware, duties, before):
        clock = read_clock(aware, case.known_at, terms.window, shown)
        later = possible if shown is not None and shown > aware else None
        yield _made(case, (NOTICE, one.customer), terms, clock, before, possible_since=later)


def _to_decide(one: Touched, aware: datetime, window: timedelta, latest: datetime) -> Clock:
    asked = one.asked_at or aware
    starts_at = max(asked, aware)
    if one.answer == "wait" and one.until is not None and one.answered_at is not None:
        until = min(one.until, latest)
        if until > starts_at:
            return Clock(None, one.answered_at, until, until)
    if one.again_at is not None and one.answer != "wait":
        # The wait is over; the time to decide is no longer than one could have waited.
        due_at = min(one.again_at + window, latest)
        if due_at > one.again_at:
            return Clock(None, one.again_at, due_at, due_at)
    return Clock(None, starts_at, starts_at + window, asked + window)


def latest_wait(
    case: Case, one: Touched, duties: Duties, before: Mapping[Key, Obligation] | None = None
) -> datetime:
    """Return until when a decision on a possible customer can wait.

    That is when notice to it would be due, were it confirmed since a decision is asked for.
    """
    asked = one.asked_at or case.known_at
    start = asked if case.awareness is None else max(asked, case.awareness.aware_at)
    terms = _terms(NOTICE, one.customer, start, duties, before or {})
    return start + (terms.window if terms else NO_LAW)


class _Terms(NamedTuple):
    """What is frozen when an obligation starts."""

    window: timedelta
    basis: str
    version: str
    in_writing: bool
    is_unregistered: bool = False


def _terms(
    clause: str, customer: str, at: datetime, duties: Duties, before: Mapping[Key, Obligation]
) -> _Terms | None:
    """Return the terms of an obligation: as frozen, else as law and contract say; None: not on.

    Those of a customer that no register knew are frozen when one does.
    """
    about_customer = clause in (NOTICE, POSSIBLE)
    contract = duties.terms.get(customer) if about_customer else None
    unknown = about_customer and contract is None
    if (old := before.get((clause, customer))) is not None:
        if old.is_unregistered and contract is not None:
            window = contract.hours * H if clause == NOTICE else old.window
            return _Terms(window, old.basis, old.version, contract.in_writing)
        return _Terms(old.window, old.basis, old.version, old.in_writing, old.is_unregistered)
    rule = duties.law.of_case(clause, at.date())
    if rule is None:
        return None
    if clause == IMPACT and (shortest := _shortest(duties)):
        return _Terms(shortest, rule.basis, rule.version, in_writing=False)
    if contract is None or clause == POSSIBLE:
        return _Terms(rule.window, rule.basis, rule.version, False, unknown)
    return _Terms(contract.hours * H, rule.basis, rule.version, contract.in_writing)


def _shortest(duties: Duties, among: Collection[str] = ()) -> timedelta | None:
    """Return the shortest contract's time: of these customers, else of all; None: there is none.

    Whose data it is nobody knows before a run says so: it may be the customer's that has the least.
    """
    terms = [each for one, each in duties.terms.items() if one in among] or duties.terms.values()
    return min((each.hours * H for each in terms), default=None)


def _made(
    case: Case,
    key: Key,
    terms: _Terms,
    clock: Clock,
    before: Mapping[Key, Obligation],
    *,
    receipts: tuple[Receipt, ...] | None = None,
    possible_since: datetime | None = None,
) -> Obligation:
    """Return the obligation: what people and receipts said of it before stays said.

    One that had lost its ground begins anew: what met it then does not meet it now.
    """
    old = before.get(key)
    kept = None if old is None or old.is_void else old
    if receipts is None:
        receipts = () if kept is None else kept.receipts
    return Obligation(
        incident=case.number,
        clause=key[0],
        customer=key[1],
        basis=terms.basis,
        version=terms.version,
        window=terms.window,
        in_writing=terms.in_writing,
        aware_at=clock.aware_at,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        strict_due_at=clock.strict_due_at,
        possible_since=possible_since,
        revision=1 if old is None else old.revision + (old.clock != clock),
        receipts=receipts,
        late_reason="" if kept is None else kept.late_reason,
        waived="" if kept is None else kept.waived,
        was_waived="" if kept is None else kept.was_waived,
        is_unregistered=terms.is_unregistered,
    )

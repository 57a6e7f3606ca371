"""Correcting the instant of awareness: never an edit, always a further entry.

Earlier: one person, at once. Later, or void: two different persons; the first asks, nothing
changes, and with the second's agreement it takes effect. Both instants stay to be seen.

Source: EDPB Guidelines 9/2022, on awareness and on withdrawing a notification.
"""

from datetime import datetime

from sqlalchemy import Connection

from incidents.assessment.beginning import not_before
from incidents.assessment.bodies import Corrected, Proposed
from incidents.assessment.case import Awareness, Case
from incidents.assessment.deciding import a_person, case_of, past, said
from incidents.assessment.entries import say
from incidents.assessment.states import Move, after
from tocsin.errors import Refusal
from tocsin.model.principals import Principal


def correct(
    db: Connection,
    number: int,
    *,
    aware_at: datetime | None,
    why: str,
    earlier_because: str = "",
    principal: Principal,
    now: datetime,
) -> Case:
    """Put awareness at another instant.

    Args:
        db: A transaction.
        number: Of the incident.
        aware_at: The instant, with a time zone; None withdraws the awareness.
        why: Reasons.
        earlier_because: Why before the incident's first event and every report of it.
        principal: A person.
        now: When.

    Returns:
        The case: corrected where it is earlier; with a proposal that waits for a second person
        where it is later or void.

    Raises:
        Refusal: The same one waits already, or it cannot be; nothing was changed.
    """
    case = case_of(db, number)
    a_person(principal)
    standing = _standing(case, void=aware_at is None)
    reasons = said(why)
    if aware_at is None:
        _not_asked_yet(case, None)
        say(db, number, Proposed(standing.aware_at, None, reasons), principal=principal, now=now)
        return case_of(db, number)
    aware_at = past(aware_at, now)
    if aware_at == standing.aware_at:
        raise Refusal(
            f"incident {number}: awareness stands at {aware_at.isoformat()} already",
            hint="There is nothing to correct.",
        )
    _not_asked_yet(case, aware_at)
    earlier = not_before(db, case, aware_at, earlier_because)
    body = (
        Corrected(standing.aware_at, aware_at, reasons, earlier_because=earlier)
        if aware_at < standing.aware_at
        else Proposed(standing.aware_at, aware_at, reasons, earlier)
    )
    say(db, number, body, principal=principal, now=now)
    return case_of(db, number)


def agree(db: Connection, number: int, *, entry: int, principal: Principal, now: datetime) -> Case:
    """Agree, as the second person, to what another asked for; it takes effect.

    Args:
        db: A transaction.
        number: Of the incident.
        entry: Number of the entry that asked.
        principal: A person, another than who asked.
        now: When.

    Raises:
        Refusal: Nothing was changed.
    """
    case = case_of(db, number)
    a_person(principal)
    asked = next((one for one in case.proposals if one.entry == entry), None)
    if asked is None:
        raise Refusal(
            f"incident {number}: no correction waits under entry {entry}",
            hint="A correction made since ends those that waited; ask for it again.",
        )
    if principal.is_same_person(asked.principal):
        raise Refusal(
            f"entry {entry} was asked for by {asked.principal}; agreeing takes a second person",
            hint=principal.second_person("agree"),
        )
    _standing(case, void=asked.aware_at is None)
    body = Corrected(
        asked.former_at, asked.aware_at, asked.why, entry, earlier_because=asked.earlier_because
    )
    say(db, number, body, principal=principal, now=now)
    return case_of(db, number)


def _not_asked_yet(case: Case, aware_at: datetime | None) -> None:
    """Return if no such correction waits; another instant may be asked for beside it.

    Raises:
        Refusal: One does: it waits for a second person, not for a second asking.
    """
    asked = next((one for one in case.proposals if one.aware_at == aware_at), None)
    if asked is not None:
        raise Refusal(
            f"incident {case.number}: {asked.principal} has asked for this correction already",
            hint=f"A second person agrees: tocsin incident agree {case.number} {asked.entry}",
        )


def _standing(case: Case, *, void: bool) -> Awareness:
    if case.awareness is None:
        raise Refusal(
            f"incident {case.number}: no awareness is recorded",
            hint="Confirm it first, or there is nothing to correct.",
        )
    if void and after(case.assessment, Move.VOID, aware=True) is None:
        raise Refusal(
            f"incident {case.number} is {case.assessment!s}: its awareness cannot be withdrawn",
            hint="Reopen it first.",
        )
    return case.awareness

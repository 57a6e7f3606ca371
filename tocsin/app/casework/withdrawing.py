"""Who was told of a breach that, for its data, was none, and has not been told so.

Told is whom a notice reached: it left, or may have, and did not come back. Such a customer may have
notified its authority, or people; nothing that is owed reminds anybody of it any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents import assessment, impact, obligations
from incidents.assessment import Assessment, Case
from incidents.assessment.entries import entries
from incidents.documents import Ground, Told
from incidents.impact import ImpactRun, Standing
from incidents.notices.coded import WITHDRAWN
from incidents.obligations import NOTICE, Touched
from tocsin.app.casework import people, reaching

SAYS: Mapping[Ground, str] = {
    "no_breach": "that it was no breach",
    "excluded": "that its data are not among those touched",
}
"""What such a customer has to be told."""


class Withdrawal(NamedTuple):
    """What one customer has to be told.

    Attributes:
        ground: What is judged now.
        told: The last notice that reached it.
        on_its_way: Whether a notice that says so waits to be sent.
        asked_since: Reasons that were given before this instant were given for something else.
    """

    ground: Ground
    told: Told
    on_its_way: bool
    asked_since: datetime


def untold(db: Connection, number: int) -> dict[str, Withdrawal]:
    """Return the customers that have to be told, by id.

    Args:
        db: A transaction.
        number: Of the incident.
    """
    case = assessment.show(db, number).case
    last = reaching.told_last(db, number)
    told = {one: said for one, said in last.items() if said.status != WITHDRAWN}
    if not told or case.merged_into is not None:
        return {}
    why = grounds(db, case, sorted(told))
    waiting = reaching.withdrawn_under_way(db, number) if why else frozenset()
    return {
        one: Withdrawal(
            ground,
            told[one],
            one in waiting,
            max(told[one].at, (ground == "no_breach" and case.begun_again_at) or told[one].at),
        )
        for one, ground in why.items()
    }


def unsettled(found: Mapping[str, Withdrawal]) -> list[str]:
    """Return what keeps an incident from being closed, each in a few words."""
    return [
        f"{one} was told of a breach, and not yet {SAYS[said.ground]}"
        for one, said in found.items()
    ]


def unexplained(db: Connection, number: int, found: Mapping[str, Withdrawal]) -> frozenset[str]:
    """Return those of whom nobody has said why yet: nothing can be rendered for them."""
    said_at = people.given(db, number).withdrawal_at if found else None
    return frozenset(
        one for one, said in found.items() if said_at is None or said_at <= said.asked_since
    )


def grounds(db: Connection, case: Case, customers: Sequence[str]) -> dict[str, Ground]:
    """Return why those of these customers who were told of a breach have to be told of none."""
    if case.awareness is None:
        # A breach that was withdrawn, and not judged again, may still be one.
        over = case.assessment in (Assessment.NO_BREACH, Assessment.CLOSED)
        return dict.fromkeys(customers, "no_breach") if over else {}
    return dict.fromkeys(excluded(db, case.number, customers), "excluded")


def excluded(db: Connection, number: int, customers: Iterable[str]) -> list[str]:
    """Return those customers of a breach that are judged not to be touched, in their order."""
    run = impact.last(db, number)
    touched = obligations.touched(entries(db, number))
    waived = {
        one.customer
        for one in obligations.obligations(db, number)
        if one.clause == NOTICE and one.waived
    }
    return [
        one
        for one in customers
        if _is_excluded(run, one, touched.get(one), is_waived=one in waived)
    ]


def _is_excluded(
    run: ImpactRun | None, customer: str, touched: Touched | None, *, is_waived: bool
) -> bool:
    """Return whether it is judged not to be touched, by the newest run or by a person.

    Whom a person named when it was judged is not ruled out by a run alone.
    """
    said = run.of(customer) if run is not None else None
    if said is not None and said.standing is Standing.EXCLUDED:
        return is_waived or touched is None or not touched.is_known
    return touched is not None and not touched.is_confirmed and touched.answer == "exclude"

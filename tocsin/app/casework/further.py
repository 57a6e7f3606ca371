"""A further report on an incident that is there: found by detection, or reported before.

The strict reading follows it: it counts from the first detection or receipt, whichever was typed in
when. Awareness does not: that is a person's judgement, and a person corrects it.
"""

from collections.abc import Iterator
from datetime import datetime

from incidents import assessment
from incidents.assessment import Case, Told
from incidents.assessment.deciding import proposed_awareness
from incidents.obligations import Obligation
from notifiers import outbox
from tocsin.app.casework import recalling, telling
from tocsin.app.casework.desk import Desk
from tocsin.model.principals import Principal


def report(
    desk: Desk, number: int, told: Told, *, principal: Principal, now: datetime
) -> tuple[Case, list[Obligation]]:
    """Attach a report to an incident and alert the team; return its case and what it owes now.

    Raises:
        Refusal: See :func:`incidents.assessment.add_report`, or no law holds on the day of its
            receipt; nothing was changed.
    """
    with desk.store.begin() as db:
        before = assessment.show(db, number).case.assessment
        case = assessment.add_report(db, number, told, principal=principal, now=now)
        desk.law.must_hold(told.received_at, what="received")
        owed = recalling.follow(desk, db, number, principal=principal, now=now)
        again = case.assessment != before
        for message in telling.further(
            desk.config, case, case.reports[-1], now, begins_again=again
        ):
            outbox.put(db, message, principal=principal, now=now)
        return case, owed


def lines(case: Case) -> Iterator[str]:
    """Yield what a further report says of a case, and what a person may have to correct."""
    many = f"{len(case.reports)} report" + "s" * (len(case.reports) > 1)
    yield (
        f"incident {case.number} has {many}; known since {case.known_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"by {case.known_by}"
    )
    proposed, aware = proposed_awareness(case), case.awareness
    if proposed is not None and aware is not None and proposed < aware.aware_at:
        yield (
            f"! A report received at {proposed:%Y-%m-%d %H:%M:%S} UTC said itself that personal "
            "data were breached, before you were aware. If it counts: tocsin incident correct "
            f"{case.number} --aware-at {proposed:%Y-%m-%dT%H:%M:%SZ} --why …"
        )

"""Impact runs that events have overtaken are made again: nobody has to think of it.

Only where a run was made already, and only kept where it says something else: a run that says the
same would void approvals for nothing.
"""

from collections.abc import Iterator, MutableMapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from incidents import assessment, impact
from incidents.assessment import Assessment
from incidents.impact import ImpactRun, Standing
from notifiers import outbox
from tocsin.app.casework import impacts, telling
from tocsin.app.casework.desk import Desk
from tocsin.model.findings import Incident
from tocsin.model.principals import SERVICE
from tocsin.store.cases import incidents

OVER = (Assessment.NO_BREACH, Assessment.CLOSED)

EVERY = timedelta(hours=1)
"""How often at most a run is tried again because something else than the incident has grown."""

Tried = MutableMapping[int, datetime]
"""Incident → when its impact was computed last, whether that was kept or not."""


def remeasure(desk: Desk, tried: Tried, now: datetime) -> list[impacts.Impacted]:
    """Make impact runs again that events have overtaken, each in a transaction of its own.

    Customers that a run shows for the first time get their clocks, and the team is told how many
    there are.

    Args:
        desk: The desk.
        tried: When each was computed last; kept up by this.
        now: When.

    Returns:
        The runs that say something else than the ones before.

    Raises:
        ArchiveError: A segment is missing or damaged.
        Refusal: An incident's events are no longer in the archive.
    """
    with desk.store.read() as db:
        due = list(_due(desk, db, tried, now))
    made = list[impacts.Impacted]()
    for number, incident in due:
        tried[number] = now
        try:
            with desk.store.begin() as db:
                made.append(_again(desk, db, number, incident, now))
        except _SameError:
            continue  # rolled back
    return made


class _SameError(Exception):
    """The new run says what the one before said."""


def _due(desk: Desk, db: Connection, tried: Tried, now: datetime) -> Iterator[tuple[int, Incident]]:
    for stored in incidents(db):
        last = impact.last(db, stored.number)
        if last is None or not last.query.watched_until:  # what a person stated stays so
            continue
        if assessment.show(db, stored.number).case.assessment in OVER:
            continue
        changed = impact.outdated(db, desk.archive, stored.incident, last)
        if impact.EVENTS in changed or (
            impact.ARCHIVE in changed and now - tried.get(stored.number, now - EVERY) >= EVERY
        ):
            yield stored.number, stored.incident


def _again(
    desk: Desk, db: Connection, number: int, incident: Incident, now: datetime
) -> impacts.Impacted:
    before = impact.last(db, number)
    assert before is not None
    run = impact.run(db, desk.archive, incident, number, principal=SERVICE, now=now)
    if not impact.difference(before, run):
        raise _SameError
    found = impacts.take(desk, db, run, before, principal=SERVICE, now=now)
    for message in telling.remeasured(desk.config, number, run.number, *_new(before, run)):
        outbox.put(db, message, principal=SERVICE, now=now)
    return found


def _new(before: ImpactRun, after: ImpactRun) -> tuple[int, int]:
    """Return how many customers are confirmed, and possible, that were not before."""

    def those(run: ImpactRun, standing: Standing) -> set[str]:
        return {one.customer for one in run.customers if one.standing is standing}

    confirmed = those(after, Standing.CONFIRMED) - those(before, Standing.CONFIRMED)
    possible = those(after, Standing.POSSIBLE) - those(before, Standing.POSSIBLE)
    return len(confirmed), len(possible)

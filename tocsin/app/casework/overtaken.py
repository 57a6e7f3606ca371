"""Impact runs that events have overtaken are made again: nobody has to think of it.

Only where a run was made already, and only kept where it says something else: a run that says the
same would void approvals for nothing. They look as far as a person had the last one look.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from incidents import assessment, impact
from incidents.assessment import Assessment
from incidents.impact import ImpactRun, Standing
from notifiers import outbox
from tocsin.app.casework import beside, impacts, telling
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.findings import Incident
from tocsin.model.principals import SERVICE
from tocsin.store.cases import incidents

OVER = (Assessment.NO_BREACH, Assessment.CLOSED)

EVERY = timedelta(hours=1)
"""How often at most a run is tried again because something else than the incident has grown."""


class Tried(NamedTuple):
    """When an incident's impact was computed last, kept or not, and from what."""

    at: datetime
    made_from: Mapping[str, str | int]


def remeasure(desk: Desk, tried: MutableMapping[int, Tried], now: datetime) -> dict[int, Refusal]:
    """Make impact runs again that events have overtaken, each in a transaction of its own.

    Customers that a run shows for the first time get their clocks, and the team is told how many
    there are.

    Args:
        desk: The desk.
        tried: What was computed last, by incident; kept up by this.
        now: When.

    Returns:
        Incidents whose impact cannot be computed again, and why; the others' was.

    Raises:
        ArchiveError: A segment is missing or damaged.
    """
    with desk.store.read() as db:
        due = list(_due(desk, db, tried, now))
    refused = dict[int, Refusal]()
    for number, incident, made_from in due:
        try:
            if not _again(desk, number, incident, now):
                continue  # somebody was quicker: the next pass looks again
        except Refusal as error:
            refused[number] = error
        tried[number] = Tried(now, made_from)
    return refused


def _due(
    desk: Desk, db: Connection, tried: Mapping[int, Tried], now: datetime
) -> Iterator[tuple[int, Incident, Mapping[str, str | int]]]:
    for stored in incidents(db):
        last = impact.last(db, stored.number)
        # Of what was only reported, no event will tell more than a person stated.
        if last is None or not (last.query.watched_until or stored.incident.event_ids):
            continue
        if assessment.show(db, stored.number).case.assessment in OVER:
            continue
        before = tried.get(stored.number, Tried(now - EVERY, {}))
        made_from = impact.present(db, desk.archive, stored.incident, last)
        news = {
            what
            for what in impact.outdated(last, made_from)
            if before.made_from.get(what) != made_from[what]
        }
        grown = bool(news & {impact.ARCHIVE, impact.UNREAD})
        if impact.EVENTS in news or (grown and now - before.at >= EVERY):
            yield stored.number, stored.incident, made_from


def _again(desk: Desk, number: int, incident: Incident, now: datetime) -> bool:
    """Make a run again; return whether it was compared with the last one there is."""
    with desk.store.read() as db:
        last = impact.last(db, number)
        scope = last.scope if last is not None else impact.Scope()
        told = impact.compute(
            db, desk.archive, incident, number, principal=SERVICE, now=now, scope=scope
        )
        made = beside.together(told, beside.stated(last))
        if last is None or not impact.difference(last, made):
            return True
    with desk.store.begin() as db:
        before = impact.last(db, number)
        if before is None or not impacts.is_same(last, before):
            return False
        run = impact.keep(db, made, principal=SERVICE, now=now)
        taken = impacts.take(desk, db, run, before, principal=SERVICE, now=now)
        confirmed, possible = _new(before, run)
        for message in telling.remeasured(
            desk.config,
            number,
            run.number,
            confirmed=confirmed,
            possible=possible,
            again=taken.asked_again,
            owed_again=taken.owed_again,
        ):
            outbox.put(db, message, principal=SERVICE, now=now)
    return True


def _new(before: ImpactRun, after: ImpactRun) -> tuple[int, int]:
    """Return how many customers are confirmed, and possible, that were not before."""

    def those(run: ImpactRun, standing: Standing) -> set[str]:
        return {one.customer for one in run.customers if one.standing is standing}

    confirmed = those(after, Standing.CONFIRMED) - those(before, Standing.CONFIRMED)
    possible = those(after, Standing.POSSIBLE) - those(before, Standing.POSSIBLE)
    return len(confirmed), len(possible)

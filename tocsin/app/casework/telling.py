"""Alerts and reminders for the team, as messages: no customer, no person, nothing from a log."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from incidents.assessment import Case, Report
from incidents.obligations import Due
from notifiers import alerts
from notifiers.alert_words import AlertText
from notifiers.base import Channel, Message, Purpose
from notifiers.standing import Standing
from notifiers.unaltered import ALTERED
from tocsin.app.casework.reminding import reminder
from tocsin.app.config import Config
from tocsin.model.findings import Incident, Level
from tocsin.model.instants import from_us, to_us
from tocsin.store.cases import findings


def opened(
    db: Connection, config: Config, number: int, incident: Incident, now: datetime
) -> list[Message]:
    """Return the alerts on a new incident."""
    team = config.team
    if incident.level < Level.parse(team.level):
        return []
    found = [one for one in findings(db, incident.finding_ids) if not one.disposition]
    found.sort(key=lambda one: -one.level)
    titles = Counter(one.title for one in found)
    text = alerts.incident_opened(
        number=number,
        level=str(incident.level),
        rules=dict(titles),
        first_event_at=from_us(incident.opened_at),
        opened_at=now,
        language=team.language,
        zone=ZoneInfo(team.zone),
    )
    key = f"alert-{number}-{incident.level}"
    return list(_to_team(config, text, key, number, Purpose.ALERT))


def reported(config: Config, case: Case, report: Report, now: datetime) -> list[Message]:
    """Return the alerts on an incident that somebody reported: not a word of the report."""
    team = config.team
    if Level.parse(case.level) < Level.parse(team.level):
        return []
    text = alerts.incident_reported(
        number=case.number,
        level=case.level,
        reporter=report.reporter,
        received_at=report.received_at,
        opened_at=now,
        language=team.language,
        zone=ZoneInfo(team.zone),
    )
    key = f"alert-{case.number}-{case.level}"
    return list(_to_team(config, text, key, case.number, Purpose.ALERT))


def further(
    config: Config, case: Case, report: Report, now: datetime, *, begins_again: bool
) -> list[Message]:
    """Return the alerts on a further report of an incident: not a word of it either."""
    team = config.team
    if Level.parse(case.level) < Level.parse(team.level):
        return []
    text = alerts.report_added(
        number=case.number,
        level=case.level,
        reporter=report.reporter,
        received_at=report.received_at,
        taken_at=now,
        begins_again=begins_again,
        language=team.language,
        zone=ZoneInfo(team.zone),
    )
    key = f"alert-{case.number}-report-{len(case.reports)}"
    return list(_to_team(config, text, key, case.number, Purpose.ALERT))


def remeasured(
    config: Config,
    number: int,
    run: int,
    *,
    confirmed: int,
    possible: int,
    again: int,
    owed_again: int,
) -> list[Message]:
    """Return the alerts on an impact that turned out otherwise than computed before."""
    text = alerts.impact_changed(
        number=number,
        run=run,
        confirmed=confirmed,
        possible=possible,
        again=again,
        owed_again=owed_again,
        language=config.team.language,
    )
    return list(_to_team(config, text, f"impact-{number}-{run}", number, Purpose.ALERT))


def reminders(config: Config, due: Iterable[Due]) -> list[Message]:
    """Return the reminders that fell due in one tick: one message an incident, whatever fell."""
    by_incident: dict[int, list[Due]] = {}
    for one in due:
        by_incident.setdefault(one.obligation.incident, []).append(one)
    made = list[Message]()
    for number, fell in by_incident.items():
        # A key leaves the house as the Message-ID: the customers in it must not be read from it.
        keys = "\n".join(sorted(one.key for one in fell))
        digest = hashlib.blake2b(keys.encode(), digest_size=16).hexdigest()
        text = reminder(config.team.language, config.team.zone, number, fell)
        made += _to_team(config, text, f"reminder-{number}-{digest}", number, Purpose.REMINDER)
    return made


def failed(config: Config, standing: Standing) -> list[Message]:
    """Return the alerts on a message that failed."""
    text = alerts.message_failed(
        key=standing.key,
        number=standing.incident or 0,
        channel=str(standing.channel),
        attempts=standing.attempts,
        is_altered=standing.why.startswith(ALTERED),
        language=config.team.language,
    )
    digest = hashlib.blake2b(standing.key.encode(), digest_size=16).hexdigest()
    key = f"failed-{digest}-{standing.attempts}"
    return list(_to_team(config, text, key, standing.incident, Purpose.ALERT))


def stuck(config: Config, together: Sequence[Standing], *, is_near: bool) -> list[Message]:
    """Return the alerts on messages of one incident and channel that were queued together.

    ``is_near``: A notice among them is due soon. That is an alert of its own.
    """
    first = together[0]
    text = alerts.messages_stuck(
        key=first.key,
        number=first.incident or 0,
        channel=str(first.channel),
        count=len(together),
        is_near=is_near,
        language=config.team.language,
    )
    key = f"stuck-{first.incident}-{first.channel}-{to_us(first.queued_at)}" + "-near" * is_near
    return list(_to_team(config, text, key, first.incident, Purpose.ALERT))


def _to_team(
    config: Config, text: AlertText, key: str, number: int | None, purpose: Purpose
) -> Iterator[Message]:
    team = config.team
    for place, address in enumerate(team.emails, 1):
        yield Message(
            key=f"{key}-{place}",
            channel=Channel.EMAIL,
            to=address,
            subject=text.subject,
            body_text=text.body,
            language=team.language,
            incident=number,
            purpose=purpose,
        )
    if team.webhook and config.notifiers.webhook is not None:
        yield Message(
            key=f"{key}-webhook",
            channel=Channel.WEBHOOK,
            to=config.notifiers.webhook.name,
            subject=text.subject,
            body_text=text.body,
            language=team.language,
            incident=number,
            purpose=purpose,
        )

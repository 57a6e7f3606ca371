"""What the security team is told, in French or English: that something happened, and where to look.

An alert leaves the house, perhaps to a chat service: no customer, no person, no address, no
identity from a log stands in it. It is made of plain values; rule titles are ours.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from notifiers.alert_words import (
    AGAIN,
    ALTERED,
    EXERCISE,
    FAILED,
    FURTHER,
    IMPACT,
    LEVELS,
    LOOK,
    OPENED,
    REPORTED,
    REPORTERS,
    STUCK,
    STUCK_NEAR,
    AlertText,
    Language,
)

UTC_ZONE = ZoneInfo("UTC")


def incident_opened(
    *,
    number: int,
    level: str,
    rules: Mapping[str, int],
    first_event_at: datetime,
    opened_at: datetime,
    language: Language,
    zone: tzinfo = UTC_ZONE,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on a new incident.

    Args:
        number: The incident's.
        level: E.g. ``high``.
        rules: Titles of the rules that found something, the most urgent first, each with how many
            findings.
        first_event_at: When the first event happened.
        opened_at: When the incident was opened.
        language: Of the team.
        zone: In which the instants are shown, beside UTC.
        link: To the incident's page, behind a login; "" names the command.
        exercise: Marks a drill.
    """
    named = "\n".join(
        f"  {count} × {_named(title, language)}"  # noqa: RUF001 - the sign of multiplication
        for title, count in rules.items()
    )
    return _filled(
        OPENED[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        level=LEVELS[language][level],
        title=_named(next(iter(rules), ""), language),
        first=shown(first_event_at, zone, language),
        opened=shown(opened_at, zone, language),
        count=sum(rules.values()),
        rules=named,
    )


def incident_reported(
    *,
    number: int,
    level: str,
    reporter: str,
    received_at: datetime,
    opened_at: datetime,
    language: Language,
    zone: tzinfo = UTC_ZONE,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on an incident that somebody reported.

    Neither its title nor a word of the report is in it: people name customers in them.

    Args:
        number: The incident's.
        level: E.g. ``high``.
        reporter: Who they are to us, e.g. ``customer``.
        received_at: When the report reached us.
        opened_at: When the incident was opened.
        language: Of the team.
        zone: In which the instants are shown, beside UTC.
        link: To the incident's page, behind a login; "" names the command.
        exercise: Marks a drill.
    """
    return _filled(
        REPORTED[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        level=LEVELS[language][level],
        who=REPORTERS[language][reporter],
        received=shown(received_at, zone, language),
        opened=shown(opened_at, zone, language),
    )


def report_added(
    *,
    number: int,
    level: str,
    reporter: str,
    received_at: datetime,
    taken_at: datetime,
    begins_again: bool,
    language: Language,
    zone: tzinfo = UTC_ZONE,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on a further report of an incident that is there: not a word of it.

    Args:
        number: The incident's.
        level: E.g. ``high``.
        reporter: Who they are to us, e.g. ``customer``.
        received_at: When the report reached us.
        taken_at: When it was typed in.
        begins_again: The incident was closed, or no breach.
        language: Of the team.
        zone: In which the instants are shown, beside UTC.
        link: To the incident's page, behind a login; "" names the command.
        exercise: Marks a drill.
    """
    return _filled(
        FURTHER[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        level=LEVELS[language][level],
        who=REPORTERS[language][reporter],
        again=AGAIN[language] if begins_again else "",
        received=shown(received_at, zone, language),
        taken=shown(taken_at, zone, language),
    )


def impact_changed(
    *,
    number: int,
    run: int,
    confirmed: int,
    possible: int,
    again: int = 0,
    owed_again: int = 0,
    language: Language,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on an impact that changed. How many customers, never which.

    ``again``: Of how many that a person decided on it says more than what was decided upon.
    ``owed_again``: To how many something is owed though it was waived, for the same reason.
    """
    return _filled(
        IMPACT[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        run=run,
        confirmed=confirmed,
        possible=possible,
        again=again,
        owed_again=owed_again,
    )


def message_failed(
    *,
    key: str,
    number: int,
    channel: str,
    attempts: int,
    is_altered: bool = False,
    language: Language,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on a message that failed. Its recipient is not named: the page does.

    ``is_altered``: It was altered in the store since it was queued.
    """
    return _filled(
        (ALTERED if is_altered else FAILED)[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        key=key,
        channel=channel,
        attempts=attempts,
    )


def messages_stuck(
    *,
    key: str,
    number: int,
    channel: str,
    count: int,
    is_near: bool = False,
    language: Language,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on messages that were sent together and still wait, one of them named.

    ``is_near``: One of them is due soon, or was.
    """
    return _filled(
        (STUCK_NEAR if is_near else STUCK)[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        key=key,
        channel=channel,
        count=count,
    )


def _filled(
    forms: AlertText,
    language: Language,
    *,
    number: int,
    link: str,
    exercise: bool,
    **facts: object,
) -> AlertText:
    look = LOOK[language][0 if link else 1].format(link=link, number=number)
    mark = EXERCISE[language] if exercise else ""
    subject, body = (
        form.format(mark=mark, number=number, next=look, **facts).rstrip(" \u00a0:")
        for form in forms
    )
    return AlertText(subject[:200], body)


def shown(at: datetime, zone: tzinfo, language: Language) -> str:
    """Return an instant as the team reads it: in UTC, and by its own clock beside it."""
    text = format_datetime(at, "yyyy-MM-dd HH:mm:ss 'UTC'", tzinfo=UTC_ZONE, locale=language)
    if at.astimezone(zone).utcoffset() == at.astimezone(UTC_ZONE).utcoffset():
        return text
    local = format_datetime(at, "EEE HH:mm", tzinfo=zone, locale=language)
    return f"{text} ({local} {at.astimezone(zone).tzname()})"


def _named(title: str, language: Language) -> str:
    """Return a rule's title: rules have English names, which French text quotes."""
    plain = _plain(title)
    return f"«\u00a0{plain}\u00a0»" if plain and language == "fr" else plain


def _plain(text: str) -> str:
    """Return text on one line, without what a header or a terminal would stumble over."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

"""What the security team is told, in French or English: that something happened, and where to look.

An alert leaves the house, perhaps to a chat service: no customer, no person, no address, no
identity from a log stands in it. It is made of plain values; rule titles are ours.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

Language = Literal["fr", "en"]

UTC_ZONE = ZoneInfo("UTC")

LEVELS = {
    "en": {
        "informational": "informational",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "critical": "critical",
    },
    "fr": {
        "informational": "informatif",
        "low": "faible",
        "medium": "moyen",
        "high": "élevé",
        "critical": "critique",
    },
}


class AlertText(NamedTuple):
    """An alert, ready for a message.

    Attributes:
        subject: One line.
        body: Plain text.
    """

    subject: str
    body: str


OPENED = {
    "en": AlertText(
        "{mark}Incident {number}, level {level}: {title}",
        "{mark}Tocsin opened incident {number}, level {level}.\n"
        "\n"
        "First event   {first}\n"
        "Opened        {opened}\n"
        "Findings      {count}\n"
        "{rules}\n"
        "\n"
        "Nobody has judged yet whether this is a breach. By the strict reading the time runs since "
        "the incident was opened.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}, niveau {level}\u00a0: {title}",
        "{mark}Tocsin a ouvert l'incident {number}, niveau {level}.\n"
        "\n"
        "Premier événement   {first}\n"
        "Ouvert              {opened}\n"
        "Constats            {count}\n"
        "{rules}\n"
        "\n"
        "Personne n'a encore jugé s'il s'agit d'une violation. Selon la lecture stricte, le délai "
        "court depuis l'ouverture de l'incident.\n"
        "À faire\u00a0: {next}\n",
    ),
}

REPORTED = {
    "en": AlertText(
        "{mark}Incident {number}, level {level}: reported by {who}",
        "{mark}Incident {number}, level {level}, was opened on a report by {who}.\n"
        "\n"
        "Received   {received}\n"
        "Opened     {opened}\n"
        "\n"
        "Nobody has judged yet whether this is a breach. By the strict reading the time runs since "
        "the report was received.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}, niveau {level}\u00a0: signalé par {who}",
        "{mark}L'incident {number}, niveau {level}, a été ouvert sur un signalement par {who}.\n"
        "\n"
        "Reçu      {received}\n"
        "Ouvert    {opened}\n"
        "\n"
        "Personne n'a encore jugé s'il s'agit d'une violation. Selon la lecture stricte, le délai "
        "court depuis la réception du signalement.\n"
        "À faire\u00a0: {next}\n",
    ),
}

REPORTERS = {
    "en": {
        "person": "a person",
        "customer": "a customer",
        "supplier": "a supplier",
        "researcher": "a researcher",
        "authority": "an authority",
        "press": "the press",
    },
    "fr": {
        "person": "une personne",
        "customer": "un client",
        "supplier": "un fournisseur",
        "researcher": "un chercheur",
        "authority": "une autorité",
        "press": "la presse",
    },
}

FAILED = {
    "en": AlertText(
        "{mark}A message of incident {number} did not reach its recipient",
        "{mark}A message of incident {number} was not delivered ({channel}, {attempts} attempts) "
        "and is not tried again.\n"
        "\n"
        "Message   {key}\n"
        "\n"
        "The recipient does not count as notified. Reach them in another way now.\n"
        "When what kept it is mended: `tocsin notice again {key} --why TEXT`\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Un message de l'incident {number} n'est pas parvenu à son destinataire",
        "{mark}Un message de l'incident {number} n'a pas été remis ({channel}, {attempts} "
        "tentatives) et ne sera pas renvoyé.\n"
        "\n"
        "Message   {key}\n"
        "\n"
        "Le destinataire n'est pas considéré comme notifié. Le joindre autrement, dès maintenant.\n"
        "Une fois la cause corrigée\u00a0: `tocsin notice again {key} --why TEXTE`\n"
        "À faire\u00a0: {next}\n",
    ),
}

LOOK = {
    "en": ("open {link}", "run `tocsin incident show {number}`"),
    "fr": ("ouvrir {link}", "lancer `tocsin incident show {number}`"),
}

EXERCISE = {"en": "EXERCISE - ", "fr": "EXERCICE - "}


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


def message_failed(
    *,
    key: str,
    number: int,
    channel: str,
    attempts: int,
    language: Language,
    link: str = "",
    exercise: bool = False,
) -> AlertText:
    """Return the alert on a message that failed. Its recipient is not named: the page does."""
    return _filled(
        FAILED[language],
        language,
        number=number,
        link=link,
        exercise=exercise,
        key=key,
        channel=channel,
        attempts=attempts,
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

"""The words of a reminder: what fell due, how often, and how the clocks stand."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from incidents import obligations
from incidents.obligations import Due, Standing
from notifiers.alerts import AlertText

Language = Literal["fr", "en"]
SUBJECT = {"en": "Incident {number}: {what}", "fr": "Incident {number} : {what}"}
BODY = {
    "en": "Incident {number}\n\n{lines}\n\nThe nearest is due {strict} by the strict reading, "
    "{due} by the contract or law.\nNext: run `tocsin incident show {number}`\n",
    "fr": "Incident {number}\n\n{lines}\n\nPremière échéance : {strict} selon la lecture stricte, "
    "{due} selon le contrat ou la loi.\nÀ faire : lancer `tocsin incident show {number}`\n",
}
CLAUSES = {
    "en": {
        obligations.NOTICE: "notice to a customer",
        obligations.OWN_FILING: "our own filing with the authority",
        obligations.POSSIBLE: "decision about a possible customer",
        obligations.law.DECISION: "decision whether it is a breach",
        obligations.law.STRICT: "notice, counted from detection or report",
    },
    "fr": {
        obligations.NOTICE: "notification à un client",
        obligations.OWN_FILING: "notre propre notification à l'autorité",
        obligations.POSSIBLE: "décision sur un client peut-être touché",
        obligations.law.DECISION: "décision : violation ou non",
        obligations.law.STRICT: "notification, comptée depuis la détection ou le signalement",
    },
}
NAMES = {
    "en": {"due-": "due in {span}", "due": "due now", "aware+": "{span} after awareness"},
    "fr": {
        "due-": "échéance dans {span}",
        "due": "échéance atteinte",
        "aware+": "{span} après la prise de connaissance",
    },
}
UNITS = {"en": {"h": "h", "d": "d"}, "fr": {"h": "h", "d": "j"}}
LATE = {"en": "told {span} late", "fr": "rappel en retard de {span}"}
HOURS_FROM = 120
"""Minutes from which a span is told in hours."""

STANDINGS = {
    "en": {one: str(one) for one in Standing},
    "fr": {
        Standing.RUNNING: "en cours",
        Standing.MET: "rempli",
        Standing.LATE: "rempli en retard",
        Standing.OVERDUE: "en retard",
        Standing.WAIVED: "levé",
        Standing.VOID: "sans objet",
    },
}


def reminder(language: Language, zone: str, number: int, fell: Iterable[Due]) -> AlertText:
    """Return what fell due in one tick of one incident.

    Args:
        language: Of the team.
        zone: In which the team reads instants, beside UTC.
        number: Of the incident.
        fell: At least one; the nearest stands in the subject.
    """
    fell = sorted(fell, key=lambda one: one.obligation.strict_due_at)
    lines = Counter(_line(language, one) for one in fell)
    what = f"{_clause(language, fell[0])}, {_names(language, fell[0])}"
    more = f" (+{len(fell) - 1})" if len(fell) > 1 else ""
    return AlertText(
        SUBJECT[language].format(number=number, what=what + more),
        BODY[language].format(
            number=number,
            lines="\n".join(f"{many} × {line}" for line, many in lines.items()),  # noqa: RUF001
            strict=_shown(fell[0].obligation.strict_due_at, zone, language),
            due=_shown(min(one.obligation.due_at for one in fell), zone, language),
        ),
    )


def _line(language: Language, one: Due) -> str:
    parts = [_names(language, one), STANDINGS[language][one.standing]]
    if one.is_late:
        minutes = one.late_by // timedelta(minutes=1)
        span = f"{minutes} min" if minutes < HOURS_FROM else f"{minutes // 60} h"
        parts.append(LATE[language].format(span=span))
    return f"{_clause(language, one)}: {'; '.join(parts)}"


def _clause(language: Language, one: Due) -> str:
    clause = one.obligation.clause
    return CLAUSES[language].get(clause, clause)


def _names(language: Language, one: Due) -> str:
    return ", ".join(_name(language, name) for name in one.names)


def _name(language: Language, name: str) -> str:
    found = re.fullmatch(r"(due-|due|aware\+)(?:([\d.]+)([hd]))?", name)
    if found is None:
        return name
    span = f"{found[2]} {UNITS[language][found[3]]}" if found[2] else ""
    return NAMES[language][found[1]].format(span=span)


def _shown(at: datetime, zone: str, language: Language) -> str:
    local = format_datetime(at, "EEE HH:mm zzz", tzinfo=ZoneInfo(zone), locale=language)
    return f"{at:%Y-%m-%d %H:%M} UTC ({local})"

"""The words of a reminder: what fell due, how often, and how the clocks stand."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from incidents import obligations
from incidents.obligations import NOTICE, Due, Standing
from notifiers.alert_words import AlertText
from notifiers.alerts import shown

Language = Literal["fr", "en"]
SUBJECT = {"en": "Incident {number}: {what}", "fr": "Incident {number}\u00a0: {what}"}
BODY = {
    "en": "Incident {number}\n\n{lines}\n\nThe nearest is due {strict} by the strict reading, "
    "{due} by the contract or law.\nNext: run `tocsin incident show {number}`\n",
    "fr": "Incident {number}\n\n{lines}\n\nPremière échéance\u00a0: {strict} selon la lecture "
    "stricte, {due} selon le contrat ou la loi.\n"
    "À faire\u00a0: lancer `tocsin incident show {number}`\n",
}
CLAUSES = {
    "en": {
        NOTICE: "notice to a customer",
        obligations.OWN_FILING: "our own filing with the authority",
        obligations.POSSIBLE: "decision about a possible customer",
        obligations.IMPACT: "whose data the breach touched, not yet computed or stated",
        obligations.law.DECISION: "decision whether it is a breach",
        obligations.law.STRICT: "notice, counted from detection or report",
    },
    "fr": {
        NOTICE: "notification à un client",
        obligations.OWN_FILING: "notre propre notification à l'autorité",
        obligations.POSSIBLE: "décision sur un client peut-être touché",
        obligations.IMPACT: "clients touchés par la violation, ni calculés ni déclarés",
        obligations.law.DECISION: "décision (violation ou non)",
        obligations.law.STRICT: "notification, comptée depuis la détection ou le signalement",
    },
}
UNREGISTERED = {
    "en": " that no register knows (import it)",
    "fr": " absent du registre (à importer)",
}
NAMES = {
    "en": {"due-": "due in {span}", "due": "due now", "aware+": "{span} after awareness"},
    "fr": {
        "due-": "échéance dans {span}",
        "due": "échéance atteinte",
        "aware+": "{span} après la prise de connaissance",
    },
}
BY_STRICT = {"en": " by the strict reading", "fr": " selon la lecture stricte"}
BY_HOURS = {"en": " by the contract's hours", "fr": " selon le délai du contrat"}
"""A notice is reminded of by the one and stands by the other: said where the two differ, or may."""

UNITS = {"en": {"h": "h", "d": "d"}, "fr": {"h": "h", "d": "j"}}
LATE = {"en": "told {span} late", "fr": "rappel en retard de {span}"}
PAST = {"en": "due since {span}", "fr": "échéance dépassée de {span}"}
COLON = {"en": ": ", "fr": "\u00a0: "}
SEMICOLON = {"en": "; ", "fr": "\u00a0; "}
DAYS_FROM = timedelta(hours=72)
"""From here on a span is told in days."""

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

    Where several fell at once, because the service was down or an instant was typed in late, an
    obligation says how it stands now, once; what is left is what is left now.

    Args:
        language: Of the team.
        zone: In which the team reads instants, beside UTC.
        number: Of the incident.
        fell: At least one; the nearest stands in the subject.
    """
    fell = sorted(_newest(fell), key=lambda one: one.obligation.strict_due_at)
    lines = Counter(_line(language, one) for one in fell)
    what = f"{_clause(language, fell[0])}, {_names(language, fell[0])}"
    more = f" (+{len(fell) - 1})" if len(fell) > 1 else ""
    return AlertText(
        SUBJECT[language].format(number=number, what=what + more),
        BODY[language].format(
            number=number,
            lines="\n".join(f"{many} × {line}" for line, many in lines.items()),  # noqa: RUF001
            strict=shown(fell[0].obligation.strict_due_at, ZoneInfo(zone), language),
            due=shown(min(one.obligation.due_at for one in fell), ZoneInfo(zone), language),
        ),
    )


def _line(language: Language, one: Due) -> str:
    # The law's own hours stand in for those of a contract that no register knows.
    is_by_contract = one.obligation.clause == NOTICE and not one.obligation.is_unregistered
    standing = STANDINGS[language][one.standing] + BY_HOURS[language] * is_by_contract
    parts = [_names(language, one), standing]
    if one.is_late:
        parts.append(LATE[language].format(span=_span(language, one.late_by)))
    return f"{_clause(language, one)}{COLON[language]}{SEMICOLON[language].join(parts)}"


def _newest(fell: Iterable[Due]) -> list[Due]:
    """Return of each obligation what fell last: before it is due, and since awareness."""
    found = dict[tuple[str, str, bool], Due]()
    for one in sorted(fell, key=lambda one: one.at):
        found[one.obligation.clause, one.obligation.customer, one.is_for_team_only] = one
    return list(found.values())


def _clause(language: Language, one: Due) -> str:
    clause = one.obligation.clause
    said = CLAUSES[language].get(clause, clause)
    return said + UNREGISTERED[language] * one.obligation.is_unregistered


def _names(language: Language, one: Due) -> str:
    late = one.late_by if one.is_late else timedelta(0)
    owed = one.obligation
    # Where both readings end at once there is nothing to tell apart.
    apart = owed.clause == NOTICE and owed.strict_due_at != owed.due_at
    return ", ".join(
        _name(language, name, late)
        + BY_STRICT[language] * (apart and not name.startswith("aware+"))
        for name in one.names
    )


def _name(language: Language, name: str, late: timedelta) -> str:
    """Return what fell, as it is now: what comes late does not say what was left then."""
    found = re.fullmatch(r"(due-|due|aware\+)(?:([\d.]+)([hd]))?", name)
    if found is None:
        return name
    if not late:
        span = f"{found[2]} {UNITS[language][found[3]]}" if found[2] else ""
        return NAMES[language][found[1]].format(span=span)
    hours = float(found[2] or 0) * (24 if found[3] == "d" else 1)
    told = timedelta(hours=hours)
    if found[1] == "aware+":
        return NAMES[language]["aware+"].format(span=_span(language, told + late))
    if told > late:
        return NAMES[language]["due-"].format(span=_span(language, told - late))
    return PAST[language].format(span=_span(language, late - told))


def _span(language: Language, span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    if span >= DAYS_FROM:
        days, hours = minutes // (24 * 60), minutes // 60 % 24
        return f"{days} {UNITS[language]['d']}" + (f" {hours} h" if hours else "")
    hours, minutes = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)) or "0 min"

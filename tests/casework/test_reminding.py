"""What alerts and reminders say: the time that is left, one way of instants, French typography."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from incidents.assessment import Told
from incidents.obligations import NOTICE, Due, Standing
from incidents.obligations.law import DECISION, STRICT
from incidents.obligations.obligation import Obligation
from notifiers import alerts, outbox
from notifiers.base import Purpose
from tests.casework.office import ALICE, HOUR, MINUTE, NOW
from tocsin.app.casework import acts, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.reminding import CLAUSES, Language, reminder
from tocsin.model.findings import Level

At = Callable[..., Desk]
PLAIN_COLON = re.compile(r"(?<=[^\W\d]) :|[^\W\d](?<!https):(?=\s)|« | »")
"""A colon or a quotation mark in French without the space that does not break."""


def due(
    name: str, late_by: timedelta, *, clause: str = DECISION, at: datetime = NOW, customer: str = ""
) -> Due:
    made = Obligation(
        incident=7,
        clause=clause,
        customer=customer,
        basis="",
        version="1",
        window=24 * HOUR,
        in_writing=False,
        aware_at=None,
        starts_at=NOW - 24 * HOUR,
        due_at=NOW + 24 * HOUR,
        strict_due_at=NOW + 24 * HOUR,
        possible_since=None,
        revision=1,
        receipts=(),
        late_reason="",
        waived="",
    )
    return Due(made, at, (name,), late_by, name.startswith("aware"), Standing.RUNNING)


def line(language: Language, *fell: Due) -> str:
    return reminder(language, "Europe/Paris", 7, fell).body.split("\n\n")[1]


@pytest.mark.parametrize(
    ("name", "late_by", "said"),
    [
        ("due-24h", timedelta(0), "due in 24 h"),
        ("due-24h", 4 * MINUTE, "due in 24 h"),
        ("due-24h", 150 * MINUTE, "due in 21 h 30 min; running; told 2 h 30 min late"),
        ("due-1h", 50 * MINUTE, "due in 10 min; running; told 50 min late"),
        ("due-1h", 60 * MINUTE, "due since 0 min; running; told 1 h late"),
        ("due-1h", 5 * HOUR, "due since 4 h; running; told 5 h late"),
        ("due-7d", 24 * HOUR, "due in 6 d; running; told 24 h late"),
        ("due", timedelta(0), "due now"),
        ("due", 80 * HOUR, "due since 3 d 8 h; running; told 3 d 8 h late"),
        ("aware+24h", 2 * HOUR, "26 h after awareness; running; told 2 h late"),
    ],
)
def test_a_late_reminder_says_what_is_left_now(name: str, late_by: timedelta, said: str) -> None:
    assert f"decision whether it is a breach: {said}" in line("en", due(name, late_by))


def test_of_several_that_fell_at_once_the_last_is_told() -> None:
    now = NOW + 13 * HOUR
    fell = [
        due(name, now - at, at=at)
        for name, at in (("due-24h", NOW), ("aware+24h", NOW), ("due-12h", NOW + 12 * HOUR))
    ]
    said = line("en", *fell)
    assert said.count("due in") == 1
    assert "due in 11 h; running" in said
    assert "37 h after awareness" in said


def test_two_customers_are_two_lines_in_one() -> None:
    fell = [due("due-4h", timedelta(0), clause=NOTICE, customer=one) for one in ("a", "b")]
    assert line("en", *fell).startswith("2 \u00d7 notice to a customer: due in 4 h")


@pytest.mark.parametrize(
    ("language", "apart", "said"),
    [
        ("en", False, "due in 4 h; running by the contract's hours"),
        ("en", True, "due in 4 h by the strict reading; running by the contract's hours"),
        (
            "fr",
            True,
            "échéance dans 4 h selon la lecture stricte\u00a0; en cours selon le délai du contrat",
        ),
    ],
)
def test_a_notice_says_by_which_hours_it_is_due_and_by_which_it_stands(
    language: Language, said: str, *, apart: bool
) -> None:
    one = due("due-4h", timedelta(0), clause=NOTICE, customer="a")
    if apart:
        later = msgspec.structs.replace(one.obligation, due_at=NOW + 30 * HOUR)
        one = one._replace(obligation=later)
    assert line(language, one).endswith(said)


def test_of_a_customer_no_register_knows_no_contract_is_spoken_of() -> None:
    one = due("due-4h", timedelta(0), clause=NOTICE, customer="a")
    unknown = msgspec.structs.replace(one.obligation, is_unregistered=True)
    assert "contract" not in line("en", one._replace(obligation=unknown))


@pytest.mark.parametrize("clause", list(CLAUSES["fr"]))
@pytest.mark.parametrize("late_by", [timedelta(0), 2 * HOUR])
def test_french_has_its_spaces(clause: str, late_by: timedelta) -> None:
    text = reminder("fr", "Europe/Paris", 7, [due("due-12h", late_by, clause=clause)])
    for said in (text.subject, text.body):
        assert not PLAIN_COLON.search(said), said
        assert not re.search(r"(?<![\u00a0\u202f]);", said), said


def test_french_alerts_have_theirs_and_quote_the_names_of_rules() -> None:
    opened = alerts.incident_opened(
        number=7,
        level="high",
        rules={"User gave itself rights": 1},
        first_event_at=NOW,
        opened_at=NOW,
        language="fr",
    )
    reported = alerts.incident_reported(
        number=7, level="high", reporter="press", received_at=NOW, opened_at=NOW, language="fr"
    )
    further = [
        alerts.report_added(
            number=7,
            level="high",
            reporter="press",
            received_at=NOW,
            taken_at=NOW,
            begins_again=again,
            language="fr",
        )
        for again in (True, False)
    ]
    failed = alerts.message_failed(key="k", number=7, channel="email", attempts=1, language="fr")
    for said in (*opened, *reported, *further[0], *further[1], *failed):
        assert not PLAIN_COLON.search(said), said
    assert "1 \u00d7 «\u00a0User gave itself rights\u00a0»" in opened.body


@pytest.mark.parametrize("language", ["fr", "en"])
def test_alerts_and_reminders_show_instants_in_one_way(language: Language) -> None:
    instant = alerts.shown(NOW + 24 * HOUR, ZoneInfo("Europe/Paris"), language)
    assert instant.endswith("CET)")
    assert instant in reminder(language, "Europe/Paris", 7, [due("due", timedelta(0))]).body


def opened(desk: Desk, level: Level) -> int:
    told = Told(
        title="x",
        what="x",
        received_at=NOW,
        reporter="person",
        name="x",
        channel="phone",
        level=level,
    )
    return acts.report(desk, told, principal=ALICE, now=NOW).number


def reminded(desk: Desk, number: int) -> list[str]:
    with desk.store.read() as db:
        found = outbox.standings(db, incident=number)
        keys = [one.key for one in found if one.purpose == Purpose.REMINDER]
        return [outbox.message(db, key).body_text for key in keys]


def test_nobody_is_reminded_in_the_second_a_clock_starts(at: At) -> None:
    desk = at("opened")
    number = opened(desk, Level.HIGH)
    ticking.tick(desk, NOW)
    ticking.tick(desk, NOW + MINUTE)
    assert reminded(desk, number) == []
    ticking.tick(desk, NOW + 12 * HOUR)
    (said,) = reminded(desk, number)
    assert "decision whether it is a breach: due in 12 h" in said


@pytest.mark.parametrize(
    ("level", "asked", "decides"),
    [(Level.MEDIUM, "high", False), (Level.HIGH, "high", True), (Level.MEDIUM, "medium", True)],
)
def test_below_the_teams_level_nobody_is_reminded_to_decide_but_of_notices(
    at: At, level: Level, asked: str, *, decides: bool
) -> None:
    desk = at("opened")
    team = desk.config.team.model_copy(update={"level": asked})
    desk.config = desk.config.model_copy(update={"team": team})
    number = opened(desk, level)
    for hour in range(1, 49):
        ticking.tick(desk, NOW + hour * HOUR)
    said = "\n".join(reminded(desk, number))
    assert (CLAUSES["en"][DECISION] in said) is decides
    assert said.count(CLAUSES["en"][STRICT]) == 4  # by the shortest contract: 24 h

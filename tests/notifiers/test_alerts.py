"""The team is told that something happened and where to look; nobody else is named."""

from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest

from notifiers.alert_words import AlertText
from notifiers.alerts import impact_changed, incident_opened, message_failed, messages_stuck
from tests.notifiers.support import alert

FACTS: dict[str, Any] = {
    "number": 12,
    "level": "high",
    "rules": {"Contacts exported in bulk": 2, "Console sign-in without a second factor": 1},
    "first_event_at": datetime(2026, 11, 24, 2, 40, 5, tzinfo=UTC),
    "opened_at": datetime(2026, 11, 24, 2, 55, tzinfo=UTC),
    "zone": ZoneInfo("Europe/Paris"),
}

ENGLISH = """\
Tocsin opened incident 12, level high.

First event   2026-11-24 02:40:05 UTC (Tue 03:40 CET)
Opened        2026-11-24 02:55:00 UTC (Tue 03:55 CET)
Findings      3
  2 \u00d7 Contacts exported in bulk
  1 \u00d7 Console sign-in without a second factor

Nobody has judged yet whether this is a breach. By the strict reading the time runs since \
the incident was opened.
Next: run `tocsin incident show 12`
"""

FRENCH = """\
Tocsin a ouvert l'incident 12, niveau élevé.

Premier événement   2026-11-24 02:40:05 UTC (mar. 03:40 CET)
Ouvert              2026-11-24 02:55:00 UTC (mar. 03:55 CET)
Constats            3
  2 \u00d7 «\u00a0Contacts exported in bulk\u00a0»
  1 \u00d7 «\u00a0Console sign-in without a second factor\u00a0»

Personne n'a encore jugé s'il s'agit d'une violation. Selon la lecture stricte, le délai \
court depuis l'ouverture de l'incident.
À faire\u00a0: ouvrir https://tocsin.example/incidents/12
"""


def test_the_english_alert() -> None:
    subject, body = incident_opened(**FACTS, language="en")
    assert subject == "Incident 12, level high: Contacts exported in bulk"
    assert body == ENGLISH


def test_the_french_alert() -> None:
    link = "https://tocsin.example/incidents/12"
    subject, body = incident_opened(**FACTS, language="fr", link=link)
    assert subject == "Incident 12, niveau élevé\u00a0: «\u00a0Contacts exported in bulk\u00a0»"
    assert body == FRENCH


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("level", ["informational", "low", "medium", "high", "critical"])
def test_every_level_has_its_word(level: str, language: Literal["en", "fr"]) -> None:
    assert incident_opened(**FACTS | {"level": level}, language=language).subject


@pytest.mark.parametrize(("language", "mark"), [("en", "EXERCISE - "), ("fr", "EXERCICE - ")])
def test_an_exercise_is_marked_in_subject_and_text(
    language: Literal["en", "fr"], mark: str
) -> None:
    for text in (
        incident_opened(**FACTS, language=language, exercise=True),
        message_failed(
            key="k", number=1, channel="email", attempts=1, language=language, exercise=True
        ),
    ):
        assert text.subject.startswith(mark)
        assert text.body.startswith(mark)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_messages_that_do_not_get_out_are_told_without_their_recipients(
    language: Literal["en", "fr"],
) -> None:
    text = messages_stuck(key="notice-4f", number=12, channel="email", count=3, language=language)
    assert "12" in text.subject
    assert "notice-4f" in text.body
    assert "3." in text.body
    assert "tocsin notice status 12" in text.body
    near = messages_stuck(
        key="notice-4f", number=12, channel="email", count=3, is_near=True, language=language
    )
    assert near.subject != text.subject
    assert all(word in near.body for word in ("notice-4f", "3.", "tocsin notice status 12"))


def test_a_title_with_line_breaks_is_one_line_and_fits_into_a_message() -> None:
    facts = FACTS | {"rules": {"Bad\r\nBcc: x\x1b[31m\u2028 {level}" + "x" * 400: 1}}
    text = incident_opened(**facts, language="en")
    assert "\n" not in text.subject
    assert alert(subject=text.subject, body_text=text.body).subject == text.subject
    assert "{level}" in text.body


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_failed_message_is_told_without_its_recipient(language: Literal["en", "fr"]) -> None:
    text: AlertText = message_failed(
        key="notice/12/acme/1", number=12, channel="email", attempts=3, language=language
    )
    assert "12" in text.subject
    assert "notice/12/acme/1" in text.body
    assert "tocsin incident show 12" in text.body


def test_an_impact_that_changed_is_told_in_numbers() -> None:
    subject, body = impact_changed(number=12, run=3, confirmed=2, possible=0, language="en")
    assert subject == "Incident 12: further events change whose data was touched"
    assert "Customers newly confirmed   2\nCustomers newly possible    0\n" in body
    subject, body = impact_changed(number=12, run=3, confirmed=2, possible=0, language="fr")
    assert subject.startswith("Incident 12\u00a0: de nouveaux événements")
    assert "Clients nouvellement confirmés   2\n" in body
    assert body.startswith("Le recensement n°\u00a03 de l'incident 12 dit autre chose")
    assert "nalyse d'impact" not in subject + body  # the word of GDPR Art. 35
    assert body.endswith("À faire\u00a0: lancer `tocsin incident show 12`\n")

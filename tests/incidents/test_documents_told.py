"""What comes after a first notice gives that one's instant, and is not late because it is later."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents.documents import MissingFacts, NoticeFacts, check
from tests.incidents.reading import documents, mail_of
from tests.incidents.samples import LATER, at, facts, known

FIRST = at(24, 12, 52)
AFTER_DUE = at(29, 8)
SAID = {"fr": "Le relais est tombé en panne.", "en": "The relay broke down."}


def update(language: str, first_at: datetime | None = FIRST, **changes: Any) -> NoticeFacts:
    told = first_at and {"version": 1, "at": first_at, "status": "established"}
    more = {**LATER, "prepared_at": AFTER_DUE, "told": told, **changes}
    return facts(language, kind="update", version=2, **more)


def with_reason(language: str, first_at: datetime | None) -> NoticeFacts:
    clock = update(language, first_at).clock
    assert clock.state == "known"
    return update(language, first_at, clock=known(clock.value.model_dump() | {"late_reason": SAID}))


def text(given: NoticeFacts) -> str:
    return re.sub(r"\s+", " ", mail_of(given)["body.txt"])


def entry_of(path: str, given: NoticeFacts) -> Any:
    return json.loads(documents(given)["json"])["entries"][path]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_update_after_the_limit_is_not_late_when_the_first_notice_was_in_time(
    language: str,
) -> None:
    given = update(language)
    check(given, given.customer.language)  # and no reason is asked for
    for confession in (
        "notice is late",
        "notice was late",
        "after our limit",
        "tardive",
        "après notre échéance",
    ):
        assert confession not in text(given)


@pytest.mark.parametrize(
    ("language", "first", "this"),
    [
        ("fr", "Notre première notification était tardive", "Cette notification est tardive"),
        ("en", "Our first notice was late", "This notice is late"),
    ],
)
def test_an_update_says_that_the_first_notice_was_late_and_not_that_it_is(
    language: str, first: str, this: str
) -> None:
    late = at(26, 9, 16)
    with pytest.raises(MissingFacts, match=r"late_reason"):
        check(update(language, late), "fr" if language == "fr" else "en")
    said = text(with_reason(language, late))
    assert first in said
    assert this not in said
    assert SAID[language] in said


def test_a_notice_before_which_none_surely_went_out_is_late_itself() -> None:
    said = text(with_reason("en", None))
    assert "This notice is late" in said
    assert "if you become aware of the breach by this notice" in said


def test_the_customers_72_hours_run_from_the_first_notice_and_are_not_started_again() -> None:
    for language, ends, again in (
        ("fr", "vendredi 27 novembre 2026 à 13 h 52", "ne les fait pas repartir"),
        ("en", "Friday 27 November 2026 at 12:52", "does not start them again"),
    ):
        said = text(update(language))
        assert ends in said
        assert again in said
        for wrong in ("mercredi 2 décembre", "Wednesday 2 December"):  # counted from this one
            assert wrong not in said
    assert "prendrait fin le vendredi 27 novembre 2026 à 14 h 00" in text(update("fr"))


def test_a_suspicion_that_is_confirmed_leaves_both_readings_of_the_72_hours() -> None:
    told = {"version": 1, "at": FIRST, "status": "suspected"}
    assert "said that a breach was suspected" in text(update("en", told=told))
    assert "était suspectée" in text(update("fr", told=told))
    still = facts("en", "suspected", kind="update", version=2, **{**LATER, "told": told})
    assert "does not start them again" in text(still)


def test_the_forms_get_the_instant_of_the_first_notice() -> None:
    given = update("fr")
    entry = entry_of("t_notified_controller", given)
    assert entry["value"] == "2026-11-24T12:52:00.000000Z"
    assert "24 novembre 2026" in entry["text"]
    pdf = re.sub(r"\s+", " ", documents(given)["pdf"])
    asked = pdf.index("Notification par le prestataire")
    assert "24 novembre 2026 à 13 h 52" in pdf[asked : asked + 120]


def test_a_first_notice_gives_its_own_instant() -> None:
    given = facts("en", prepared_at=FIRST + timedelta(minutes=1))
    assert entry_of("t_notified_controller", given)["value"] == "2026-11-24T12:53:00.000000Z"
    assert "Our first notice to you" not in text(given)

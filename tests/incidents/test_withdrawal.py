"""The notice that takes earlier ones back says what, why and what now, and nothing without why."""

import json
import re
from typing import Any

import pytest

from incidents.documents import MissingFacts, WithdrawalFacts, missing, read, render, undrawn
from incidents.documents.missing import ASKS
from tests.incidents.reading import LANGUAGES, as_text, flat
from tests.incidents.samples import at, facts, said, withdrawal

MISSING = missing("withdrawal", incident=7, customer="c-042", language="en")


def words(given: WithdrawalFacts) -> str:
    return re.sub(r"\s+", " ", render(given)["body.txt"].decode())


@pytest.mark.parametrize(
    ("lacks", "fact"),
    [
        ({"withdrawal": MISSING}, "withdrawal"),
        ({"withdrawal": said({})}, "withdrawal"),
        ({"withdrawal": said({"fr": "Notre test."})}, "withdrawal"),
    ],
)
def test_without_why_in_the_customers_language_nothing_is_rendered(
    lacks: dict[str, Any], fact: str
) -> None:
    with pytest.raises(MissingFacts) as raised:
        render(withdrawal("en", **lacks))
    (found,) = raised.value.facts
    assert (found.fact, found.whose) == (fact, ASKS[fact].whose)
    assert "[withdrawal]" in found.how


@pytest.mark.parametrize("part", ["contact", "dpo"])
def test_whom_to_ask_is_not_left_out(part: str) -> None:
    gone = missing(f"processor.{part}", incident=7)
    us = withdrawal("en").processor.model_copy(update={part: gone})
    with pytest.raises(MissingFacts, match=rf"processor\.{part}"):
        render(withdrawal("en", processor=us))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ground", ["no_breach", "excluded"])
def test_mail_page_and_pdf_say_the_same(language: Any, ground: str) -> None:
    given = withdrawal(language, ground)
    found = as_text(render(given))
    why = given.withdrawal.value.read(language)  # type: ignore[union-attr] # it is known
    for name in ("body.txt", "body.html"):
        assert flat(why) in flat(found[name].replace("&#39;", "'")), name
    (pdf,) = (text for text in found.values() if "--- 1" in text)
    assert flat(why) in flat(pdf)
    assert "R3TW-8H2C" in pdf


def test_the_data_say_what_is_withdrawn() -> None:
    (data,) = (json.loads(one) for name, one in render(withdrawal()).items() if "json" in name)
    assert data["notice"]["kind"] == data["notice"]["status"] == "withdrawn"
    assert data["withdraws"] == {
        "version": 1,
        "status": "established",
        "sent_at": "2026-11-24T13:05:00.000000Z",
    }
    assert data["ground"] == "no_breach"


def test_the_board_speaks_for_the_authorities_of_the_union_alone() -> None:
    assert "lignes directrices 9/2022" in words(withdrawal("fr"))
    assert "9/2022" not in words(withdrawal("en"))  # a customer in Great Britain


def test_what_was_only_suspected_is_not_said_to_have_been_confirmed() -> None:
    suspected = {"version": 1, "at": at(24, 13), "status": "suspected"}
    text = words(withdrawal("en", told=suspected))
    assert "was suspected" in text
    assert "confirmed" not in text


def test_notices_before_the_one_it_names_are_withdrawn_too() -> None:
    third = {"version": 3, "at": at(25, 13), "status": "established"}
    text = words(withdrawal("en", version=4, told=third))
    assert "notice 3, sent on Wednesday 25 November 2026 at 13:00 (13:00 UTC), and those" in text


def test_an_exercise_says_so_everywhere() -> None:
    files = render(withdrawal("en", exercise=True))
    found = as_text(files)
    assert all("EXERCISE" in found[name] for name in ("subject.txt", "body.txt", "body.html"))
    assert all(name.startswith("EXERCISE-") for name in files if "withdrawal" in name)


def test_what_was_kept_is_read_again_as_what_it_is() -> None:
    for given in (withdrawal(), facts()):
        kept = read(given.model_dump_json())
        assert kept == given
        assert type(kept) is type(given)


def test_letters_that_the_pdf_lacks_are_named() -> None:
    assert undrawn(withdrawal("en"), "en") == set()
    assert undrawn(withdrawal("en", withdrawal=said({"en": "A test. 你"})), "en") == {"你"}

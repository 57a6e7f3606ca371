"""What a notice says in our own words names nobody; what a person or a log wrote does."""

from typing import Any

import pytest

from incidents.disclosure import COLLEAGUE, CUSTOMER, Names, Word
from incidents.notices.naming import Naming, naming
from tests.incidents.samples import facts, known, said

CODED = [
    *("Conversations", "Records", "Person", "Contact", "Billing", "Bucket", "Confirmed", "Source"),
    *("Customers", "Employees", "Nature", "Period", "Standing", "Kind", "Value", "Paris"),
]
WITHOUT_PARTIES: dict[str, Any] = {"parties": ()}


def named(*words: Word, language: str = "en", **changes: Any) -> list[Naming]:
    """Return what a notice to the sample's customer would name of these words."""
    letter = facts(language, **{**WITHOUT_PARTIES, **changes})
    return list(naming(letter, Names(words).reader(letter.customer.id)))


@pytest.mark.parametrize("status", ["suspected", "established"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_code_word_and_no_name_of_a_fact_is_somebodys(language: str, status: str) -> None:
    words = [
        word
        for name in CODED
        for word in (
            Word(CUSTOMER, name.lower(), "name", name, "x"),
            Word(CUSTOMER, name.lower(), "id", name.lower(), "x"),
        )
    ]
    narrative = said({"fr": "Une copie a été faite.", "en": "A copy was made."})
    assert not named(*words, language=language, status=status, narrative=narrative)


def test_a_colleague_whose_id_is_in_a_code_word_stops_nothing() -> None:
    assert not named(
        Word(COLLEAGUE, "revoked", "id", "revoked", "x"),
        Word(COLLEAGUE, "access", "id", "access", "x"),
        narrative=said({"en": "A copy was made."}),
    )


def written(text: str) -> dict[str, dict[str, Any]]:
    """Return changes that put a text wherever a person or a log may have written one."""
    words = {"fr": text, "en": text}
    at = "2026-11-24T03:30:00Z"
    hours = {"since": at, "until": at, "hours": 1, "present": 1, "object_level": True}
    moment = {"at": at, "what": {"fr": "x", "en": "x"}, "source": {"kind": "log"}}
    party = {"role": "other", "name": "x", "location": "y"}
    return {
        "narrative.en": {"narrative": said(words)},
        "consequences.note.en": {"consequences": said({"impacts": ("a",), "note": words})},
        "measures.note.en": {
            "measures": said(({"kind": "other", "at": at, "done": True, "note": words},))
        },
        "actions.note.en": {"actions": said(({"kind": "other", "note": words},))},
        "open_points.note.en": {"open_points": ({"kind": "other", "note": words},)},
        "timeline.what.en": {"timeline": ({**moment, "what": words},)},
        "timeline.source.reference": {
            "timeline": ({**moment, "source": {"kind": "log", "reference": text}},)
        },
        "parties.contact": {"parties": ({**party, "contact": text},)},
        "parties.location": {"parties": ({**party, "location": text},)},
        "changes.en": {"changes": words},
        "coverage.source": {"coverage": known(({**hours, "source": text},))},
        "coverage.reads_of": {
            "coverage": known(
                ({**hours, "source": "x", "only_some": True, "reads_of": ("y", text)},)
            )
        },
        "negative_findings.store": {
            "negative_findings": ({"store": text, "finding": "not_logged"},)
        },
        "negative_findings.logs.source": {
            "negative_findings": (
                {
                    "store": "x",
                    "finding": "not_accessed",
                    "logs": ({"source": text, "hours": 1, "present": 1},),
                },
            )
        },
        "systems.name": {
            "systems": known(
                ({"name": text, "kind": "other", "location": "x", "object_log": True},)
            )
        },
    }


@pytest.mark.parametrize("place", written(""))
def test_what_a_person_or_a_log_wrote_is_looked_through(place: str) -> None:
    word = Word(CUSTOMER, "c-9", "name", "Zephyrine Optique", "x")
    found = named(word, **written("The shared disk of Zephyrine Optique.")[place])
    assert [one.fact for one in found] == [place]

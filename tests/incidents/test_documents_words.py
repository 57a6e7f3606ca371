"""Every code has its words in both languages, and words follow their numbers."""

import re
from typing import Any, cast, get_args

import pytest

from incidents.documents import edpb
from incidents.documents.breach import (
    Category,
    Clock,
    CountedBy,
    Effect,
    Finding,
    Nature,
    Period,
    Range,
    ShownBy,
    Standing,
    Subjects,
    System,
)
from incidents.documents.fact import Language, SourceKind
from incidents.documents.facts import Party
from incidents.documents.response import Action, Measure, OpenPoint
from incidents.documents.speech import Speech, _words
from tests.incidents.reading import LANGUAGES, flat, mail_of
from tests.incidents.samples import NOT_YET, at, count, facts, known, said

PLURALS = (
    ("fr", 0, "0 personne"),
    ("fr", 1, "1 personne"),
    ("fr", 2, "2 personnes"),
    ("fr", 1_000_000, "1\u202f000\u202f000 personnes"),
    ("en", 0, "0 people"),
    ("en", 1, "1 person"),
    ("en", 1234, "1,234 people"),
)


@pytest.mark.parametrize(("language", "number", "words"), PLURALS)
def test_words_follow_their_numbers(language: Any, number: int, words: str) -> None:
    t = Speech(language, "Europe/Paris")
    found = Range.model_validate(count(number, None, number))
    assert t.range("people", found) == words


def test_both_languages_say_the_same_things() -> None:
    english, french = _words("en"), _words("fr")
    assert english.keys() == french.keys()
    for key, words in english.items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", french[key])), key


CODES: tuple[tuple[str, Any], ...] = (
    ("category", Category),
    ("finding", Finding),
    ("effect", Effect),
    ("effect_short", Effect),
    ("subjects", Subjects),
    ("source", SourceKind),
    ("cause", tuple(edpb.codes(61))),
    ("accessed_by", ("recipient", "insider", "unknown", "nobody_known")),
    ("impact", tuple(edpb.codes(85))),
    ("cyber", ("yes", "no", "unknown")),
    ("exfiltration", Nature.model_fields["exfiltration"].annotation),
    ("intelligibility", Nature.model_fields["intelligibility"].annotation),
    ("method", CountedBy),
    ("system", System.model_fields["kind"].annotation),
    ("role", Party.model_fields["role"].annotation),
    ("standing", Standing.model_fields["standing"].annotation),
    ("discovery", Clock.model_fields["known_by"].annotation),
    ("standing.by_", ShownBy),
    ("times.by_", Period.model_fields["method"].annotation),
    ("action", Action.model_fields["kind"].annotation),
    ("open", OpenPoint.model_fields["kind"].annotation),
    ("measure", Measure.model_fields["kind"].annotation),
)
"""Every code a fact can have, and where its words stand; ``other`` brings its own."""


def test_every_code_has_its_words() -> None:
    words = _words("en")
    for place, codes in CODES:
        for code in codes if isinstance(codes, tuple) else get_args(codes):
            if place in ("action", "open", "measure") and code == "other":
                continue
            key = f"{place}{code}" if place.endswith("_") else f"{place}.{code}"
            assert key in words, key
            if place == "measure":
                assert f"{key}_planned" in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_breach_of_everything_by_everybody_can_be_told(language: str) -> None:
    everything = ("confidentiality", "integrity", "availability")
    measures = get_args(Measure.model_fields["kind"].annotation)
    actions = get_args(Action.model_fields["kind"].annotation)
    points = get_args(OpenPoint.model_fields["kind"].annotation)
    note = {"fr": "Précision.", "en": "Detail."}
    base = facts(language)
    assert base.nature.state == base.clock.state == "known"
    nature = base.nature.value.model_dump() | {
        "effects": everything,
        "integrity_state": "misused_recoverable",
        "availability_state": "temporary",
        "contained_at": None,
    }
    clock = base.clock.value.model_dump() | {"known_by": "report"}
    text = mail_of(
        facts(
            language,
            processor=base.processor.model_dump() | {"dpo": None},
            nature=said(nature),
            clock=known(clock),
            period=said({"begun_at": at(20, 1), "ended_at": None, "estimated": True}),
            affected=known(
                tuple(
                    {
                        "category": category,
                        "effects": everything,
                        "records": known(count(0, 3, 9, "estimate")),
                        "subjects": NOT_YET,
                    }
                    for category in get_args(Category)
                )
            ),
            measures=said(
                tuple(
                    {"kind": kind, "at": at(24, 4), "done": done, "note": note}
                    for kind in measures
                    for done in (True, False)
                )
            ),
            actions=said(tuple({"kind": kind, "note": note} for kind in actions)),
            open_points=tuple({"kind": kind, "note": note} for kind in points),
        )
    )["body.txt"]
    words = _words(cast("Language", language))
    for key in (
        "effect.integrity",
        "effect.availability",
        "contact.none",
        "open.purpose",
    ):
        assert flat(words[key]) in flat(text)
    assert text.count(note[language]) == 2 * len(measures) + len(actions) + len(points)

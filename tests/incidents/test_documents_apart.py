"""A document holds nothing of another customer, its subject nothing personal, a drill its mark."""

import re

import pytest

from incidents.documents import render
from tests.incidents.reading import LANGUAGES, documents, flat, mail_of
from tests.incidents.samples import CUSTOMERS, facts


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_customers_documents_hold_nothing_of_anothers(language: str) -> None:
    other = CUSTOMERS["en" if language == "fr" else "fr"]
    strange = [other["id"], other["name"], other["address"], *other["accounts"]]
    for name, text in documents(facts(language)).items():
        for each in strange:
            assert flat(each).lower() not in flat(text).lower(), f"{each} in {name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_personal_stands_in_the_subject(language: str) -> None:
    for status in ("established", "suspected"):
        subject = mail_of(facts(language, status))["subject.txt"]
        assert re.fullmatch(r"\[Voxline\]\[BREACH-2026-0007\]\[[A-ZÉ]+\] [^\n]+", subject)
        customer = CUSTOMERS[language]
        for each in (customer["name"], customer["id"], "1100", "Voxline CERT", "@"):
            assert each not in subject


@pytest.mark.parametrize(("language", "mark"), [("fr", "EXERCICE"), ("en", "EXERCISE")])
def test_an_exercise_says_so_everywhere(language: str, mark: str) -> None:
    files = render(facts(language, exercise=True))
    assert all(name.startswith(mark) for name in files if "dossier" in name)
    assert files["subject.txt"].decode().startswith(f"[{mark}]")
    assert mark in files["body.txt"].decode().splitlines()[0]
    for name, text in documents(facts(language, exercise=True)).items():
        assert mark in text or '"exercise":true' in text, name

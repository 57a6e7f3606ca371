"""What the documents say is what people said, in words that a lawyer and a native reader keep."""

import json
import re
from typing import Any

import pytest

from incidents.documents import NoticeFacts, edpb, render
from incidents.documents import annex as annexes
from incidents.documents.answers import answers
from incidents.documents.blocks import Table
from incidents.documents.speech import Speech, _words
from tests.incidents.reading import LANGUAGES, mail_of, text_of
from tests.incidents.samples import NOT_YET, facts, known, said

NO_BREAK = "\u00a0"
POINT_C = {"fr": "c) Conséquences probables", "en": "(c) Likely consequences"}
POINT_D = {"fr": "d) Mesures", "en": "(d) Measures"}
IMPACTS = {
    "fr": ("Usurpation d'identité", "Fraude", "Perte financière"),
    "en": ("Identity theft", "Fraud", "Financial loss"),
}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u2019", "'"))


def body(given: NoticeFacts) -> str:
    return squeezed(mail_of(given)["body.txt"])


def pdf(given: NoticeFacts) -> str:
    return squeezed(
        next(text_of(one) for name, one in render(given).items() if name.endswith(".pdf"))
    )


def nature(language: str, **changes: Any) -> Any:
    base = facts(language).nature
    assert base.state == "known"
    return said(base.value.model_dump() | changes)


def follows(language: str, **more: Any) -> NoticeFacts:
    return facts(language, consequences=said({"impacts": ("d", "e", "f"), **more}))


def form(given: NoticeFacts) -> dict[str, str]:
    """Return the form of the customer's authority: what it asks, and our answer."""
    t = Speech(given.customer.language, given.customer.time_zone, given.law)
    _, table = annexes.form(given, answers(given, t), t)
    assert isinstance(table, Table)
    return {row[0]: row[1] for row in table.rows}


# ---- Art. 33(3)(c) is a person's to answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_likely_consequences_are_those_a_person_named_and_no_others(language: str) -> None:
    note = {"fr": "Les appels citent des dossiers.", "en": "The calls quote cases."}
    given = follows(language, note=note)
    printed = pdf(given).split(POINT_C[language], 1)[1].split(POINT_D[language], 1)[0]
    title = {"fr": "8. CONSÉQUENCES PROBABLES", "en": "8. LIKELY CONSEQUENCES"}[language]
    mailed = body(given).split(title, 1)[1].split(" 9. ", 1)[0]
    for text in (printed, mailed):
        assert all(one in text for one in (*IMPACTS[language], note[language]))
        for canned in ("SMS", "text messages", "sera cru", "will be believed"):
            assert canned not in text


def test_what_follows_for_the_data_is_told_of_what_happened_to_them() -> None:
    codes = {"confidentiality": ("b",), "integrity": ("a",), "availability": ("a",)}
    text = body(follows("en", **codes))
    assert "Confidentiality: Data may be linked, without unreasonable effort" in text
    assert "Inability to access services" not in text
    consequences = said({"impacts": ("d",), **codes})
    lost = facts("en", consequences=consequences, nature=nature("en", effects=("availability",)))
    assert "Availability: Inability to access services" in body(lost)
    assert "may be linked" not in body(lost)
    (data,) = (one for name, one in render(lost).items() if name.endswith(".json"))
    assert "consequences.confidentiality" not in json.loads(data)["entries"]


# ---- words


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_misled_a_reader_do_not_come_back(language: Any) -> None:
    text = squeezed(" \n".join(_words(language).values()))
    for wrong in (
        "nalyse d'impact",  # the word of GDPR Art. 35
        "écrivons de nouveau",
        "omptez pas dessus",
        "reçu comme ci-dessus",
        "received as above",
        "limite contractuelle",
        "compté dès",
        "n'exclut rien au-delà",
        "lectures individuelles",
        "Qui sont-elles",
        "notifier votre",
        "en confiance",
        "de {customer}" if language == "fr" else "\0",  # nobody knows whether it is d'
        "de {processor}" if language == "fr" else "\0",
    ):
        assert wrong not in text, wrong


def test_a_time_and_utc_stand_on_one_line() -> None:
    for language, zone in (("fr", "Europe/Paris"), ("en", "Europe/London"), ("en", "UTC")):
        customer = facts(language).customer.model_copy(update={"time_zone": zone})
        text = mail_of(facts(language, customer=customer))["body.txt"]
        assert f"{NO_BREAK}UTC" in text
        of_ours = text.replace("3 h 30 UTC", "").replace("03:30\nUTC", "").replace("03:30 UTC", "")
        assert not re.findall(r"\d[ \n]+UTC", of_ours)


def test_the_summary_is_set_like_the_rest() -> None:
    text = mail_of(facts("fr"))["body.txt"]
    summary = text.split("EN BREF", 1)[1].split("1. STATUT", 1)[0]
    assert f"Personnes{NO_BREAK}: " in summary
    assert " : " not in summary


def test_nobody_is_said_to_have_had_access_to_data_that_were_only_possibly_touched() -> None:
    by = nature("en", accessed_by="unknown")
    assert "Who had access: Somebody whom we do not know." in body(facts("en", nature=by))
    suspected = facts("en", "suspected", nature=by)
    assert "Who had access" not in body(suspected)
    assert "accessed_by" not in answers(suspected, Speech("en", "Europe/London"))


def test_what_is_not_known_yet_agrees_with_what_it_stands_beside() -> None:
    text = body(facts("fr", "suspected"))
    assert "La violation : Date et heure pas encore connues" in text
    assert "Personnes : Nous ne le savons pas encore" in text
    assert "Nous en avons eu connaissance : ce n'est pas encore établi" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_stands_over_numbers_that_nobody_knows(language: Any) -> None:
    base = facts(language)
    assert base.affected.state == "known"
    rows = tuple(
        one.model_dump() | {"records": NOT_YET, "subjects": NOT_YET} for one in base.affected.value
    )
    unknown: dict[str, Any] = {"affected": known(rows), "records": NOT_YET, "subjects": NOT_YET}
    title = squeezed(_words(language)["dossier.numbers"])
    assert title in body(facts(language))
    assert title not in body(facts(language, **unknown))


@pytest.mark.parametrize(
    ("language", "sector", "shown"),
    [
        ("fr", "health", "Santé"),
        ("fr", "Real estate", "Immobilier"),
        ("en", "real estate", "Real estate"),
        ("fr", "apiculture", "Apiculture"),
    ],
)
def test_a_sector_is_told_in_the_language_of_the_document(
    language: str, sector: str, shown: str
) -> None:
    customer = facts(language).customer.model_copy(update={"sector": sector})
    given = facts(language, customer=customer)
    t = Speech(given.customer.language, given.customer.time_zone, given.law)
    found = answers(given, t)["controller.sector_note"]
    assert (found.value, found.text) == (sector, shown)


# ---- a customer of the ICO


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_of_the_ico_is_told_of_its_own_law(language: str) -> None:
    customer = facts(language).customer.model_copy(update={"authority": "ico"})
    given = facts(language, customer=customer)
    files = render(given)
    texts = [files[name].decode() for name in ("subject.txt", "body.txt", "body.html")]
    (printed,) = (text_of(one) for name, one in files.items() if name.endswith(".pdf"))
    ours = {"fr": "À compléter par vous", "en": "For you to complete"}[language]
    texts.append(printed.partition(ours)[0])  # what follows are the words of the EDPB's form
    for text in map(squeezed, texts):
        assert "UK GDPR" in text
        assert not re.search(r"(?<!UK )GDPR|RGPD(?! britannique)", text)
        assert "1182/71" not in text


def test_a_customer_of_another_authority_is_told_of_the_gdpr() -> None:
    text = body(facts("fr"))
    assert "UK" not in text
    assert "article 33(2) du RGPD" in text
    assert "n° 1182/71" in text


@pytest.mark.parametrize(
    ("kind", "answer"), [("i", "No"), ("r", "No"), ("b", "Yes"), ("f", "Yes"), ("x", "Don't know")]
)
def test_whether_it_is_a_cyber_incident_is_answered_as_the_form_asks(
    kind: str, answer: str
) -> None:
    asked = form(facts("en", nature=nature("en", incident_type=kind)))
    assert squeezed(asked["Is it a cyber incident?"]) == answer
    of_cyber = [row for row in asked if row.startswith("Cyber: ")]
    assert len(of_cyber) == (0 if answer == "No" else 3)


def test_every_kind_of_incident_is_cyber_or_not_or_either() -> None:
    assert not set(edpb.CYBER) & set(edpb.NOT_CYBER)
    assert {*edpb.CYBER, *edpb.NOT_CYBER} < edpb.codes(60).keys()

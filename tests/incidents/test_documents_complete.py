"""A document is complete or is not made: what is missing is named with whose it is."""

import io
from typing import Any

import pytest
from pydantic import ValidationError
from pypdf import PdfReader

from incidents.documents import MissingFacts, NoticeFacts, check, missing, render
from incidents.documents.breach import Range
from incidents.documents.facts import Customer
from incidents.documents.missing import ASKS
from incidents.documents.speech import Speech
from tests.incidents.reading import LANGUAGES, flat, mail_of
from tests.incidents.samples import CUSTOMERS, NOT_YET, at, count, facts, known, said
from tocsin.errors import Refusal


def without(fact: str, **sample: Any) -> NoticeFacts:
    """Return facts that lack one."""
    base = facts("en", **sample)
    gone = missing(fact, incident=7, customer="c-042")
    name, _, part = fact.partition(".")
    if fact == "processor.location":
        return base.model_copy(update={"systems": gone})  # where they are
    if fact == "processor.name":
        return base.model_copy(update={"processor": base.processor.model_copy(update={part: ""})})
    if name == "processor":
        return base.model_copy(update={"processor": base.processor.model_copy(update={part: gone})})
    if name == "affected" and part:
        assert base.affected.state == "known"
        first, second = base.affected.value
        rows = (first, second.model_copy(update={part: gone}))
        return base.model_copy(
            update={"affected": base.affected.model_copy(update={"value": rows})}
        )
    return base.model_copy(update={name: gone})


TEXTS = ("clock.aware_at", "clock.late_reason", "changes", "timeline", "note", "withdrawal")
"""Asked by the document itself: see the next table, and the tests of withdrawals."""


@pytest.mark.parametrize("fact", [fact for fact in ASKS if fact not in TEXTS])
def test_a_missing_fact_does_not_render_and_says_whose_it_is_and_how_to_give_it(fact: str) -> None:
    with pytest.raises(MissingFacts) as raised:
        render(without(fact))
    (found,) = raised.value.facts
    assert (found.fact, found.whose) == (fact, ASKS[fact].whose)
    assert found.how in str(raised.value)
    assert "BREACH-2026-0007" in str(raised.value)
    assert "{" not in found.how


LACKING: dict[str, tuple[dict[str, Any], str]] = {
    "nobody wrote what happened": ({"narrative": said({})}, "narrative"),
    "it was written in the other language": ({"narrative": said({"fr": "Une clé."})}, "narrative"),
    "an update without what changed": ({"kind": "update", "version": 2}, "changes"),
    "a breach without awareness": (
        {
            "clock": known(
                {
                    "hours": 48,
                    "known_at": at(24, 2),
                    "known_by": "report",
                    "aware_at": None,
                    "starts_at": None,
                    "due_at": None,
                    "strict_due_at": at(26, 2),
                }
            )
        },
        "clock.aware_at",
    ),
    "late without a reason": ({"prepared_at": at(26, 9, 16)}, "clock.late_reason"),
    "an action in words nobody wrote": ({"actions": said(({"kind": "other"},))}, "note"),
    "a note in the other language": (
        {"open_points": ({"kind": "entry", "note": {"fr": "Par une clé ?"}},)},
        "note",
    ),
    "no measure at all": ({"measures": said(())}, "measures"),
    "no log stands behind it": ({"coverage": known(())}, "coverage"),
    "a timeline without words": (
        {"timeline": ({"at": at(24, 2), "what": {}, "source": {"kind": "log"}},)},
        "timeline",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_only_the_document_can_see_is_missing_too(case: str) -> None:
    changes, fact = LACKING[case]
    with pytest.raises(MissingFacts) as raised:
        render(facts("en", **changes))
    assert [each.fact for each in raised.value.facts] == [fact]


def test_all_missing_facts_are_named_at_once() -> None:
    gone: dict[str, Any] = {name: missing(name, incident=7) for name in ("nature", "measures")}
    lacking = facts("en", narrative=said({}), **gone)
    with pytest.raises(MissingFacts) as raised:
        check(lacking, "en")
    assert {each.fact for each in raised.value.facts} == {"nature", "measures", "narrative"}


def test_a_first_notice_may_say_not_yet_known_and_a_last_one_may_not() -> None:
    later: dict[str, Any] = {
        "period": NOT_YET,
        "subjects": NOT_YET,
        "records": NOT_YET,
        "systems": NOT_YET,
    }
    assert "not yet known" in mail_of(facts("en", **later))["body.txt"]
    changes = {"fr": "Rien.", "en": "Nothing."}
    with pytest.raises(MissingFacts) as raised:
        render(facts("en", kind="final", version=2, changes=changes, **later))
    named = {each.fact for each in raised.value.facts}
    assert {*later, "affected.subjects.conversations"} == named


def test_nothing_left_is_said_only_of_logs_without_a_gap() -> None:
    base = facts("en")
    assert base.nature.state == "known"
    nature = base.nature.value.model_copy(update={"exfiltration": "not_exfiltrated_evidence"})
    with pytest.raises(Refusal, match="106 of 108 hours"):
        render(facts("en", nature=said(nature)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["established", "suspected"])
def test_the_four_points_of_the_article_stand_in_the_mail_and_on_the_first_two_pages(
    language: str, status: str
) -> None:
    given_ = facts(language, status)
    files = render(given_)
    pages = PdfReader(io.BytesIO(next(b for n, b in files.items() if n.endswith(".pdf")))).pages
    first_two = flat(pages[0].extract_text() + pages[1].extract_text())
    t = Speech(given_.customer.language, given_.customer.time_zone)
    wanted = [
        given_.narrative.value.read(t.language) if given_.narrative.state == "known" else "",
        t("category.contact"),
        t("subjects.customers"),
        "breach@voxline.example",
        "+33 1 55 50 01 12",
        t("impact.d"),
        t("measure.access_revoked"),
        t("measure.credentials_rotated_planned"),
    ]
    if status == "established":
        wanted.append(
            t("range.best", best=t.count("people", 1100), least="980", most=t.number(1640))
        )
    for text in wanted:
        assert flat(text).lower() in first_two.lower(), text
        assert flat(text).lower() in flat(files["body.txt"].decode()).lower(), text
    points = [t(f"dossier.point_{point}") for point in "abcd"]
    assert all(flat(point) in first_two for point in points)


def test_facts_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValidationError, match="not in order"):
        Range.model_validate(count(5, 4, 9))
    with pytest.raises(ValidationError, match="go together"):
        facts("en", clock=known({**clock_of("en"), "due_at": None}))
    with pytest.raises(ValidationError):
        Customer.model_validate({**CUSTOMERS["fr"], "language": "de"})


def clock_of(language: str) -> dict[str, Any]:
    clock = facts(language).clock
    assert clock.state == "known"
    return clock.value.model_dump()

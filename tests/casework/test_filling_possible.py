"""A category, or a customer, that was only possibly touched is said to be so wherever it stands."""

import re

import pytest

from incidents.documents import NoticeFacts, render
from incidents.impact import Range, Reason
from tests.casework.office import HOUR, NOW
from tests.casework.worlds import At, category, dossier, in_english, with_impact, words, world
from tests.incidents.reading import text_of
from tocsin.app.casework import filling, views
from tocsin.app.casework.impacts import Impacted


@pytest.fixture
def partly(at: At) -> NoticeFacts:
    """A customer whose contacts were touched, and whose calls a common role alone ties."""
    listed = Range(20, 20, 20, "20 objects named; inventory of 2026-03-01: 70")
    rows = (
        category("contact", listed, stores=("lists",), reason=Reason.TOUCHED, why="Events."),
        category(
            people=("customers and prospects", "employees"),
            reason=Reason.LOOSELY_TIED,
            why="A common role.",
        ),
    )
    base = with_impact(world(at("assessed")), "c-1", categories=rows, subjects=listed)
    return filling.facts(base, "c-1", version=1, now=NOW + HOUR)


def test_a_category_that_only_a_common_role_ties_is_marked_in_the_mail(
    partly: NoticeFacts,
) -> None:
    text = words(in_english(partly))
    assert "a breach is confirmed" in text
    assert "Data: Contact details; possibly telephone conversations" in text
    assert "Your telephone conversations may have been touched as well" in text
    assert "Only a role that others use as well ties it to the attack" in text
    assert "- Telephone conversations (possibly) " in text
    assert "Customers and prospects; possibly employees" in text
    assert "Whether your telephone conversations were touched as well." in text
    assert "Conversations téléphoniques (peut-être)" in words(partly)


def test_a_category_that_is_only_possible_is_not_certain_in_the_data(partly: NoticeFacts) -> None:
    entries = dossier(partly)
    assert (entries["data_types"]["value"], entries["data_types"]["confidence"]) == (
        ["b"],
        "certain",
    )
    maybe = entries["data_types_possible"]
    assert (maybe["value"], maybe["confidence"]) == (["u"], "possible")
    rows = {row["category"]: row for row in entries["affected"]["value"]}
    assert rows["contact"]["standing"] == "confirmed"
    assert (rows["conversations"]["standing"], rows["conversations"]["shown_by"]) == (
        "possible",
        "common_role",
    )
    assert entries["affected"]["confidence"] == "possible"


def test_it_is_marked_in_print(partly: NoticeFacts) -> None:
    (pdf,) = (text for name, text in render(in_english(partly)).items() if name.endswith(".pdf"))
    text = re.sub(r"\s+", " ", text_of(pdf))
    assert "(possibly)" in text
    assert "may have been touched as well" in text


def test_all_of_a_possible_customer_is_possible_in_the_data(suspected: NoticeFacts) -> None:
    entries = dossier(suspected)
    assert entries["data_types"]["confidence"] == "possible"
    assert [row["standing"] for row in entries["affected"]["value"]] == ["possible"]


def test_the_terminal_shows_each_category_with_its_own_standing_and_reason(
    at: At, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = Range(20, 20, 20, "20 objects named")
    rows = (
        category("contact", listed, reason=Reason.TOUCHED, why="Events of the attack."),
        category("billing", listed, reason=Reason.TOUCHED, why="Events of the attack."),
        category(reason=Reason.LOOSELY_TIED, why="A common role."),
    )
    run = with_impact(world(at("assessed")), "c-1", categories=rows).run
    views.show_impact(Impacted(run, None, ()))
    said = capsys.readouterr().out
    assert said.count("Events of the attack.") == 1  # one reason of two categories
    assert "A common role." in said

"""A category, or a customer, that was only possibly touched is said to be so wherever it stands."""

import re

import pytest

from incidents.documents import NoticeFacts, render
from incidents.impact import Range, Reason, Standing
from tests.casework.office import BOB, HOUR, NOW
from tests.casework.worlds import (
    At,
    category,
    dossier,
    in_english,
    loosely_tied,
    with_impact,
    words,
    world,
)
from tests.incidents.reading import text_of
from tocsin.app.casework import duties, filling, views
from tocsin.app.casework.counted import SHOWN_BY
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


def test_each_reason_that_leaves_a_customer_possible_is_said_and_no_other(at: At) -> None:
    desk = at("assessed")
    duties.decide(desk, 1, ["c-3"], "notify", why="Be safe.", principal=BOB, now=NOW + HOUR)
    base = loosely_tied(world(desk), "c-3")
    ruled_out = {Reason.REFUSED, Reason.OPEN_UNREAD, Reason.UNTOUCHED}
    assert set(Reason) - set(SHOWN_BY) == ruled_out
    told = dict[Reason, str]()
    for reason in set(Reason) - ruled_out - {Reason.NAMED, Reason.SUSPECTED}:
        there = with_impact(base, "c-3", standing=Standing.POSSIBLE, reason=reason)
        found = filling.facts(there, "c-3", version=1, now=NOW + 2 * HOUR)
        for facts in (found, in_english(found)):
            said = re.search(r"(may have been|ont peut-être été) \w+\. ([^.]*\.)", words(facts))
            assert said
            told[reason] = told.get(reason, "") + said[2]
    assert "logs of that time are missing" in told[Reason.NOT_COVERED]
    assert "des journaux de cette période manquent" in told[Reason.NOT_COVERED]
    of_reads = {Reason.TOUCHED, Reason.OPEN_AND_READ}
    assert len({text for reason, text in told.items() if reason not in of_reads}) == (
        len(told) - len(of_reads)
    )

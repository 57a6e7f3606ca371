"""Whom the register names at a customer stands in its dossier with what is known of them."""

import pytest

from incidents.documents import NoticeFacts
from incidents.documents import annex as annexes
from incidents.documents.answers import answers
from incidents.documents.blocks import Table
from incidents.documents.speech import Speech
from tests.casework.office import HOUR, NOW
from tests.casework.worlds import At, dossier, world
from tocsin.app.casework import filling
from tocsin.app.casework.known import World
from tocsin.registers import Contact

YOURS = "à compléter par vous"


def known_as(base: World, *contacts: Contact) -> NoticeFacts:
    """Return the facts of a customer of which the register knows these people."""
    entry = base.customers["c-1"]._replace(contacts=contacts)
    customers = {**base.customers, "c-1": entry}
    alone = base.model_copy(update={"customers": customers})
    return filling.facts(alone, "c-1", version=1, now=NOW + HOUR)


def contact(role: str, name: str, email: str = "", phone: str = "") -> Contact:
    return Contact(role, name, email, phone, "fr", None)


def asked(facts: NoticeFacts) -> dict[str, str]:
    """Return what the forms ask, by field or by words, and our answers."""
    t = Speech("fr", facts.customer.time_zone, facts.law)
    found = answers(facts, t)
    (_, form), (_, fields) = annexes.form(facts, found, t), annexes.edpb_fields(facts, found, t)
    assert isinstance(form, Table)
    assert isinstance(fields, Table)
    return {row[0]: row[1] for row in form.rows} | {row[0]: row[2] for row in fields.rows}


@pytest.mark.parametrize(
    ("email", "phone"), [("dpo@lavande.example", ""), ("", "+33199001002"), ("a@b.example", "+331")]
)
def test_an_officer_with_an_address_or_a_number_alone_is_named_with_it(
    at: At, email: str, phone: str
) -> None:
    facts = known_as(world(at("assessed")), contact("dpo", "Nadia Petit", email, phone))
    said = asked(facts)
    assert YOURS not in said["29"]
    assert said["30"] == "Nadia Petit"
    reach = ", ".join(filter(None, (email, phone)))
    assert said["31"] == reach
    (row,) = [answer for label, answer in said.items() if label.startswith("Délégué")]
    assert row == f"Nadia Petit. {reach}"
    assert dossier(facts)["dpo.contact"]["value"] == reach


def test_the_contact_for_breaches_needs_no_phone_to_be_named(at: At) -> None:
    facts = known_as(world(at("assessed")), contact("breach", "Astreinte", "cert@lavande.example"))
    assert dossier(facts)["contact_point.name"]["value"] == "Astreinte"
    assert dossier(facts)["contact_point.contact"]["value"] == "cert@lavande.example"


def test_of_several_the_one_that_can_be_reached_both_ways_is_named(at: At) -> None:
    facts = known_as(
        world(at("assessed")),
        contact("dpo", "First", "first@lavande.example"),
        contact("dpo", "Second", "second@lavande.example", "+33199001002"),
        contact("dpo", "Third", "third@lavande.example", "+33199001003"),
    )
    assert facts.customer.dpo is not None
    assert facts.customer.dpo.name == "Second"


def test_nobody_is_named_that_the_register_does_not_know(at: At) -> None:
    facts = known_as(world(at("assessed")), contact("breach", "Astreinte", "cert@lavande.example"))
    assert facts.customer.dpo is None
    assert YOURS in asked(facts)["29"]

"""What a cell of a register may hold: countries, names, and what nobody sees."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select, update

from tests.registers.test_imports import CUSTOMERS, faults, taken
from tocsin import registers
from tocsin.errors import ConfigError
from tocsin.registers.entries import StaffEntry
from tocsin.registers.fields import STORED, Email
from tocsin.registers.tables import register_content
from tocsin.store import Store

Write = Callable[..., Path]


@pytest.mark.parametrize("code", ["UK", "EL", "XX", "EU", "ZZ", "fr", "FRA"])
def test_a_country_that_is_none_is_refused_as_the_law_follows_from_it(
    store: Store, write: Write, code: str
) -> None:
    head, *lines = CUSTOMERS.splitlines()
    text = "\n".join([f"{head};country", f"{lines[0]};FR", f"{lines[1]};{code}", ""])
    (said,) = faults(store, write(customers__csv=text))
    assert said.startswith("customers.csv, line 3, country: ")
    assert "GB, not UK" in said


@pytest.mark.parametrize("code", ["GB", "GR", "IL", "FR"])
def test_a_country_of_the_standard_is_taken(store: Store, write: Write, code: str) -> None:
    head, line, *_ = CUSTOMERS.splitlines()
    assert taken(store, write(customers__csv=f"{head};country\n{line};{code}\n")) == 1


def test_a_cell_with_several_lines_is_one_line(store: Store, write: Write) -> None:
    name = '"Maison \n\t+ customer c-9"'
    with store.read() as db:
        diff = registers.plan_import(
            db, write(customers__csv=CUSTOMERS.replace("Maison Verdelet", name))
        )
    lines = str(diff).splitlines()
    assert len(lines) == 4
    assert "name: Maison + customer c-9;" in lines[1]


@pytest.mark.parametrize(
    "unseen", ["\x1b[2J", "\u202e", "\x07", "\u2066", "\u00ad", "\u200b", "\u2060", "\ufeff"]
)
def test_what_nobody_sees_is_refused_with_its_place(
    store: Store, write: Write, unseen: str
) -> None:
    taken(store, write(customers__csv=CUSTOMERS))
    path = write(customers__csv=CUSTOMERS.replace("Maison Verdelet", f"Maison{unseen}"))
    with store.read() as db:
        before = registers.customers(db)
        with pytest.raises(ConfigError) as caught:
            registers.plan_import(db, path)
        assert registers.customers(db) == before
    assert str(caught.value) == (
        "customers.csv, line 2, name: expected text without control characters nobody sees "
        f"(U+{ord(unseen[0]):04X} at character 7)"
    )


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u200d", "\u200e"])
def test_no_address_and_no_id_has_what_nobody_sees(store: Store, write: Write, unseen: str) -> None:
    path = write(customers__csv=CUSTOMERS.replace("c-1", f"c{unseen}-1", 1))
    with store.read() as db, pytest.raises(ConfigError, match=r"line 2, id: expected"):
        registers.plan_import(db, path)
    with pytest.raises(ValidationError, match=f"U\\+{ord(unseen):04X}"):
        TypeAdapter(Email).validate_python(f"secur{unseen}ity@finch.example")


@pytest.mark.parametrize("pseudonym", ["Léa Martin", "lea", "operator martin", "LÉA"])
def test_a_pseudonym_tells_nothing_of_the_person(pseudonym: str) -> None:
    fields = {"id": "lea", "name": "Léa Martin", "country": "FR", "since": "2024-01-01"}
    with pytest.raises(ValidationError, match="expected words that tell nothing of the person"):
        StaffEntry.model_validate({**fields, "pseudonym": pseudonym})
    assert StaffEntry.model_validate({**fields, "pseudonym": "operator 3"}).pseudonym
    known = StaffEntry.model_validate({**fields, "pseudonym": pseudonym}, context=STORED)
    assert known.pseudonym == pseudonym


def test_names_keep_their_letters_and_blanks(store: Store, write: Write) -> None:
    name = "Société\u00a0Générale — חברה\u200f n°\u202f1"
    taken(store, write(customers__csv=CUSTOMERS.replace("Maison Verdelet", name)))
    with store.read() as db:
        assert registers.customers(db)["c-1"].name == name


def test_what_was_taken_under_older_rules_is_read_as_before(store: Store, write: Write) -> None:
    number = taken(store, write(customers__csv=CUSTOMERS))
    with store.begin() as db:
        rows = db.execute(
            select(register_content.c.entries).where(register_content.c.register == "customer")
        ).scalars()
        (stored,) = rows
        older = json.loads(stored)
        older[0] |= {"name": "Maison\x1b[2J", "country": "UK"}
        db.execute(
            update(register_content)
            .where(register_content.c.register == "customer")
            .values(entries=json.dumps(older))
        )
    with store.read() as db:
        found = registers.customers(db, number)
    assert found["c-1"].name == "Maison\N{REPLACEMENT CHARACTER}[2J"
    assert found["c-1"].country == "UK"

"""A register as CSV: nothing in it is a formula, and it comes back as it was."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.registers.entries import CustomerEntry, StaffEntry
from tocsin.registers.reading import read
from tocsin.registers.writing import FORMULA, harmless, own_text, to_csv

TEXT = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn")), min_size=1, max_size=30
    )
    .map(str.strip)
    .filter(bool)
)


@given(st.text(max_size=20))
def test_no_cell_begins_a_formula_and_each_comes_back(text: str) -> None:
    assert not harmless(text).startswith(FORMULA)
    assert own_text(harmless(text)) == text


@given(
    names=st.lists(st.one_of(TEXT, TEXT.map("=".__add__)), min_size=1, max_size=4),
    delimiter=st.sampled_from(";,"),
)
def test_a_written_register_is_read_as_it_was(
    names: list[str], delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = [
        CustomerEntry(
            id=f"c-{number}",
            name=name,
            language="fr",
            time_zone="Europe/Paris",
            sector="-",
            signed_on=date(2024, 1, 1),
        )
        for number, name in enumerate(names)
    ]
    path: Path = tmp_path_factory.mktemp("csv") / "customers.csv"
    path.write_bytes(to_csv("customer", entries, delimiter=delimiter))
    assert read(path).entries == {"customer": tuple(entries)}


def test_lists_and_nothing_come_back_too(tmp_path: Path) -> None:
    person = StaffEntry(
        id="a",
        name="=1+1",
        pseudonym="operator 1",
        country="FR",
        roles=("x", "y"),
        since=date(2024, 1, 1),
    )
    path = tmp_path / "staff.csv"
    path.write_bytes(to_csv("staff", [person]))
    assert read(path).entries == {"staff": (person,)}
    (row,) = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";")
    assert row["name"] == "'=1+1"

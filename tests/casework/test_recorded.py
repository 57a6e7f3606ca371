"""Imports and impact runs stand in the ledger, with nothing of a person, or do not stand at all."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from incidents import impact
from incidents.impact.tables import impact_run
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, CONTACTS, NOW, everything, intact, take_registers
from tests.casework.office import registers as write_registers
from tocsin.app.casework import books, measuring
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal


def said(desk: Desk, kind: str) -> list[dict[str, Any]]:
    return [json.loads(one.body or "") for one in intact(desk) if one.kind == kind]


def test_an_import_is_in_the_ledger_with_counts_and_digest_and_no_person(at: Copy) -> None:
    desk = at("opened")
    (taken,) = said(desk, "register.imported")
    assert taken.keys() == {"version", "before", "sha256", "changes", "entries"}
    assert (taken["version"], taken["before"]) == (1, 0)
    assert taken["entries"] == {"customer": 3, "contact": 6, "inventory": 3}
    (mapped,) = said(desk, "datamap.imported")
    assert (mapped["version"], mapped["before"], mapped["changes"]) == (1, 0, 2)
    for email, phone, *_ in CONTACTS.values():
        assert email not in str(taken)
        assert phone not in str(taken)


def test_an_import_that_changes_nothing_or_comes_too_late_leaves_no_entry(at: Copy) -> None:
    desk = at("opened")
    folder = Path(desk.config.store.path).parents[1] / "registers"
    before = everything(desk)
    take_registers(desk, folder, now=NOW)
    assert everything(desk) == before
    changed = write_registers(folder.parent, customers__csv=_renamed(folder, "A"))
    stale = books.plans(desk, changed, NOW)
    take_registers(desk, write_registers(folder.parent, customers__csv=_renamed(folder, "B")), NOW)
    assert [one["version"] for one in said(desk, "register.imported")] == [1, 2]
    before = everything(desk)
    with pytest.raises(Refusal, match="version 2 holds now"):
        books.take(desk, stale[0], principal=ALICE, now=NOW)
    assert everything(desk) == before


def _renamed(folder: Path, name: str) -> str:
    return (folder / "customers.csv").read_text().strip().replace("Harbour", f"Harbour{name}")


def test_a_run_is_in_the_ledger_with_its_digest(at: Copy) -> None:
    desk = at("opened")
    made = measuring.measure(desk, 1, principal=ALICE, now=NOW).run
    with desk.store.read() as db:
        kept = db.scalars(select(impact_run.c.payload)).one()
    assert said(desk, "impact.computed") == [
        {
            "incident": 1,
            "run": made.number,
            "customers": {"confirmed": 2, "possible": 1, "excluded": 0},
            "stated": False,
            "datamap": 1,
            "registers": 1,
            "sha256": sha256(kept.encode()).hexdigest(),
        }
    ]


@pytest.mark.parametrize("kind", ["impact.computed", "register.imported", "datamap.imported"])
def test_what_the_ledger_does_not_take_does_not_happen(at: Copy, kind: str) -> None:
    desk = at("opened")
    folder = Path(desk.config.store.path).parents[1] / "registers"
    write_registers(folder.parent, customers__csv=_renamed(folder, "A"))
    path = folder / "datamap.toml"
    path.write_text(path.read_text().replace("fetched", "taken"))
    registers, mapped = books.plans(desk, folder, NOW)
    with desk.store.begin() as db:  # a disk that is full, say
        db.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON ledger WHEN new.kind = "
                f"'{kind}' BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        )
    before = everything(desk)
    acts_of: dict[str, Callable[..., object]] = {
        "impact.computed": partial(measuring.measure, desk, 1),
        "register.imported": partial(books.take, desk, registers),
        "datamap.imported": partial(books.take, desk, mapped),
    }
    act = acts_of[kind]
    with pytest.raises(IntegrityError, match="disk full"):
        act(principal=ALICE, now=NOW)
    assert everything(desk) == before
    with desk.store.read() as db:
        assert impact.last(db, 1) is None

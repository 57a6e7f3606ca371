"""Importing registers: what a file would change, taking it, refusing it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tocsin import registers
from tocsin.errors import ConfigError, Refusal
from tocsin.model.principals import Principal
from tocsin.registers.tables import register_content, register_version
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
ALICE = Principal("shell", "alice")
CUSTOMERS = """\
id;name;language;time_zone;sector;signed_on
c-1;Maison Verdelet;fr;Europe/Paris;retail;2024-02-01
c-2;Northgate Lettings;en;Europe/London;real estate;2025-06-15
"""
CONTACTS = """\
customer;role;name;email;phone;verified_on
c-1;breach;Astreinte;security@verdelet.example;+33 1 99 00 12 34;2026-01-10
c-2;breach;Desk;security@northgate.example;;
"""
EXPECTED = """
customers.csv, line 7: expected 6 cells, got 8; put texts that hold the separator between quotation marks
contacts.csv, line 2, email: expected an e-mail address, like breach@customer.example
contacts.csv, line 3, phone: expected a phone number that exists, with +country, like +33142685300
contacts.csv, line 4, email: expected an e-mail address, or a phone number beside it
customers.csv, line 2, language: expected fr or en
customers.csv, line 3, id: expected a name without blanks or slashes
customers.csv, line 3, time_zone: expected a time zone of the IANA database, like Europe/Paris
customers.csv, line 3, signed_on: expected a day like 2026-03-31
customers.csv, line 4, ends_on: expected a day on or after signed_on
customers.csv, line 6: the same customer stands in customers.csv, line 5; keep one of the two
"""  # noqa: E501 - lines as they are said
THE_REST = (
    "language: en; time_zone: Europe/London; sector: real estate; hours: 48; signed_on: 2025-06-15"
)
Write = Callable[..., Path]


def taken(store: Store, path: Path, now: datetime = NOW) -> int:
    with store.begin() as db:
        diff = registers.plan_import(db, path)
        return registers.take_import(db, diff, principal=ALICE, now=now)


def rows(store: Store) -> tuple[int, int]:
    with store.read() as db:
        versions = db.scalar(select(func.count()).select_from(register_version))
        contents = db.scalar(select(func.count()).select_from(register_content))
    return versions or 0, contents or 0


def faults(store: Store, path: Path) -> list[str]:
    before = rows(store)
    with store.read() as db, pytest.raises(ConfigError) as caught:
        registers.plan_import(db, path)
    assert rows(store) == before
    assert caught.value.hint
    return str(caught.value).splitlines()


def test_customers_come_back_with_contract_and_contacts(store: Store, write: Write) -> None:
    assert taken(store, write(customers__csv=CUSTOMERS, contacts__csv=CONTACTS)) == 1
    with store.read() as db:
        found = registers.customers(db)
    one = found["c-1"]
    assert (one.name, one.language, one.time_zone) == ("Maison Verdelet", "fr", "Europe/Paris")
    assert one.contract == registers.Contract(48, date(2024, 2, 1), None)
    (contact,) = one.contacts_for("breach")
    assert contact.phone == "+33199001234"
    assert contact.language == "fr"
    assert contact.verified_on == date(2026, 1, 10)
    assert found["c-2"].contacts[0].verified_on is None


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_french_and_english_excel_save_is_understood(
    store: Store, write: Write, delimiter: str, mark: bytes
) -> None:
    text = CUSTOMERS.replace(";", delimiter).replace("\n", "\r\n")
    taken(store, write(customers__csv=mark + text.encode()))
    with store.read() as db:
        assert list(registers.customers(db)) == ["c-1", "c-2"]


def test_toml_says_the_same_as_csv(store: Store, write: Write) -> None:
    text = """
[[customer]]
id = "c-1"
name = "Maison Verdelet"
language = "fr"
time_zone = "Europe/Paris"
sector = "retail"
signed_on = 2024-02-01

[[staff]]
id = "eitan"
name = "Eitan R."
pseudonym = "operator 1"
country = "IL"
roles = ["support", "lead"]
since = 2025-01-01
until = 2026-03-31

[[exception]]
id = "backup"
rule = "snapshot-shared"
field = "account"
value = "694017283341"
owner = "Claire"
reason = "our own vault"
expires_on = 2026-12-31
"""
    taken(store, write(all__toml=text))
    with store.read() as db:
        by_toml = registers.customers(db)
        person = registers.staff(db)["eitan"]
        assert registers.exceptions(db)["backup"].owner == "Claire"
    assert person.roles == ("support", "lead")
    assert person.authorised_on(date(2026, 3, 31))
    assert not person.authorised_on(date(2026, 4, 1))
    with store.begin() as db:
        diff = registers.plan_import(db, write(customers__csv=CUSTOMERS.rsplit("c-2", 1)[0]))
    assert diff.changes == ()
    assert diff.contents["customer"][0].key in by_toml


def test_a_difference_says_what_is_added_removed_and_changed(store: Store, write: Write) -> None:
    taken(store, write(customers__csv=CUSTOMERS))
    changed = CUSTOMERS.replace("retail", "food").replace("c-2;North", "c-3;South")
    with store.read() as db:
        diff = registers.plan_import(db, write(customers__csv=changed))
    assert str(diff).splitlines() == [
        "registers against version 1",
        "~ customer c-1  sector: retail → food",
        "- customer c-2",
        f"+ customer c-3  id: c-3; name: Southgate Lettings; {THE_REST}",
        "2 customer: 1 added, 1 removed, 1 changed",
    ]


def test_a_register_in_several_files_says_so(store: Store, write: Write) -> None:
    head, first = CUSTOMERS.splitlines(keepends=True)[:2]
    more = '[[customer]]\nid = "c-8"\nname = "Acht"\nlanguage = "en"\n'
    more += 'time_zone = "Europe/Paris"\nsigned_on = 2026-01-01\n'
    folder = write(customers__csv=head + first, more__toml=more)
    with store.read() as db:
        diff = registers.plan_import(db, folder)
    assert "2 customer from customers.csv and more.toml together: 2 added" in str(diff)
    with store.read() as db:
        assert "together" not in str(registers.plan_import(db, folder / "customers.csv"))


def test_a_fault_in_toml_names_the_entry(store: Store, write: Write) -> None:
    path = write(more__toml='[[customer]]\nid = "c-8"\nname = "Acht"\nlanguage = "de"\n')
    with store.read() as db, pytest.raises(ConfigError) as caught:
        registers.plan_import(db, path)
    assert "more.toml, customer 1 (c-8), language: expected fr or en" in str(caught.value)


@pytest.mark.parametrize("reserved", ["operator", "*", ".", ".."])
def test_no_customer_is_called_what_means_something_else(
    store: Store, write: Write, reserved: str
) -> None:
    path = write(customers__csv=CUSTOMERS.replace("c-2;", f"{reserved};"))
    with store.read() as db, pytest.raises(ConfigError) as caught:
        registers.plan_import(db, path)
    assert str(caught.value).startswith(f"customers.csv, line 3, id: {reserved} ")
    assert "give the customer another id" in str(caught.value)


def test_columns_that_excel_leaves_empty_at_the_end_are_passed_by(
    store: Store, write: Write
) -> None:
    wide = "".join(f"{line};;\n" for line in CUSTOMERS.splitlines())
    with store.read() as db:
        plain = registers.plan_import(db, write(customers__csv=CUSTOMERS))
        assert registers.plan_import(db, write(customers__csv=wide)).contents == plain.contents
        with pytest.raises(ConfigError, match="line 2: expected 6 cells, got 8"):
            registers.plan_import(
                db, write(customers__csv=wide.replace("2024-02-01;", "2024-02-01;x"))
            )


def test_each_import_is_a_version_and_the_past_stays_as_it_was(store: Store, write: Write) -> None:
    taken(store, write(customers__csv=CUSTOMERS, contacts__csv=CONTACTS))
    later = NOW + timedelta(days=1)
    taken(store, write(customers__csv=CUSTOMERS.replace("retail", "food")), later)
    with store.read() as db:
        first, second = registers.versions(db)
        assert (first.number, second.number) == (1, 2)
        assert second.principal == "shell:alice"
        assert second.source == "registers"
        assert first.sha256 != second.sha256
        for at, sector in (
            (1, "retail"),
            (NOW, "retail"),
            (later - timedelta(seconds=1), "retail"),
            (2, "food"),
            (later, "food"),
            (None, "food"),
        ):
            assert registers.customers(db, at)["c-1"].sector == sector
        # Contacts were not in the second import: they go on.
        assert registers.customers(db)["c-1"].contacts
        assert registers.customers(db, NOW - timedelta(seconds=1)) == {}


def test_what_changes_nothing_is_no_version(store: Store, write: Write) -> None:
    taken(store, write(customers__csv=CUSTOMERS))
    before = rows(store)
    assert taken(store, write(customers__csv=CUSTOMERS)) == 1
    assert rows(store) == before


def test_a_difference_of_an_older_version_is_refused(store: Store, write: Write) -> None:
    with store.read() as db:
        stale = registers.plan_import(db, write(customers__csv=CUSTOMERS))
    taken(store, write(customers__csv=CUSTOMERS.replace("retail", "food")))
    before = rows(store)
    with store.begin() as db, pytest.raises(Refusal, match="version 1 holds now"):
        registers.take_import(db, stale, principal=ALICE, now=NOW)
    assert rows(store) == before
    with store.read() as db:
        assert registers.customers(db)["c-1"].sector == "food"


def test_all_faults_of_all_files_are_said_at_once_and_nothing_of_a_person(
    store: Store, write: Write
) -> None:
    customers = (
        "id;name;language;time_zone;signed_on;ends_on\n"
        "c-1;Maison;de;Europe/Paris;2024-02-01;\n"
        "c 2;Northgate;en;Europe/Londn;01/02/2024;\n"
        "c-3;Wrong;en;Europe/London;2024-02-01;2023-01-01\n"
        "c-4;A;fr;Europe/Paris;2024-01-01;\n"
        "c-4;B;fr;Europe/Paris;2024-01-01;\n"
        "c-5;A;fr;Europe/Paris;2024-01-01;;too;many\n"
    )
    contacts = (
        "customer;role;name;email;phone\n"
        "c-1;breach;Secret Person;not an address;\n"
        "c-1;breach;Secret Person;;0142685300\n"
        "c-1;breach;Secret Person;;\n"
    )
    said = faults(store, write(customers__csv=customers, contacts__csv=contacts))
    assert said == EXPECTED.strip().splitlines()
    assert not any("Secret" in line or "0142685300" in line for line in said)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("customers__csv", b"id;name\nc-1;\xe9\n", "customers.csv, line 2: expected UTF-8"),
        ("customers__csv", b"id;nom\n", "line 1, column 'nom': no such field; did you mean name"),
        ("customers__csv", b"id;name\n", "line 1: expected a column language; add it"),
        ("things__csv", b"a;b\n1;2\n", "things.csv, line 1: expected the columns of one register"),
        (
            "customers__csv",
            b'id;name;language;time_zone;signed_on\nc-1;"open',
            "line 2: expected CSV",
        ),
        ("all__toml", b"[customer]\nid = 1\n", "write [[customer]] above each"),
        ("all__toml", b"[[custmer]]\n", "no such register; did you mean customer?"),
        ("all__toml", b"[[customer]\n", "all.toml: expected TOML"),
        ("map__toml", b"[[store]]\n", "map.toml: it is a data map; call the file datamap.toml"),
        ("all__toml", b"[[customer]]\nsigned_on = 3\n", "signed_on: expected a day like"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(
    store: Store, write: Write, name: str, text: bytes, expected: str
) -> None:
    assert expected in "\n".join(faults(store, write(**{name: text})))


def test_contacts_of_nobody_are_refused(store: Store, write: Write) -> None:
    taken(store, write(customers__csv=CUSTOMERS))
    contacts = CONTACTS.replace("c-2;", "c-9;")
    assert faults(store, write(contacts__csv=contacts)) == [
        "contacts.csv, line 3, customer: no customer c-9; add it to the customers or correct the id"
    ]


def test_a_customer_that_other_registers_name_does_not_vanish(store: Store, write: Write) -> None:
    taken(store, write(customers__csv=CUSTOMERS, contacts__csv=CONTACTS))
    only = CUSTOMERS.rsplit("c-2", 1)[0]
    (said,) = faults(store, write(customers__csv=only))
    assert "customer c-2 would be gone" in said


def test_a_folder_without_registers_is_said(store: Store, tmp_path: Path) -> None:
    (said,) = faults(store, tmp_path)
    assert "no register in this folder" in said
    (said,) = faults(store, tmp_path / "nothing.csv")
    assert "cannot be read" in said


def test_what_is_wrong_within_lines_and_between_them_is_named_at_once(
    store: Store, write: Write
) -> None:
    wrong = CUSTOMERS.replace(";en;", ";german;")
    contacts = CONTACTS.replace("c-1;", "c-9;")
    first, second = faults(store, write(customers__csv=wrong, contacts__csv=contacts))
    assert first == "customers.csv, line 3, language: expected fr or en"
    assert second.startswith("contacts.csv, line 2, customer: no customer c-9; add it")
    # And not that c-2, whose own line is wrong, were unknown.


def test_a_day_to_come_is_not_one_on_which_something_was_done(store: Store, write: Write) -> None:
    inventory = "store;customer;category;records;on\nr;c-1;contact;3;{}\n"
    contacts = CONTACTS.replace("2026-01-10", "{}")
    for day, is_refused in (("2026-03-09", False), ("2026-03-10", True), ("2062-01-01", True)):
        path = write(
            customers__csv=CUSTOMERS,
            contacts__csv=contacts.format(day),
            inventory__csv=inventory.format(day),
        )
        with store.read() as db:
            if not is_refused:
                registers.plan_import(db, path, NOW)
                continue
            with pytest.raises(ConfigError) as caught:
                registers.plan_import(db, path, NOW)
        assert str(caught.value).splitlines() == [
            f"contacts.csv, line 2, verified_on: {day} is still to come; write the day it was done",
            f"inventory.csv, line 2, on: {day} is still to come; write the day it was done",
        ]

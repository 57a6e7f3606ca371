"""A customer's bundle names nobody else, however it is written, and can be made for everybody."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents.disclosure import Reader
from tests.casework import office
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.test_disclosure import below
from tocsin.app.casework import bundling, measuring, naming, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.config import load
from tocsin.errors import Refusal

MAPPING = """
[source.crm]
type = "files"
paths = ["{0}/crm"]

[[source.crm.mappings]]
name = "crm"
time = "time"
id = "id"
actor = "who"
action = "action"
outcome = "outcome"
object = "object"
count = "count"
ip = "ip"
customer = "cust"
"""
CRM = """
[[store]]
name = "contacts"
title = { fr = "carnets", en = "contact books" }
categories = ["contact"]
people = ["customers and prospects"]
reads_logged_by = ["crm"]

[[action]]
name = "contacts are exported"
source = "crm"
service = "crm"
actions = ["export"]
store = "contacts"
customer = "event"
effect = "exported"
count = "event"
"""
BAD = office.RULE.replace("event.action: GetObject", "event.action: export")


def house(
    folder: Path,
    customers: dict[str, str],
    note: str,
    phone: str = "",
    who: str = "mallory",
    **more: str,
) -> Desk:
    """Return a desk whose application's log shows an export of each customer, with a note."""
    config = office.found(folder, extra=office.FILES + MAPPING)
    (folder / "logs" / "a.json.gz").unlink()
    office.write_log(folder, office.quiet())
    (folder / "rules" / "bad.yml").write_text(
        BAD.replace("{product: aws, service: cloudtrail}", "{product: crm}")
    )
    (folder / "crm").mkdir()
    rows = [
        {
            "time": f"2026-03-09T10:{number:02}:00+00:00",
            "id": f"x{number}",
            "who": who,
            "action": "export",
            "outcome": "success",
            "object": f"export/{one}",
            "count": 6000 + number,
            "cust": one,
            "ip": office.STRANGER,
            "note": note if one == min(customers) else "",
        }
        for number, one in enumerate(customers)
    ]
    (folder / "crm" / "app.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    head = "id;name;language;time_zone;sector;country;hours;signed_on"
    quoted = {one: name.replace('"', '""') for one, name in customers.items()}
    office.registers(
        folder,
        customers__csv="\n".join(
            [
                head,
                *(
                    f'{one};"{name}";fr;Europe/Paris;retail;FR;48;2024-02-01'
                    for one, name in quoted.items()
                ),
            ]
        ),
        contacts__csv="\n".join(
            [
                "customer;role;name;email;phone;verified_on",
                *(
                    f"{one};breach;Desk;desk@x{n}.example;{phone or f'+3319900000{n}'};2026-02-01"
                    for n, one in enumerate(customers)
                ),
            ]
        ),
        inventory__csv="\n".join(
            [
                "store;customer;category;records;subjects;on",
                *(f"contacts;{one};contact;9000;9000;2026-03-01" for one in customers),
            ]
        ),
        datamap__toml=CRM,
        **more,
    )
    office.opened(config)
    return Desk(load(config))


def exported(desk: Desk, folder: Path, customer: str) -> Path:
    measuring.measure(desk, 1, principal=ALICE, now=NOW)
    made = bundling.export(desk, 1, folder, customer=customer, principal=ALICE, now=NOW + HOUR)
    assert bundling.verify(made, None).passed
    return made


def reader(desk: Desk, customer: str) -> Reader:
    with desk.store.read() as db:
        return naming.names(desk, db, 1).reader(customer)


OWN = {"c-1": "Société Générale", "c-2": "Élan Conseil", "c-3": 'Crédit "Foncier" Niçois'}


@pytest.mark.parametrize("other", ["c-2", "c-3"])
def test_a_record_that_names_another_in_escapes_is_withheld(tmp_path: Path, other: str) -> None:
    desk = house(tmp_path / "h", OWN, f"même fichier que {OWN[other]}, voilà")
    folder = exported(desk, tmp_path / "b", "c-1")
    (row,) = json.loads((folder / "raw/index.json").read_bytes())
    assert (row["state"], row["sha256"], row["salt"]) == ("withheld", "", "")
    assert row["why"] == "it holds data of other customers too"
    assert not list(folder.glob("raw/????????*.json"))
    desk.close()


@pytest.mark.parametrize(
    ("customers", "phone"),
    [
        ({"c-1": "Maison Lavande", "c-2": "Harbour Finch"}, "+33199000007"),
        ({"c-1": "Acme France", "c-2": "Acme", "c-3": "Acme France Nord"}, ""),
        ({"1": "Alpha SA", "2": "Beta Ltd", "3": "Gimel", "12": "Delta"}, ""),
        ({"fr": "Alpha SA", "en": "Beta Ltd"}, ""),
    ],
    ids=["one phone", "a name in a name", "numbers for ids", "words for ids"],
)
def test_every_customer_has_a_bundle_with_its_own_and_nobody_elses(
    tmp_path: Path, customers: dict[str, str], phone: str
) -> None:
    desk = house(tmp_path / "h", customers, "", phone)
    for customer in customers:
        folder = exported(desk, tmp_path / f"b-{customer}", customer)
        events = (folder / "events.jsonl").read_text().splitlines()
        assert [json.loads(one)["customer"] for one in events] == [customer]
        assert len(list(folder.glob("raw/????????*.json"))) == 1
        for path, content in below(folder).items():
            assert reader(desk, customer).in_file(path, content) is None
    desk.close()


def test_a_mail_that_names_another_is_refused_by_word_and_place_and_can_be_left_out(
    at: Callable[..., Desk], tmp_path: Path
) -> None:
    """The name was not in the register when the mail was sent."""
    desk = at("previewed")
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=NOW + HOUR)
    sending.send(desk, sha256, principal=ALICE, now=NOW + HOUR)
    ticking.deliver(desk, NOW + HOUR)
    folder = Path(desk.config.store.path).parents[1]
    before = (folder / "registers" / "customers.csv").read_text()
    new = "c-8;Réseau inconnu;fr;Europe/Paris;health;FR;48;2024-02-01"
    office.take_registers(desk, office.registers(folder, customers__csv=before + new), NOW)
    with pytest.raises(Refusal) as raised:
        again(desk, tmp_path / "b")
    assert not (tmp_path / "b").exists()
    asked, refused = office.intact(desk)[-2:]
    assert (asked.kind, refused.kind) == ("evidence.exported", "evidence.withheld")
    assert json.loads(refused.body or "") == {"incident": 1, "customer": "c-1"}  # not what it named
    first, *lines = str(raised.value).splitlines()
    assert "not for it" in first
    assert all('"Réseau inconnu", the name of customer c-8' in line for line in lines)
    allow = "--allow 'réseau inconnu' --why 'TEXT'"
    assert allow in raised.value.hint
    out = raised.value.hint.split("`")[1].split("--leave-out ")[1:]
    out = [one.strip() for one in out]
    named = [line.strip().partition(":")[0].partition(",")[0] for line in lines]
    assert list(dict.fromkeys(named)) == out
    assert any(one.endswith(".eml") for one in out)
    made = again(desk, tmp_path / "b", *out)
    assert not [one for one in out if (made / one).exists()]
    index = json.loads((made / "notices/index.json").read_bytes())
    said = [one["path"] for one in index if "left out by a person" in one.get("withheld", "")]
    assert sorted(said) == sorted(out)
    assert bundling.verify(made, None).passed
    allowed = bundling.export(
        desk,
        1,
        tmp_path / "c",
        customer="c-1",
        allow=["réseau inconnu"],
        why="It is ordinary French.",
        principal=ALICE,
        now=NOW + 2 * HOUR,
    )
    assert not [one for one in out if not (allowed / one).exists()]
    assert bundling.verify(allowed, None).passed


def again(desk: Desk, folder: Path, *leave_out: str, customer: str = "c-1") -> Path:
    """Export as a person does who was refused."""
    return bundling.export(
        desk,
        1,
        folder,
        customer=customer,
        leave_out=leave_out,
        principal=ALICE,
        now=NOW + 2 * HOUR,
    )


def test_an_entry_and_a_run_can_be_left_out_and_it_is_said(
    at: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = at("previewed")
    (first, *_) = sorted(again(desk, tmp_path / "b").glob("payloads/*.bin"))
    out = (f"payloads/{first.name}", "impact/run-0001.json")
    made = again(desk, tmp_path / "c", *out)
    assert not (made / out[0]).exists()
    assert "left out by a person" in (made / out[1]).read_text()
    told = [json.loads(line) for line in (made / "decisions.jsonl").read_bytes().splitlines()]
    (one,) = (one for one in told if "withheld" in one)
    assert (f"{one['number']}.bin", "fact" in one) == (first.name, False)
    assert bundling.verify(made, None).passed


@pytest.mark.parametrize(
    "wrong", ["notices/9999.eml", "ledger.jsonl", "payloads/9999.bin", "impact/run-0009.json"]
)
def test_what_cannot_be_left_out_is_refused(
    at: Callable[..., Desk], tmp_path: Path, wrong: str
) -> None:
    desk = at("previewed")
    with pytest.raises(Refusal, match=wrong):
        again(desk, tmp_path / "c", wrong)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="of the whole incident"):
        again(desk, tmp_path / "c", "notices/0001.json", customer="")
    assert office.everything(desk) == before
    assert not (tmp_path / "c").exists()

"""A customer's bundle names no colleague: pseudonyms in what we make, records withheld."""

import json
import re
from pathlib import Path

import pytest

from incidents.disclosure import registered
from incidents.disclosure.names import Reader
from incidents.disclosure.pseudonyms import pseudonymed
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.test_bundle_names import exported, house
from tests.casework.test_disclosure import below, texts
from tests.evidence.test_verify import by_hand
from tocsin.app.casework import bundling
from tocsin.registers import StaffEntry

CUSTOMERS = {"c-1": "Maison Lavande", "c-2": "Harbour Finch"}
STAFF = """id;name;pseudonym;country;roles;since;until
lea;Léa Martin;operator 3;FR;support;2024-01-01;
b.roux;Bruno Roux;operator 4;FR;support;2024-01-01;
"""
REGISTER = [
    StaffEntry.model_validate(
        {"id": one, "name": name, "pseudonym": told, "country": "FR", "since": "2024-01-01"}
    )
    for one, name, told in (("lea", "Léa Martin", "operator 3"), ("b.roux", "Bruno Roux", r"\4"))
]


def reader() -> Reader:
    return registered((), REGISTER).reader("c-1")


def test_a_bundle_shows_pseudonyms_and_withholds_records_that_name_a_colleague(
    tmp_path: Path,
) -> None:
    note = "export by Léa Martin, for b.roux"
    desk = house(tmp_path / "h", CUSTOMERS, note, who="lea", staff__csv=STAFF)
    for customer in CUSTOMERS:
        folder = exported(desk, tmp_path / customer, customer)
        (event,) = map(json.loads, (folder / "events.jsonl").read_bytes().splitlines())
        assert (event["id"], event["actor"]) == (f"crm:x{int(customer[-1]) - 1}", "operator 3")
        for name, content in below(folder).items():
            for text in texts(name, content):
                for word in ("Léa", "L\\u00e9a", "Martin", "roux", "Roux"):
                    assert word not in text, name
                if "raw" not in name:
                    assert not re.search(r"\blea\b", text), name
        (row,) = json.loads((folder / "raw/index.json").read_bytes())
        assert (row["state"], row["why"]) == ("withheld", "it names a colleague")
        assert (row["sha256"], row["salt"], row["size"]) == ("", "", 0)
        leaves = (folder / f"raw/leaves/{row['entry']}.txt").read_text().splitlines()
        assert row["leaf"] in leaves
        assert not list(folder.glob("raw/????????*.json"))
        done = by_hand(folder)
        assert done.returncode == 0, done.stdout + done.stderr
    desk.close()


def test_the_whole_bundle_names_everybody_and_keeps_every_record(tmp_path: Path) -> None:
    desk = house(tmp_path / "h", CUSTOMERS, "by Léa Martin", who="lea", staff__csv=STAFF)
    folder = exported(desk, tmp_path / "b", "")
    events = [json.loads(one) for one in (folder / "events.jsonl").read_bytes().splitlines()]
    assert {one["actor"] for one in events} == {"lea"}
    records = [path.read_bytes() for path in folder.glob("raw/????????*.json")]
    assert len(records) == len(CUSTOMERS)
    assert all(b'"who": "lea"' in one for one in records)
    desk.close()


def test_a_person_in_no_register_is_shown_as_the_log_has_it(tmp_path: Path) -> None:
    desk = house(tmp_path / "h", CUSTOMERS, "", who="mallory", staff__csv=STAFF)
    folder = exported(desk, tmp_path / "b", "c-1")
    assert json.loads((folder / "events.jsonl").read_bytes())["actor"] == "mallory"
    assert len(list(folder.glob("raw/????????*.json"))) == 1
    desk.close()


def test_a_withheld_record_whose_leaf_was_changed_is_found(tmp_path: Path) -> None:
    desk = house(tmp_path / "h", CUSTOMERS, "", who="lea", staff__csv=STAFF)
    folder = bundling.export(
        desk, 1, tmp_path / "b", customer="c-1", principal=ALICE, now=NOW + HOUR
    )
    desk.close()
    index = folder / "raw/index.json"
    (row,) = json.loads(index.read_bytes())
    index.write_bytes(index.read_bytes().replace(row["leaf"].encode(), b"0" * 64))
    assert any("was not captured" in fault for fault in bundling.verify(folder, None).faults)


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("actor", "lea", "operator 3"),
        (
            "actor",
            "arn:aws:iam::111122223333:user/lea",
            "arn:aws:iam::111122223333:user/operator 3",
        ),
        ("principal", "shell:lea", "shell:operator 3"),
        ("what", "read by léa  MARTIN at night", "read by operator 3 at night"),
        ("what", "Martin, Léa and b.roux", r"operator 3 and \4"),
        ("what", "L\\u00e9a Martin", "operator 3"),
        ("what", "of Martin & Co, a plea", "of Martin & Co, a plea"),
        ("object", "export/lea/1", "export/operator 3/1"),
        ("id", "lea", "lea"),
        *(
            ("why", text, text.replace("lea", "operator 3"))
            for text in (
                "The role was taken; arn:aws:sts::1:assumed-role/Support/lea had opened it",
                "(arn:aws:iam::1:user/dev/lea). Then it went on",
                "read s3://exports/lea/2026/03/09/1.wav and /home/lea/x",
                "from 203.0.113.9 by user lea",
                "par l'utilisateur lea, hier",
                "deleted by lea",
                "opened by lea at night",
                "a session of lea@laptop from here",
                "sent to lea+x@voxline.example.",
                "actor:arn:aws:iam::1:user/lea's",
            )
        ),
        ("why", "a plea of leas, and lea alone", "a plea of leas, and lea alone"),
        ("why", "MARTIN, LEA and lea@x: Lea Martin", "operator 3 and operator 3@x: operator 3"),
    ],
)
def test_a_colleague_stands_as_the_same_pseudonym_everywhere(
    field: str, text: str, shown: str
) -> None:
    given = {"a": [{field: text}], "n": 1}
    assert pseudonymed(given, reader()) == {"a": [{field: shown}], "n": 1}
    if shown != text:
        assert reader().in_value(pseudonymed(given, reader())) is None


def test_an_id_that_one_field_tells_is_replaced_in_the_sentences_beside_it() -> None:
    given = {
        "actor": "lea",
        "why": "lea read export/c-1, which lea's colleague had not.",
        "kind": "lea",
        "evidence": [{"id": "lea", "said": ["lea signed in"]}],
        "user": {"id": "lea", "name": "lea"},
        "id": "lea",
    }
    assert pseudonymed(given, reader()) == {
        "actor": "operator 3",
        "why": "operator 3 read export/c-1, which operator 3's colleague had not.",
        "kind": "lea",
        "evidence": [{"id": "lea", "said": ["operator 3 signed in"]}],
        "user": {"id": "operator 3", "name": "operator 3"},
        "id": "lea",
    }
    alone = {"why": "lea read export/c-1."}
    assert pseudonymed(alone, reader()) == alone

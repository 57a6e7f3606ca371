"""A bundle holds what it must, nothing of others, and is whole or not there."""

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from collectors.raw import RawRecords, Wanted
from incidents.disclosure import CUSTOMER, Names, Reader, Word
from incidents.evidence import capture
from incidents.evidence.bundle import Attached, Event, Item, Moment
from incidents.evidence.verify import verify
from tests.evidence.conftest import ALICE, NOW, House
from tocsin import ledger
from tocsin.errors import LedgerError, Refusal
from tocsin.ledger import checkpoints
from tocsin.model.events import RawRef

Told = Callable[[Path], list[dict[str, Any]]]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_bundle_has_every_section(exported: Path, told: Told) -> None:
    assert {name.partition("/")[0] for name in contents(exported)} == {
        *("timeline.json", "timeline.csv", "events.jsonl", "raw", "findings.jsonl"),
        *("decisions.jsonl", "impact", "notices", "ledger.jsonl", "payloads", "checkpoint.json"),
        *("checkpoint.sig", "key.pem", "MANIFEST.json", "SHA256SUMS", "SHA256SUMS.sig"),
        "VERIFY.md",
    }
    assert len(told(exported / "ledger.jsonl")) == 12
    assert [one["number"] for one in told(exported / "decisions.jsonl")] == [
        *(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    ]


def test_of_other_incidents_only_what_is_hashed_is_there(exported: Path) -> None:
    assert b"another matter" not in b"".join(contents(exported).values())
    assert not (exported / "payloads" / "2.bin").exists()


def test_only_notes_of_fact_leave_the_house(exported: Path, told: Told) -> None:
    everything = b"".join(contents(exported).values())
    assert b"plain" in everything
    assert b"guesswork" not in everything
    assert b"counsel" not in everything
    withheld = {one["number"]: one.get("withheld") for one in told(exported / "decisions.jsonl")}
    assert withheld[3] is None
    assert withheld[4] == "a working note; it stays in the house"
    assert withheld[5] == "a privileged note; it stays in the house"


def test_an_erased_payload_is_shown_as_erased(exported: Path, told: Told) -> None:
    one = next(one for one in told(exported / "decisions.jsonl") if one["number"] == 9)
    assert one["withheld"] == "erased; entry 10 says why"
    assert b"Bergeron" not in b"".join(contents(exported).values())
    assert verify(exported).passed


def test_raw_records_are_the_sources_bytes(exported: Path, house: House) -> None:
    source = (house.folder / "logs" / "trail.json").read_bytes()
    index = json.loads((exported / "raw/index.json").read_bytes())
    assert [one["event_id"] for one in index] == sorted(house.ids)
    for one in index:
        record = (exported / "raw" / f"{one['sha256']}.json").read_bytes()
        assert record in source
        assert json.loads(record)["eventID"] == one["event_id"]
        assert one["address"].endswith("trail.json")


def test_the_same_input_gives_the_same_bytes(house: House, tmp_path: Path) -> None:
    first, second = house.export(tmp_path / "one"), house.export(tmp_path / "two")
    assert contents(first) == contents(second)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in first.rglob("*") if path.is_dir()}
    assert modes == {0o700}


# A customer's bundle


def others(*names: str) -> Reader:
    """Return what looks, for acme, for the names of other customers."""
    return Names(
        Word(CUSTOMER, f"c-{number}", "name", one, f'"{one}", the name of customer c-{number}')
        for number, one in enumerate(names)
    ).reader("acme")


def test_a_customers_bundle_holds_nothing_of_another(house: House, tmp_path: Path) -> None:
    for customer, other in (("acme", b"zenith"), ("zenith", b"acme")):
        folder = house.export(tmp_path / customer, customer=customer)
        everything = b"".join(contents(folder).values())
        assert customer.encode() in everything
        assert other not in everything
        assert b"alice" not in everything
        assert verify(folder, house.public).passed
        assert "the key was taken away" in (folder / "timeline.csv").read_text()
        assert len(list(folder.glob("raw/????????*.json"))) == 1


def test_a_customers_ledger_is_its_own_entries_with_proofs(
    house: House, tmp_path: Path, told: Told
) -> None:
    folder = house.export(tmp_path / "acme", customer="acme")
    kinds = [one["kind"] for one in told(folder / "ledger.jsonl")]
    assert kinds == ["message.queued", "evidence.captured", "key.created"]
    assert sorted(path.name for path in folder.glob("proofs/*")) == ["11.txt", "12.txt", "6.txt"]


@pytest.mark.parametrize(
    ("sections", "file"),
    [
        ({"timeline": (Moment(at=NOW, what="with ZENITH", source="x", shared=True),)}, "timeline"),
        ({"findings": (Item(data={"why": "zenith"}, customer="acme"),)}, "findings.jsonl"),
        (
            {"files": (Attached(name="a", what="b", content=b"x Zenith y", shared=True),)},
            "notices/0001.bin",
        ),
        (
            {"files": (Attached(name="zenith.eml", what="b", content=b"", shared=True),)},
            "notices/index.json",
        ),
    ],
)
def test_a_word_of_another_customer_anywhere_is_a_refusal(
    house: House, tmp_path: Path, sections: dict[str, Any], file: str
) -> None:
    with pytest.raises(Refusal, match=file) as raised:
        house.export(
            tmp_path / "acme",
            house.bundle(**sections),
            customer="acme",
            reader=others("Zenith", "c-99"),
        )
    assert '"Zenith", the name of customer c-0' in str(raised.value)
    assert ("--leave-out" in raised.value.hint) == file.endswith(".bin")
    assert not (tmp_path / "acme").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_events_and_records_that_hold_several_customers_are_left_out_and_counted(
    house: House, tmp_path: Path
) -> None:
    a, b = house.ids
    events = (
        Event(data={"id": a, "action": "x"}, customer="acme"),
        Event(data={"id": b, "note": "with zenith"}, customer="acme"),
    )
    folder = house.export(
        tmp_path / "acme", house.bundle(events=events), customer="acme", reader=others("zenith")
    )
    assert json.loads((folder / "MANIFEST.json").read_bytes())["events_left_out"] == 1
    assert verify(folder, house.public).passed
    others_too = (*events, Event(data={"id": "o"}, customer="globex"), Event(data={"id": "n"}))
    folder = house.export(
        tmp_path / "more", house.bundle(events=others_too), customer="acme", reader=others("zenith")
    )
    assert json.loads((folder / "MANIFEST.json").read_bytes())["events_left_out"] == 3
    whole = house.export(tmp_path / "whole", house.bundle(events=others_too))
    assert json.loads((whole / "MANIFEST.json").read_bytes())["events_left_out"] == 0
    # The record of an event that is the customer's, and names another one in its bytes:
    folder = house.export(
        tmp_path / "again",
        house.bundle(events=(Event(data={"id": b}, customer="acme"),)),
        customer="acme",
        reader=others("zenith-calls"),
    )
    (row,) = json.loads((folder / "raw/index.json").read_bytes())
    assert (row["state"], row["sha256"]) == ("withheld", "")
    assert b"zenith" not in b"".join(contents(folder).values())
    assert verify(folder, house.public).passed


def test_records_a_colleague_captured_are_not_shown_to_customers(
    house: House, tmp_path: Path
) -> None:
    with house.store.begin() as db:
        rows = [one.event_id for one in capture.held(db, 1)]
        asked = [
            Wanted(one, "cloudtrail", RawRef(str(house.folder / "logs" / "trail.json"), place))
            for place, one in enumerate(rows)
        ]
        collected = capture.collect(asked, RawRecords(), house.evidence)
        capture.record(db, 3, collected, principal=ALICE, now=NOW)
    bundle = house.bundle(incident=3)
    folder = house.export(tmp_path / "acme", bundle, customer="acme")
    (row,) = json.loads((folder / "raw/index.json").read_bytes())
    assert row["state"] == "withheld"
    assert "is not shown" in row["why"]
    assert b"alice" not in b"".join(contents(folder).values())
    assert verify(folder, house.public).passed
    assert len(list(house.export(tmp_path / "all", bundle).glob("raw/????????*.json"))) == 2


# Failures


def test_an_existing_folder_is_refused_and_left_alone(house: House, tmp_path: Path) -> None:
    for name, make in (
        ("folder", Path.mkdir),
        ("file", Path.touch),
        ("link", lambda path: path.symlink_to(tmp_path / "nowhere")),
    ):
        make(tmp_path / name)
        with pytest.raises(Refusal, match=name) as raised:
            house.export(tmp_path / name)
        assert raised.value.hint
    assert list((tmp_path / "folder").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_damaged_record_stops_the_bundle(house: House, tmp_path: Path) -> None:
    kept = next(house.evidence.rglob("*.raw"))
    kept.write_bytes(b"{}")
    with pytest.raises(LedgerError, match="was changed") as raised:
        house.export(tmp_path / "bundle")
    assert str(kept) in str(raised.value)
    kept.unlink()
    with pytest.raises(LedgerError, match="cannot be read"):
        house.export(tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_damaged_ledger_stops_the_bundle(house: House, tmp_path: Path) -> None:
    with house.store.begin() as db:
        suffix = "" if house.store.is_file else " ON ledger"
        db.execute(text("DROP TRIGGER ledger_no_update" + suffix))
        db.execute(text("UPDATE ledger SET principal = 'shell:bob' WHERE number = 3"))
    with pytest.raises(LedgerError, match="entry 3: was altered"):
        house.export(tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


EXPORTER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from collectors.raw import RawRecords, Wanted
from incidents.evidence import capture
from incidents.evidence.bundle import Attached, Bundle
from incidents.evidence.export import export
from tocsin.ledger import checkpoints, rotation
from tocsin.store import Store

folder = Path(sys.argv[1])
now = datetime(2026, 3, 9, tzinfo=UTC)
files = tuple(Attached(name="a.txt", what="n", content=b"x" * 9999) for _ in range(400))
store = Store(folder / "state.db")
with store.begin() as db:
    key = rotation.open_current(db, folder / "key")
    signed = checkpoints.sign(db, key, at=now)
    print("ready", flush=True)
    bundle = Bundle(incident=1, made_at=now, files=files)
    export(db, bundle, folder / "bundle", evidence=folder / "evidence", signed=signed, key=key)
"""


@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.1, 0.3, 1.0])
def test_a_kill_leaves_a_whole_bundle_or_none(house: House, tmp_path: Path, after_s: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", EXPORTER, str(house.folder)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
    folder = tmp_path / "bundle"
    assert not folder.exists() or verify(folder).passed


# Hostile content


HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r\n=1", "\N{FULLWIDTH EQUALS SIGN}1"),
    *(
        '"=1',
        "a\nb",
        "a\0b",
        "\x1b[31m",
        "<script>",
        "../../etc",
        "\udc80",
        "\u202egnp",
        "a\u200bb",
    ),
]


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_words_stay_words(house: House, tmp_path: Path, what: str) -> None:
    bundle = house.bundle(
        timeline=(Moment(at=NOW, what=what, source=what),),
        findings=(Item(data={"why": what, what: [what]}),),
        files=(Attached(name=what, what=what, content=b"x"),),
    )
    folder = house.export(tmp_path / "bundle", bundle)
    assert verify(folder, house.public).passed
    table = list(csv.reader(io.StringIO((folder / "timeline.csv").read_bytes().decode())))
    assert len(table) == 2
    assert not table[1][1].strip().startswith(("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}"))
    assert not any(unicodedata.category(c)[0] == "C" for c in "".join(table[1]))
    told = json.loads((folder / "timeline.json").read_bytes())
    assert told[0]["what"] == what
    assert sorted(path.name for path in (folder / "notices").iterdir()) == [
        *("0001.bin", "index.json")
    ]


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("notice.EML", "eml"),
        ("a.pdf", "pdf"),
        ("a.exe", "bin"),
        ("a.eml/../../x", "bin"),
        ("a.sh\0.pdf", "pdf"),
        ("", "bin"),
        ("." * 5000, "bin"),
        ("/etc/passwd.json", "json"),
    ],
)
def test_a_files_own_name_decides_nothing_but_a_known_ending(
    house: House, tmp_path: Path, name: str, ending: str
) -> None:
    files = (Attached(name=name, what="x", content=b"x"),)
    folder = house.export(tmp_path / "bundle", house.bundle(files=files))
    assert (folder / "notices" / f"0001.{ending}").read_bytes() == b"x"


def test_an_event_needs_its_id_and_errors_show_no_data() -> None:
    with pytest.raises(ValidationError) as raised:
        Event(data={"secret": "Bergeron"})
    assert "Bergeron" not in str(raised.value)


def test_export_writes_nothing_to_the_database(house: House, tmp_path: Path) -> None:
    house.export(tmp_path / "one")
    with house.store.read() as db:
        before = ledger.newest(db), checkpoints.latest(db)
    house.export(tmp_path / "two")
    with house.store.read() as db:
        assert (ledger.newest(db), checkpoints.latest(db)) == before

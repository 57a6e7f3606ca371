"""What a person sent us is in the evidence, byte for byte, with when it came and what it said."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents.assessment import Attached, Told
from tests.casework.office import ALICE, HOUR, NOW
from tests.evidence.test_verify import by_hand
from tocsin.app.casework import acts, bundling
from tocsin.app.casework.desk import Desk

At = Callable[..., Desk]
MAIL = b"From: ida@finch.example\r\nSubject: odd\r\n\r\nIt is not ours \xff\x00.\r\n"
WHAT = "An export of ours lies on a stranger's page."
RECEIVED = NOW - 5 * HOUR


@pytest.fixture
def reported(at: At, tmp_path: Path) -> Path:
    """Return the bundle of an incident that a person reported, with two originals."""
    desk = at("opened")
    told = Told(
        title="Odd page",
        what=WHAT,
        received_at=RECEIVED,
        reporter="customer",
        name="Ida Finch",
        channel="email",
        originals=(
            Attached("../odd mail.eml", "message/rfc822", MAIL),
            Attached("page.weird", "application/octet-stream", b"\x00\x01"),
        ),
    )
    case = acts.report(desk, told, principal=ALICE, now=NOW)
    return bundling.export(desk, case.number, tmp_path / "bundle", principal=ALICE, now=NOW)


def original(bundle: Path) -> Path:
    return bundle / "originals" / f"{hashlib.sha256(MAIL).hexdigest()}.eml"


def test_the_originals_are_in_the_bundle_and_every_list_covers_them(reported: Path) -> None:
    assert original(reported).read_bytes() == MAIL
    index = json.loads((reported / "originals/index.json").read_text())
    assert [one["name"] for one in index] == ["../odd mail.eml", "page.weird"]
    assert index[1]["path"].endswith(".bin")
    listed = json.loads((reported / "MANIFEST.json").read_text())["files"]
    sums = (reported / "SHA256SUMS").read_text()
    for one in index:
        assert one["path"] in {each["path"] for each in listed}
        assert one["path"] in sums
        (line,) = (
            json.loads(line)
            for line in (reported / "decisions.jsonl").read_text().splitlines()
            if json.loads(line)["number"] == one["entry"]
        )
        assert line["kind"] == "incident.opened"
    assert bundling.verify(reported, None).passed
    done = by_hand(reported)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_original_that_was_changed_is_found_even_where_the_lists_were_changed_too(
    reported: Path,
) -> None:
    original(reported).write_bytes(MAIL + b"x")
    faults = [one for one in bundling.verify(reported, None).steps if one.title.startswith("Origi")]
    assert [one.passed for one in faults] == [False]
    assert by_hand(reported).returncode != 0


def test_an_original_that_no_entry_names_is_found(reported: Path) -> None:
    content = b"made up"
    (reported / "originals" / f"{hashlib.sha256(content).hexdigest()}.txt").write_bytes(content)
    (step,) = (one for one in bundling.verify(reported, None).steps if one.number == 11)
    assert "named by no entry" in step.faults[0]


def test_the_timeline_says_when_the_report_came_and_what_it_said(reported: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((reported / "timeline.csv").read_text())))
    first = rows[0]
    assert first["at"].startswith(f"{RECEIVED:%Y-%m-%dT%H:%M:%S}")
    assert WHAT in first["what"]
    assert "customer, Ida Finch, by email" in first["what"]
    entries = [json.loads(one) for one in (reported / "decisions.jsonl").read_text().splitlines()]
    opened = next(one for one in entries if one["kind"] == "incident.opened")
    assert first["source"] == f"ledger entry {opened['number']}"


def test_a_customer_sees_no_original(at: At, tmp_path: Path) -> None:
    desk = at("opened")
    told = Told(
        title="Odd page",
        what=WHAT,
        received_at=RECEIVED,
        reporter="customer",
        name="x",
        channel="email",
        originals=(Attached("m.eml", "message/rfc822", MAIL),),
    )
    number = acts.report(desk, told, principal=ALICE, now=NOW).number
    out = bundling.export(
        desk, number, tmp_path / "theirs", customer="c-1", principal=ALICE, now=NOW
    )
    assert not (out / "originals").exists()
    assert bundling.verify(out, None).passed
    done = by_hand(out)
    assert done.returncode == 0, done.stdout + done.stderr

"""Bytes that are no text, no JSON or not the JSON they should be are faults, never exceptions."""

from pathlib import Path

import pytest

from collectors.raw import event_id
from tests.evidence.conftest import House
from tests.evidence.test_verify import files_of, forge, refused

UNREADABLE = [
    b"\x80",
    b'{"at":"\xb5"}',
    b'{"\xc3":1}',
    b'"\\ud800"',
    b"\xff\xfe" * 8,
    b"[" * 100_000,
    b'{"number":' + b"9" * 400 + b"}",
]


@pytest.mark.parametrize("content", UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize("customer", ["", "acme"])
def test_any_file_that_cannot_be_read_is_named_even_when_it_is_signed(
    house: House, tmp_path: Path, customer: str, content: bytes
) -> None:
    folder = house.export(tmp_path / "bundle", customer=customer)
    whole = {name: (folder / name).read_bytes() for name in files_of(folder)}
    for name, before in whole.items():
        (folder / name).write_bytes(content)
        refused(folder, name.removesuffix(".sig"), house)
        (folder / name).write_bytes(before)
    for name in ("checkpoint.json", "ledger.jsonl", "decisions.jsonl", "raw/index.json"):
        forge(folder, house, {name: content})
        found = refused(folder, name, house)
        assert all(step.passed for step in found.steps[:4])
        forge(folder, house, {name: whole[name]})


@pytest.mark.parametrize("number", [0, -1, 2**53, 10**30])
def test_a_checkpoint_of_a_number_that_cannot_be_is_a_fault(
    exported: Path, house: House, number: int
) -> None:
    message = (exported / "checkpoint.json").read_bytes()
    other = message.replace(b'"number":12', b'"number":%d' % number)
    assert other != message
    forge(exported, house, {"checkpoint.json": other})
    refused(exported, "checkpoint.json", house)


@pytest.mark.parametrize("inner", [b"abc", b"\\ud800", b'{\\"a\\":\xff}', b"[" * 100_000])
def test_an_envelope_that_holds_no_record_gives_it_no_id(inner: bytes) -> None:
    assert event_id(b'{"CloudTrailEvent":"' + inner + b'"}') == ""

"""Whatever is wrong with one record or file is said with file and place, and costs nothing else."""

import gzip
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from collectors.base import Batch
from collectors.cloudtrail_pieces import cuts
from collectors.lenient import MOST_RECORD_BYTES, SAMPLE_BYTES
from collectors.mapping import Mapping_
from tests.collectors.logs import Reads, application_record, cloudtrail_record, lines, trail

CRM = Mapping_(
    name="crm",
    time=("time",),
    actor=("actor",),
    action=("action",),
    outcome=("outcome",),
    outcomes={"ok": "success", "denied": "failure:denied"},
    count=("count",),
    id=("id",),
)
GOOD = [cloudtrail_record(number) for number in range(3)]
WHOLE = trail(GOOD)


def archived(text: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("a.json")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return made.getvalue()


def packed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


def with_second(text: str) -> bytes:
    """Return three records as delivered, the second of them written as ``text``."""
    first, _, last = (json.dumps(record) for record in GOOD)
    return f'{{"Records":[{first},{text},{last}]}}'.encode()


def changed(**fields: Any) -> bytes:
    return with_second(json.dumps(cloudtrail_record(1, **fields)))


def line_two(text: bytes) -> bytes:
    first, _, last = (json.dumps(record).encode() for record in GOOD)
    return b"\n".join((first, text, last, b""))


def crm_two(**fields: Any) -> bytes:
    return lines([application_record(0), application_record(1, **fields), application_record(2)])


def crm_line_two(text: bytes) -> bytes:
    first, last = lines([application_record(0)]), lines([application_record(2)])
    return first + text + b"\n" + last


class Bad(NamedTuple):
    """A kind of bad input.

    Attributes:
        stored: The file's bytes.
        place: Where the reject says it is.
        reason: Words in its reason.
        read: How many events of the file are read all the same.
        state: What becomes of the file in the ledger.
    """

    stored: bytes
    place: str
    reason: str
    read: int
    state: str = "read"


DEEP = "[" * 3_000 + "]" * 3_000
FIRST_TWO = WHOLE[: WHOLE.index(b'"eventID": "00000000-0000-4000-8000-000000000002"')]

BAD: dict[str, Bad] = {
    "truncated gzip": Bad(
        packed(WHOLE)[:-6], f"byte {len(packed(WHOLE)) - 6}", "truncated gzip", 3, "broken"
    ),
    "gzip cut in the middle": Bad(packed(WHOLE)[:60], "byte 60", "truncated gzip", 0, "broken"),
    "damaged gzip": Bad(
        packed(WHOLE)[:-8] + b"\0\0\0\0" + packed(WHOLE)[-4:], "byte 0", "damaged gzip", 0, "broken"
    ),
    "gzip, then something else": Bad(
        packed(WHOLE) + b"garbage", f"byte {len(packed(WHOLE))}", "not gzip follows", 3, "broken"
    ),
    "a bomb": Bad(packed(b" " * 20_000_000), "byte 0", "max_object_bytes", 0, "broken"),
    "empty file": Bad(b"", "", "empty", 0, "broken"),
    "gzip within gzip": Bad(packed(packed(WHOLE)), "", "gzip within gzip", 0, "broken"),
    "zlib": Bad(zlib.compress(WHOLE), "", "compressed with zlib", 0, "broken"),
    "tar": Bad(packed(archived(WHOLE)), "", "a tar archive", 0, "broken"),
    "empty gzip": Bad(packed(b""), "", "empty", 0, "broken"),
    "no log at all": Bad(b"# Notes\nnothing to see\n", "", "does not begin with JSON", 0, "broken"),
    "binary": Bad(bytes(range(256)) * 4, "", "does not begin with JSON", 0, "broken"),
    "JSON of something else": Bad(b'{"name": "x", "version": 3}', "", "name, version", 0, "broken"),
    "Records is no array": Bad(
        b'{"Records": {"eventName": "x"}}', "record 1", "must be an array", 0
    ),
    "wrong JSON in the middle": Bad(
        with_second('{"eventVersion": "1.11", oops}'), "record 2", "not JSON", 2
    ),
    "half a record at the end": Bad(FIRST_TWO, "record 3", "not JSON", 2),
    "a record that is a text": Bad(with_second('"hello"'), "record 2", "this is a text", 2),
    "a record that is null": Bad(with_second("null"), "record 2", "this is null", 2),
    "a record that is a number": Bad(with_second("17"), "record 2", "this is a number", 2),
    "no eventTime": Bad(changed(eventTime=...), "record 2", "no eventTime", 2),
    "no eventID": Bad(changed(eventID=...), "record 2", "no eventID", 2),
    "blank eventID": Bad(changed(eventID=" "), "record 2", "no eventID", 2),
    "eventID is a number": Bad(changed(eventID=5), "record 2", "this is a number", 2),
    "eventTime is no time": Bad(changed(eventTime="yesterday"), "record 2", "no time", 2),
    "a day that is none": Bad(changed(eventTime="2026-02-30T10:00:00Z"), "record 2", "no time", 2),
    "eventTime without zone": Bad(
        changed(eventTime="2026-03-09T10:00:00"), "record 2", "no zone", 2
    ),
    "eventTime as epoch": Bad(changed(eventTime="1773050400"), "record 2", "no time", 2),
    "eventTime before 1970": Bad(changed(eventTime="1812-01-01T00:00:00Z"), "record 2", "1970", 2),
    "nested too deeply": Bad(
        changed(requestParameters="@").replace(b'"@"', DEEP.encode()),
        "record 2",
        "nested too deeply",
        2,
    ),
    "a NUL in a text": Bad(
        changed(userAgent="a@b").replace(b"a@b", b"a\0b"), "record 2", "not JSON", 2
    ),
    "a line that is no JSON": Bad(line_two(b"oops"), "line 2", "not JSON", 2),
    "a line that is not even text": Bad(line_two(b"\xff\xfe{"), "line 2", "not JSON", 2),
    "crm: a line that is no JSON": Bad(crm_line_two(b"oops"), "line 2", "not JSON", 2),
    "crm: a line that is an array": Bad(crm_line_two(b"[1]"), "line 2", "this is an array", 2),
    "crm: a line that is not even text": Bad(crm_line_two(b"\xff{"), "line 2", "not UTF-8", 2),
    "crm: NUL bytes": Bad(crm_line_two(b"\0\0\0\0"), "line 2", "not JSON", 2),
    "crm: nested too deeply": Bad(
        crm_line_two(b'{"time":' + DEEP.encode() + b"}"), "line 2", "nested too deeply", 2
    ),
    "crm: no time": Bad(crm_two(time=...), "line 2", "no time (field time)", 2),
    "crm: a time without zone": Bad(
        crm_two(time="2026-03-09T11:00:00"), "line 2", "names no zone", 2
    ),
    "crm: a time that is true": Bad(crm_two(time=True), "line 2", "neither a text nor a number", 2),
    "crm: a huge time": Bad(crm_two(time=10**400), "line 2", "1970 to 9998", 2),
    "crm: no action": Bad(crm_two(action=...), "line 2", "no action (field action)", 2),
    "crm: half a line at the end": Bad(
        lines([application_record(0)]) + b'{"time": "2026', "line 2", "not JSON", 1
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_thing_is_named_and_costs_only_itself(kind: str, reads: Reads) -> None:
    bad = BAD[kind]
    (reads.folder / "a-good.json").write_bytes(WHOLE)
    (reads.folder / "b-bad.json.gz").write_bytes(bad.stored)
    (reads.folder / "c-good.jsonl").write_bytes(lines([application_record(n) for n in range(5)]))
    batch = reads(mappings=(CRM,), max_object_bytes=10_000_000)
    address = str(reads.folder / "b-bad.json.gz")
    first = batch.rejects[0]
    assert first.address == address
    assert first.place == bad.place
    assert bad.reason in first.reason
    assert {reject.address for reject in batch.rejects} == {address}
    assert events_of(batch) == {"a-good.json": 3, "b-bad.json.gz": bad.read, "c-good.jsonl": 5}
    assert [state for _, state in batch.objects] == ["read", bad.state, "read"]


def events_of(batch: Batch) -> dict[str, int]:
    """Return how many events of each object a batch holds."""
    found = {Path(one.address).name: 0 for one, _ in batch.objects}
    for code in batch.columns.raw_code.tolist():
        found[Path(batch.columns.raw_object[code]).name] += 1
    return found


ODD: dict[str, Callable[[], bytes]] = {
    "concatenated gzip members": lambda: packed(WHOLE[:50]) + packed(WHOLE[50:]),
    "zeros after the last member": lambda: packed(WHOLE) + b"\0" * 512,
    "two envelopes one after the other": lambda: trail(GOOD[:2]) + trail(GOOD[2:]),
    "two gzip members, an envelope each": lambda: packed(trail(GOOD[:2])) + packed(trail(GOOD[2:])),
    "a byte order mark": lambda: b"\xef\xbb\xbf" + WHOLE,
    "userIdentity missing": lambda: changed(userIdentity=...),
    "userIdentity null": lambda: changed(userIdentity=None),
    "userIdentity a text": lambda: changed(userIdentity="root"),
    "requestParameters a text": lambda: changed(requestParameters="none"),
    "requestParameters an array": lambda: changed(requestParameters=[1, {"a": 2}]),
    "userAgent a number": lambda: changed(userAgent=17),
    "userAgent null": lambda: changed(userAgent=None),
    "readOnly a text": lambda: changed(readOnly="true"),
    "errorCode a number": lambda: changed(errorCode=403),
    "a huge integer": lambda: changed(requestParameters={"n": 10**400}),
    "a number beyond floats": lambda: changed(requestParameters="@").replace(
        b'"@"', b'{"n":1e999}'
    ),
    "a key twice": lambda: changed().replace(b'"eventName"', b'"eventName": "Other", "eventName"'),
    "an unknown field": lambda: changed(someNewField={"a": [1, 2]}),
    "a byte that is no UTF-8": lambda: changed(userAgent="a@b").replace(b"a@b", b"a\xffb"),
    "half a character": lambda: changed(userAgent="a@b").replace(b"a@b", b"a\\ud83db"),
    "not a number": lambda: changed(requestParameters="@").replace(b'"@"', b'{"n":NaN}'),
    "a line with a byte that is no UTF-8": lambda: line_two(
        json.dumps({**GOOD[1], "userAgent": "a@b"}).encode().replace(b"a@b", b"a\xffb")
    ),
    "an event id that is no UUID": lambda: changed(eventID="not-a-uuid"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_and_still_a_record_is_read(kind: str, reads: Reads) -> None:
    (reads.folder / "odd.json").write_bytes(ODD[kind]())
    batch = reads()
    assert [reject.reason for reject in batch.rejects] == []
    assert len(batch.columns) == batch.records == 3
    assert batch.columns.event(1).action == "GetObject"


@pytest.mark.parametrize("shape", ["one object", "lines"])
def test_a_monstrous_record_is_not_even_decoded(shape: str, reads: Reads) -> None:
    monster = {**GOOD[1], "userAgent": "a" * MOST_RECORD_BYTES}
    records = [GOOD[0], monster, GOOD[2]]
    stored = trail(records) if shape == "one object" else lines(records)
    (reads.folder / "b.json.gz").write_bytes(packed(stored))
    batch = reads()
    (reject,) = batch.rejects
    assert reject.place == "record 2"
    assert re.fullmatch(r"16,7\d\d,\d{3} bytes; a record has at most 16,777,216", reject.reason)
    assert len(reject.sample) <= SAMPLE_BYTES
    assert len(batch.columns) == 2


def test_a_monstrous_line_of_an_application_is_not_even_decoded(reads: Reads) -> None:
    good = [application_record(n) for n in range(3)]
    stored = lines([good[0], {**good[1], "user_agent": "a" * MOST_RECORD_BYTES}, good[2]])
    (reads.folder / "b.jsonl.gz").write_bytes(packed(stored))
    batch = reads(mappings=(CRM,))
    assert [reject.place for reject in batch.rejects] == ["line 2"]
    assert "a record has at most" in batch.rejects[0].reason
    assert len(batch.columns) == 2


def test_a_mended_record_is_captured_byte_for_byte() -> None:
    odd = json.dumps({**GOOD[1], "userAgent": "a@b"}).encode().replace(b"a@b", b"a\xffb")
    assert dict(cuts(line_two(odd)))[1] == odd
    envelope = changed(userAgent="a@b").replace(b"a@b", b"a\xffb")
    assert b"a\xffb" in dict(cuts(envelope))[1]


def test_an_empty_array_of_records_is_no_error(reads: Reads) -> None:
    (reads.folder / "quiet.json").write_bytes(b'{"Records":[]}')
    batch = reads()
    assert batch.rejects == ()
    assert batch.records == len(batch.columns) == 0
    assert [state for _, state in batch.objects] == ["read"]


def test_several_bad_records_of_one_file_are_each_named(reads: Reads) -> None:
    text = b"\n".join((json.dumps(GOOD[0]).encode(), b"oops", b"{}", json.dumps(GOOD[1]).encode()))
    (reads.folder / "many.jsonl").write_bytes(text)
    batch = reads()
    assert [(r.place, r.reason.split(":")[0]) for r in batch.rejects] == [
        ("line 2", "not JSON"),
        ("record 3", "no eventTime"),
    ]
    assert batch.records == len(batch.columns) + len(batch.rejects)


def test_what_follows_damage_is_read_again(reads: Reads) -> None:
    text = trail([cloudtrail_record(number) for number in range(40)])
    middle = text.index(b"call-20.ogg")
    (reads.folder / "hole.json").write_bytes(text[:middle] + b'"\0\0{[' + text[middle + 30 :])
    batch = reads()
    assert len(batch.columns) == 39
    assert [reject.place for reject in batch.rejects] == ["record 21"]


def test_a_sample_of_what_is_bad_is_kept_short_and_printable(reads: Reads) -> None:
    (reads.folder / "bad.jsonl").write_bytes(lines(GOOD[:1]) + b"\x00\x1b[31m" + b"x" * 5_000)
    (reject,) = reads().rejects
    assert len(reject.sample) <= 200
    assert reject.sample.isprintable()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_denied(reads: Reads) -> None:
    (reads.folder / "a.json").write_bytes(WHOLE)
    (reads.folder / "b.json").write_bytes(WHOLE)
    (reads.folder / "a.json").chmod(0)
    batch = reads()
    assert [state for _, state in batch.objects] == ["denied", "read"]
    assert "permission" in batch.rejects[0].reason
    assert len(batch.columns) == 3


def test_a_folder_that_looks_like_a_file_is_looked_into(reads: Reads) -> None:
    inside = reads.folder / "x.json.gz"
    inside.mkdir()
    (inside / "a.json").write_bytes(WHOLE)
    assert len(reads().columns) == 3


def test_a_gzip_damaged_in_the_middle_gives_what_came_before(reads: Reads) -> None:
    stored = bytearray(
        packed(trail([cloudtrail_record(n, userAgent=f"{n * 7919 % 997}" * 40) for n in range(50)]))
    )
    stored[len(stored) * 3 // 4] ^= 0xFF
    (reads.folder / "damaged.json.gz").write_bytes(stored)
    batch = reads()
    assert "damaged gzip" in batch.rejects[0].reason
    assert 10 < len(batch.columns) < 50


def test_links_that_lead_in_circles_or_nowhere_cost_nothing(reads: Reads) -> None:
    (reads.folder / "a.json").write_bytes(WHOLE)
    (reads.folder / "round").symlink_to(reads.folder)
    (reads.folder / "again.json").symlink_to(reads.folder / "a.json")
    (reads.folder / "itself.json").symlink_to(reads.folder / "itself.json")
    (reads.folder / "nowhere.json").symlink_to(reads.folder / "gone.json")
    batch = reads()
    assert len(batch.columns) == 3
    assert {Path(r.address).name for r in batch.rejects} == {"itself.json", "nowhere.json"}
    assert sorted(state for _, state in batch.objects) == ["broken", "missing", "read"]

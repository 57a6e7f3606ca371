"""An object that is large once decoded: taken in parts, and if memory ends, only it is lost."""

import gzip
import json
import subprocess
import sys
from typing import Any

import pytest

from collectors.arrays import LARGE_BYTES, cut_array
from collectors.base import Needs
from collectors.cloudtrail import CloudTrail
from collectors.lines import PART_BYTES
from tests.collectors.logs import INSIGHT, Reads, cloudtrail_record, trail
from tocsin.geo import Geo

RECORDS = [
    cloudtrail_record(
        number,
        eventTime="2026-03-09T10:00:00Z",
        userAgent='"},{"eventVersion":"\\' * (number % 4),
        resources=[{"eventVersion": "x"}, {"eventVersion": "y"}, {}],
    )
    for number in range(6_000)
]
ID = RECORDS[3_000]["eventID"].encode()
SHAPES = {
    "as delivered": trail(RECORDS),
    "without blanks": json.dumps({"Records": RECORDS}, separators=(",", ":")).encode(),
    "an array": json.dumps(RECORDS).encode(),
    "over many lines": json.dumps({"Records": RECORDS}, indent=1).encode(),
    "with other fields after": trail(RECORDS)[:-1] + b', "x": [{"a": 1}, {"eventVersion": 2}]}',
    "behind a mark of UTF-8": b"\xef\xbb\xbf" + trail(RECORDS),
}


def parts_of(text: bytes) -> list[tuple[bytes, int]]:
    return list(CloudTrail(Needs(), Geo()).cut(text))


def records_of(part: bytes) -> list[Any]:
    value = json.loads(part)
    return value if isinstance(value, list) else list(value["Records"])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_large_array_is_taken_in_parts_of_whole_records(shape: str) -> None:
    text = SHAPES[shape]
    parts = parts_of(text)
    assert len(parts) > 4
    assert max(len(part) for part, _ in parts) < 3 * PART_BYTES
    found = list[Any]()
    for part, first in parts:
        assert first == len(found)
        found += records_of(part)
    assert found == RECORDS


@pytest.mark.parametrize("shape", SHAPES)
def test_events_and_places_are_the_same_in_parts(reads: Reads, shape: str) -> None:
    (reads.folder / "a.json").write_bytes(SHAPES[shape])
    columns = reads().columns
    assert [columns.event(row).raw.place for row in range(len(columns))] == list(range(6_000))
    assert columns.event(5_999).id == RECORDS[5_999]["eventID"]


def test_a_bad_record_of_a_later_part_keeps_its_place(reads: Reads) -> None:
    bad = [*RECORDS[:3_500], "no record", *RECORDS[3_501:]]
    (reads.folder / "a.json").write_bytes(trail(bad))
    batch = reads()
    assert [reject.place for reject in batch.rejects] == ["record 3501"]
    assert len(batch.columns) == 5_999


def test_a_record_larger_than_a_part_stays_whole() -> None:
    large = cloudtrail_record(1, resources=[{"eventVersion": "x" * 20}] * 60_000)
    parts = parts_of(trail([RECORDS[0], large, *RECORDS]))
    assert [one for part, _ in parts for one in records_of(part)] == [RECORDS[0], large, *RECORDS]


def test_what_is_no_array_is_not_cut() -> None:
    text = b"{}" * LARGE_BYTES
    assert cut_array(text, len) is None
    assert parts_of(text) == [(text, 0)]


PLAIN = json.dumps({"Records": [one | {"resources": []} for one in RECORDS]}).encode()
DAMAGED = {
    "cut off": (PLAIN[:-9], 5_999, 6_000),
    "broken in the middle": (PLAIN.replace(b'"%b"' % ID, b'"%b' % ID), 3_000, 6_000),
    "two after each other": (PLAIN + PLAIN.replace(b'"eventID": "0', b'"eventID": "1'), -1, 12_000),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damage_costs_one_record_and_every_other_keeps_its_place(reads: Reads, damage: str) -> None:
    text, lost, total = DAMAGED[damage]
    (reads.folder / "a.json").write_bytes(text)
    batch = reads()
    places = [batch.columns.event(row).raw.place for row in range(len(batch.columns))]
    assert places == [place for place in range(total) if place != lost]
    assert [one.place for one in batch.rejects] == [f"record {lost + 1}"] * (lost >= 0)
    assert len(parts_of(text)) > 4


def test_a_large_object_of_insights_is_skipped(reads: Reads) -> None:
    (reads.folder / "a.json").write_bytes(trail([INSIGHT] * 30_000))
    batch = reads()
    assert [state for _, state in batch.objects] == ["skipped"]
    assert batch.rejects == ()


READ_WITH_LITTLE = """
import resource, sys
from pathlib import Path
from tests.collectors.logs import Reads

reads = Reads(Path(sys.argv[1]))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (192 << 20),) * 2)
batch = reads()
print([state for _, state in batch.objects], len(batch.columns))
for reject in batch.rejects:
    print(Path(reject.address).name, reject.place, reject.reason)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep this limit")
def test_an_object_for_which_memory_does_not_suffice_costs_no_other(reads: Reads) -> None:
    for name in ("a", "c"):
        (reads.folder / f"{name}.json").write_bytes(trail(RECORDS[:3]))
    bomb = b'{"Records":[' + b"{}," * 2_000_000 + b"{}]}"
    (reads.folder / "b.json.gz").write_bytes(gzip.compress(bomb, mtime=0))
    ran = subprocess.run(
        [sys.executable, "-c", READ_WITH_LITTLE, str(reads.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = ran.stdout.splitlines()
    assert said[:1] == ["['read', 'broken', 'read'] 6"], ran.stderr
    assert len(said) == 2
    assert said[1].startswith("b.json.gz record ")
    assert "takes more memory than there is; " in said[1]

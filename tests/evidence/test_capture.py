"""Raw records are captured byte for byte, from wherever the source keeps them."""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from collectors.base import Needs
from collectors.files import Files, FilesSettings
from collectors.raw import RawRecords
from collectors.raw_lines import GONE, MADE, MOVED, Lines
from collectors.s3 import S3, S3Settings
from incidents.evidence import capture
from tests.collectors.logs import (
    NothingKnown,
    application_record,
    cloudtrail_record,
    lines,
    trail,
)
from tests.evidence.conftest import NOW
from tocsin import ledger
from tocsin.geo import Geo
from tocsin.model.columns import Columns
from tocsin.model.principals import SERVICE
from tocsin.model.rows import no_rules
from tocsin.store import Store

MAPPING = {
    "name": "crm",
    "time": ["time"],
    "action": ["action"],
    "actor": ["actor"],
    "id": ["id"],
}

ODD = [
    cloudtrail_record(1, requestParameters={"key": 'with "]}," and \\ and {'}),
    cloudtrail_record(2, userAgent="caf\u00e9 \u2028 \U0001f600"),
    cloudtrail_record(3, responseElements={"deep": [[{"Records": [{}]}]]}),
]


def spaced(records: Sequence[Any]) -> bytes:
    """Return records as no encoder writes them: odd spaces, real letters, another order."""
    each = (
        json.dumps(dict(reversed(one.items())), ensure_ascii=False, separators=(" ,\t", " : "))
        for one in records
    )
    return ('{"Records"\n: [ ' + " ,\n".join(each) + "\r\n]  }\n").encode()


SHAPES: dict[str, Callable[[Sequence[Any]], bytes]] = {
    "as delivered": trail,
    "spaced": spaced,
    "array": lambda records: json.dumps(records).encode(),
    "lines": lines,
    "lines without an end": lambda records: lines(records).rstrip(b"\n"),
    "lines with empty ones": lambda records: lines(records).replace(b"\n", b"\n\n"),
    "lines of dos": lambda records: lines(records).replace(b"\n", b"\r\n"),
    "an envelope a line": lambda records: b"".join(trail([one]) + b"\n" for one in records),
    "two in a line": lambda records: trail(records[:2]) + b"\n" + trail(records[2:]) + b"\n",
    "with a mark": lambda records: b"\xef\xbb\xbf" + trail(records),
    "damaged": lambda records: trail(records)[:-20],
    "looked up": lambda records: json.dumps(
        {
            "Events": [
                {"EventId": one["eventID"], "CloudTrailEvent": json.dumps(one)} for one in records
            ]
        }
    ).encode(),
}


def columns_of(folder: Path, **settings: Any) -> Columns:
    files = Files(FilesSettings(paths=(folder,), **settings), Needs(), Geo())
    (page,) = files.find(NothingKnown())
    return files.read(page, no_rules).columns


def collected(
    columns: Columns, evidence: Path, records: RawRecords | None = None
) -> list[capture.Collected]:
    asked = capture.wanted(columns, range(len(columns)))
    return capture.collect(asked, records or RawRecords(), evidence)


def is_the_source(one: capture.Collected, columns: Columns, text: bytes, evidence: Path) -> None:
    """Assert that a captured record is the source's bytes, whole and alone."""
    content = one.found.content
    assert one.found.state == "captured"
    assert content in text
    assert content == content.strip()
    record = json.loads(content)
    record = json.loads(record["CloudTrailEvent"]) if "CloudTrailEvent" in record else record
    if "Records" not in record:
        assert record.get("eventID", record.get("id")) == one.found.wanted.event_id
    assert one.found.text_sha256 == sha256(text).hexdigest()
    assert capture.read(evidence, sha256(content).hexdigest()) == content
    assert len(columns)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("shape", SHAPES)
def test_records_of_cloudtrail_equal_the_sources_bytes(
    shape: str, packed: bool, tmp_path: Path
) -> None:
    text = SHAPES[shape](ODD)
    (tmp_path / "logs").mkdir()
    name = "trail.json.gz" if packed else "trail.json"
    (tmp_path / "logs" / name).write_bytes(gzip.compress(text) if packed else text)
    columns = columns_of(tmp_path / "logs")
    assert len(columns) == (2 if shape == "damaged" else 3)
    done = collected(columns, tmp_path / "evidence")
    assert len(done) == len(columns)
    for one in done:
        is_the_source(one, columns, text, tmp_path / "evidence")
        assert one.found.why == ""


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\n\n"], ids=["unix", "dos", "empty lines"])
def test_lines_of_an_application_equal_the_sources_bytes(
    between: bytes, packed: bool, tmp_path: Path
) -> None:
    text = lines([application_record(n) for n in range(4)]).replace(b"\n", between)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app.log").write_bytes(gzip.compress(text) if packed else text)
    columns = columns_of(tmp_path / "logs", mappings=(MAPPING,))
    assert len(columns) == 4
    done = collected(columns, tmp_path / "evidence")
    assert [one.found.state for one in done] == ["captured"] * 4
    for one in done:
        assert one.found.content + b"\n" in text
        assert json.loads(one.found.content)["id"] == one.found.wanted.event_id
        assert one.found.why == ""


def test_lines_without_ids_are_told_by_their_bytes_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    text = lines([application_record(n, id=...) for n in range(3)])
    (tmp_path / "logs" / "app.log").write_bytes(text)
    mapping = {name: value for name, value in MAPPING.items() if name != "id"}
    columns = columns_of(tmp_path / "logs", mappings=(mapping,))
    done = collected(columns, tmp_path / "evidence")
    assert {one.found.why for one in done} == {MADE}
    assert {one.found.content for one in done} == set(text.splitlines())


def test_a_line_that_is_gone_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "app.log"
    path.write_bytes(lines([application_record(n) for n in range(3)]))
    columns = columns_of(tmp_path / "logs", mappings=(MAPPING,))
    path.write_bytes(lines([application_record(0)]))
    done = collected(columns, tmp_path / "evidence")
    assert [one.found.state for one in done] == ["captured", "changed", "changed"]
    assert done[1].found.why == GONE


@pytest.mark.parametrize("with_ids", [True, False], ids=["own ids", "made ids"])
def test_where_a_file_was_rotated_no_other_record_is_taken(tmp_path: Path, with_ids: bool) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "app.log"
    given: dict[str, Any] = {} if with_ids else {"id": ...}
    mapping = {k: v for k, v in MAPPING.items() if with_ids or k != "id"}
    path.write_bytes(lines([application_record(n, **given) for n in range(3)]))
    columns = columns_of(tmp_path / "logs", mappings=(mapping,))
    path.write_bytes(lines([application_record(n, **given) for n in (7, 2, 8, 9)]))
    done = collected(columns, tmp_path / "evidence")
    by_id = {one.found.wanted.event_id: one.found for one in done}
    stands = [by_id[columns.event_id(row)] for row in range(3)]
    assert [one.state for one in stands] == ["changed", "changed", "captured"]
    assert stands[0].why == stands[1].why == GONE
    assert stands[2].content + b"\n" == lines([application_record(2, **given)])
    assert MOVED in stands[2].why


def test_a_short_id_is_not_found_in_other_words_of_a_line() -> None:
    text = b'{"id":7,"n":17}\n{"id":17,"n":1}\n{"id":"x","n":{"of":[7]}}\n'
    found = Lines(text, {"7", "1", "9"})
    assert found.find("7", 0) == (b'{"id":7,"n":17}', "")
    assert found.find("1", 0) == (b'{"id":17,"n":1}', MOVED)
    assert found.find("9", 1) == (b"", GONE)
    assert found.find("7", 1) == (b"", f"{GONE} at its place, and others have its id")


def test_equal_lines_without_ids_are_each_one_of_them(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "app.log"
    path.write_bytes(lines([application_record(1, id=...)] * 3))
    mapping = {name: value for name, value in MAPPING.items() if name != "id"}
    columns = columns_of(tmp_path / "logs", mappings=(mapping,))
    path.write_bytes(lines([application_record(1, id=...)] * 2))
    done = collected(columns, tmp_path / "evidence")
    assert sorted(one.found.state for one in done) == ["captured", "captured", "changed"]


def test_records_come_from_the_kept_copy_when_the_file_is_gone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    source = tmp_path / "logs" / "trail.json.gz"
    source.write_bytes(gzip.compress(trail(ODD)))
    columns = columns_of(tmp_path / "logs", keep_raw=tmp_path / "kept")
    source.unlink()
    done = collected(columns, tmp_path / "evidence")
    for one in done:
        is_the_source(one, columns, trail(ODD), tmp_path / "evidence")
        assert one.found.why == ""
    (copy,) = (tmp_path / "kept").rglob("*.raw")
    copy.write_bytes(gzip.compress(trail(ODD), 1))
    done = collected(columns, tmp_path / "evidence")
    assert {one.found.state for one in done} == {"captured"}
    assert all("the kept copy was changed" in one.found.why for one in done)


def test_a_record_that_moved_in_its_file_is_found_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "trail.json"
    path.write_bytes(trail(ODD))
    columns = columns_of(tmp_path / "logs")
    path.write_bytes(trail([cloudtrail_record(9), *ODD[1:]]))
    done = {one.found.wanted.event_id: one.found for one in collected(columns, tmp_path / "e")}
    first, second, _ = sorted(done)
    assert (done[first].state, done[first].content) == ("changed", b"")
    assert done[second].state == "captured"
    path.write_bytes(trail(list(reversed(ODD))))
    done = {one.found.wanted.event_id: one.found for one in collected(columns, tmp_path / "e")}
    assert done[first].why == "found at another place of the object"
    assert json.loads(done[first].content)["eventID"] == first


@pytest.mark.parametrize(
    ("content", "state", "said"),
    [
        (None, "missing", "no such file"),
        (b"\x1f\x8bnot gzip", "broken", "damaged"),
        (b"", "changed", "does not hold this record"),
        (b"[" * 100_000, "changed", "does not hold this record"),
        (b'{"Records": 7}', "changed", "does not hold this record"),
    ],
)
def test_what_is_not_there_any_more_is_said(
    content: bytes | None, state: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "trail.json"
    path.write_bytes(trail(ODD))
    columns = columns_of(tmp_path / "logs")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for one in collected(columns, tmp_path / "evidence"):
        assert one.found.state == state
        assert said in one.found.why
        assert one.found.content == b""
        assert (one.sha256, one.leaf) == ("", "")
    assert list((tmp_path / "evidence").rglob("*")) == []


@pytest.mark.parametrize("name", ["a b.json", "caf\u00e9.json", "a\nb.json", "'\"`$(x).json", "%s"])
def test_files_with_hostile_names_are_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / name).write_bytes(trail(ODD))
    columns = columns_of(tmp_path / "logs")
    done = collected(columns, tmp_path / "evidence")
    assert [one.found.state for one in done] == ["captured"] * 3


# Buckets


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


def test_records_in_a_bucket_are_captured_by_reference(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client("s3", endpoint_url=server, region_name="eu-west-3")
    client.create_bucket(
        Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )
    for key, text in (("a/one é.json.gz", gzip.compress(trail(ODD[:2]))), ("b", lines(ODD[2:]))):
        client.put_object(Bucket="trail-logs", Key=key, Body=text)
    settings = S3Settings(bucket="trail-logs", endpoint_url=server, region="eu-west-3")
    source = S3(settings, Needs(), Geo())
    (page,) = source.find(NothingKnown())
    columns = source.read(page, no_rules).columns
    assert len(columns) == 3
    records = RawRecords([settings])
    done = collected(columns, tmp_path / "evidence", records)
    for one in done[:2]:
        is_the_source(one, columns, trail(ODD[:2]), tmp_path / "evidence")
    is_the_source(done[2], columns, lines(ODD[2:]), tmp_path / "evidence")
    client.delete_object(Bucket="trail-logs", Key="b")
    again = collected(columns, tmp_path / "evidence", records)
    assert [one.found.state for one in again] == ["captured", "captured", "missing"]
    gone = RawRecords([settings.model_copy(update={"endpoint_url": "http://127.0.0.1:9"})])
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert {one.found.state for one in collected(columns, tmp_path / "e", gone)} == {"unreachable"}


# Rows and entries


def test_what_was_captured_is_written_down_with_one_entry(store: Store, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "trail.json"
    path.write_bytes(trail(ODD))
    columns = columns_of(tmp_path / "logs")
    done = collected(columns, tmp_path / "evidence")
    with store.begin() as db:
        checkpoint = capture.record(db, 4, done, principal=SERVICE, now=NOW)
    with store.read() as db:
        held = capture.held(db, 4)
        (entry,) = ledger.entries(db, about=4)
        asked = capture.wanted(columns, range(3))
        assert capture.missing(db, 4, asked) == []
        assert len(capture.missing(db, 5, [*asked, *asked])) == 3
    assert checkpoint is not None
    assert checkpoint.number == entry.number
    assert [one.state for one in held] == ["captured"] * 3
    assert {(one.address, one.captured_at, one.entry) for one in held} == {(str(path), NOW, 1)}
    assert sorted(one.place for one in held) == [0, 1, 2]
    leaves = "".join(sorted(f"{one.leaf}\n" for one in held))
    assert json.loads(entry.body or "") == {
        "incident": 4,
        "captured": 3,
        "missing": 0,
        "leaves": sha256(leaves.encode()).hexdigest(),
    }
    for one in held:
        content = capture.read(tmp_path / "evidence", one.sha256)
        assert one.leaf == sha256(b"\0" + one.salt + content).hexdigest()
        assert one.size == len(content)


def test_what_was_missing_is_asked_for_again_and_what_was_captured_stays(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "trail.json"
    path.write_bytes(trail(ODD))
    columns = columns_of(tmp_path / "logs")
    asked = capture.wanted(columns, range(3))
    path.rename(tmp_path / "away")

    def once(at: int) -> tuple[list[str], int]:
        with store.read() as db:
            left = capture.missing(db, 1, asked)
        done = capture.collect(left, RawRecords(), tmp_path / "evidence")
        with store.begin() as db:
            capture.record(db, 1, done, principal=SERVICE, now=NOW + timedelta(hours=at))
        with store.read() as db:
            return [one.state for one in capture.held(db, 1)], ledger.newest(db).number

    assert once(0) == (["missing"] * 3, 1)
    assert once(1) == (["missing"] * 3, 1)  # nothing new to say
    (tmp_path / "away").rename(path)
    assert once(2) == (["captured"] * 3, 2)
    with store.read() as db:
        before = capture.held(db, 1)
    path.unlink()
    assert once(3) == (["captured"] * 3, 2)
    done = collected(columns, tmp_path / "evidence")  # somebody slower, to whom it was gone
    with store.begin() as db:
        assert capture.record(db, 1, done, principal=SERVICE, now=NOW) is None
        assert capture.held(db, 1) == before

"""Files: found, told apart by what they hold, kept where their place does not keep them."""

import gzip
import json
import pickle
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Needs, SourceObject
from collectors.files import PAGE, Files, FilesSettings
from collectors.lines import PART_BYTES
from collectors.mapping import ECS, Mapping_
from tests.collectors.logs import (
    DIGEST,
    INSIGHT,
    RECORDS,
    SHAPES,
    NothingKnown,
    Reads,
    application_record,
    cloudtrail_record,
    lines,
    trail,
)
from tocsin.app.demo.applog import MAPPING
from tocsin.errors import CollectError
from tocsin.geo import Geo
from tocsin.model.findings import Hit
from tocsin.model.rows import Rows, no_rules

CRM = Mapping_.model_validate(MAPPING)


def files(*paths: Path, **settings: Any) -> Files:
    return Files(FilesSettings(paths=paths, **settings), Needs(), Geo())


def found(source: Files) -> list[SourceObject]:
    return [one for page in source.find(NothingKnown()) for one in page]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_cloudtrail_gives_the_same_events(
    shape: str, packed: bool, reads: Reads
) -> None:
    text = SHAPES[shape]
    (reads.folder / "some.log").write_bytes(gzip.compress(text) if packed else text)
    batch = reads()
    assert batch.rejects == ()
    assert [batch.columns.event_id(row) for row in range(3)] == [r["eventID"] for r in RECORDS]
    assert [batch.columns.event(row).object for row in range(3)] == [
        f"call-{number}.ogg" for number in range(3)
    ]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("one record", json.dumps(RECORDS[0]).encode()),
        ("one record over many lines", json.dumps(RECORDS[0], indent=2).encode()),
        ("one of EventBridge", json.dumps({"detail-type": "x", "detail": RECORDS[0]}).encode()),
    ],
)
def test_a_single_record_is_read(shape: str, text: bytes, reads: Reads) -> None:
    (reads.folder / f"{shape}.json").write_bytes(text)
    assert [e.id for e in [reads().columns.event(0)]] == [RECORDS[0]["eventID"]]


@pytest.mark.parametrize("what", [DIGEST, {"Records": [INSIGHT]}, INSIGHT])
def test_digests_and_insights_are_no_events_and_no_faults(
    what: dict[str, Any], reads: Reads
) -> None:
    (reads.folder / "a.json").write_bytes(trail(RECORDS))
    (reads.folder / "b.json.gz").write_bytes(gzip.compress(json.dumps(what).encode()))
    batch = reads()
    assert [state for _, state in batch.objects] == ["read", "skipped"]
    assert batch.rejects == ()
    assert batch.records == len(batch.columns) == 3


def test_an_insight_among_events_is_no_event(reads: Reads) -> None:
    (reads.folder / "a.json").write_bytes(trail([*RECORDS[:2], INSIGHT]))
    batch = reads()
    assert len(batch.columns) == batch.records == 2


def test_one_folder_may_hold_everything(reads: Reads) -> None:
    (reads.folder / "a.json").write_bytes(trail(RECORDS))
    (reads.folder / "crm").mkdir()
    (reads.folder / "crm" / "b.jsonl").write_bytes(lines([application_record(n) for n in range(2)]))
    (reads.folder / "d.json").write_bytes(trail(RECORDS[:1]))
    columns = reads(mappings=(CRM,)).columns
    assert [columns.text("source", row) for row in range(6)] == [
        *["cloudtrail"] * 3,
        *["crm"] * 2,
        "cloudtrail",
    ]


def test_files_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/2.json", "a/1.json", "c.json", "a/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"{}")
    names = [Path(one.address).relative_to(tmp_path) for one in found(files(tmp_path))]
    assert list(map(str, names)) == ["a/1.json", "b/2.json", "c.json"]


def test_patterns_and_single_files_are_found_once(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.json").write_bytes(b"{}")
    source = files(tmp_path / "b.json", tmp_path / "*.json", tmp_path)
    names = [Path(one.address).name for one in found(source)]
    assert names == ["b.json", "a.json", "c.json"]


def test_a_changed_file_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    before = found(files(tmp_path))
    (tmp_path / "a.json").write_bytes(b"{} ")
    assert found(files(tmp_path)) != before


def test_many_files_come_in_pages(tmp_path: Path) -> None:
    for number in range(PAGE + 5):
        (tmp_path / f"{number:05}.json").touch()
    pages = [len(page) for page in files(tmp_path).find(NothingKnown())]
    assert pages == [PAGE, 5]


def test_what_the_ledger_knows_is_not_offered_again(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / "b.json").write_bytes(b"{}")
    known = found(files(tmp_path))[:1]

    class KnowsOne:
        def unseen(self, page: Sequence[SourceObject]) -> Collection[SourceObject]:
            return [one for one in page if one not in known]

    offered = [one for page in files(tmp_path).find(KnowsOne()) for one in page]
    assert [Path(one.address).name for one in offered] == ["b.json"]


@pytest.mark.parametrize("path", ["gone", "gone/*.json"])
def test_a_path_that_is_not_there_is_an_error(path: str, tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="gone") as raised:
        found(files(tmp_path / path))
    assert raised.value.hint.startswith("Check the pa")


def test_a_file_gone_after_it_was_found_is_missing(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.json").write_bytes(trail(RECORDS))
    source = files(tmp_path)
    objects = found(source)
    (tmp_path / "a.json").unlink()
    batch = source.read(objects, no_rules)
    assert [state for _, state in batch.objects] == ["missing", "read"]
    assert (batch.rejects[0].address, batch.rejects[0].place) == (str(tmp_path / "a.json"), "")
    assert len(batch.columns) == 3


def test_a_source_goes_to_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(trail(RECORDS))
    source = files(tmp_path, mappings=("ecs", CRM))
    source.read(found(source), no_rules)
    again = pickle.loads(pickle.dumps(source))
    assert again.settings == source.settings
    assert again.settings.mappings[0] == ECS
    assert len(again.read(found(again), no_rules).columns) == 3


def test_copies_are_kept_of_what_its_place_does_not_keep(tmp_path: Path) -> None:
    logs, kept = tmp_path / "logs", tmp_path / "kept"
    logs.mkdir()
    stored = gzip.compress(trail(RECORDS))
    (logs / "a.json.gz").write_bytes(stored)
    (logs / "same.json.gz").write_bytes(stored)
    (logs / "bad.json").write_bytes(b"oops")
    source = files(logs, keep_raw=kept)
    batch = source.read(found(source), no_rules)
    raw = Path(batch.columns.event(0).raw.object)
    assert raw.read_bytes() == stored
    assert raw.is_relative_to(kept)
    assert batch.rejects[0].address == str(logs / "bad.json")
    copies = sorted(path for path in kept.rglob("*") if path.is_file())
    assert len(copies) == 2  # the same bytes are kept once, and what is broken too
    source.read(found(source), no_rules)
    assert sorted(path for path in kept.rglob("*") if path.is_file()) == copies


def test_a_folder_that_cannot_keep_copies_is_an_error_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(trail(RECORDS))
    (tmp_path / "file").write_bytes(b"in the way")
    source = files(tmp_path / "a.json", keep_raw=tmp_path / "file")
    with pytest.raises(CollectError, match="cannot keep a copy"):
        source.read(found(source), no_rules)
    assert (tmp_path / "file").read_bytes() == b"in the way"


@pytest.mark.parametrize("wrong", [{"paths": ()}, {"max_object_bytes": 0}, {"mappings": ("odd",)}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FilesSettings.model_validate({"paths": ("a",)} | wrong)


def test_a_place_is_the_number_of_the_line(reads: Reads) -> None:
    first, second, third = (json.dumps(record).encode() for record in RECORDS)
    (reads.folder / "a.jsonl").write_bytes(first + b"\n \n" + second + b"\r\n\r\n" + third)
    columns = reads().columns
    assert [columns.event(row).raw.place for row in range(3)] == [0, 2, 4]


def test_a_digest_among_events_hides_none_of_them(reads: Reads) -> None:
    (reads.folder / "a.jsonl").write_bytes(lines([RECORDS[0], DIGEST, RECORDS[1]]))
    (reads.folder / "b.json").write_bytes(json.dumps(DIGEST | {"Records": RECORDS}).encode())
    batch = reads()
    assert len(batch.columns) == batch.records == 5
    assert [state for _, state in batch.objects] == ["read", "read"]


@pytest.mark.parametrize("make", [cloudtrail_record, application_record])
def test_a_large_file_of_lines_is_read_in_parts_as_if_it_were_one(
    make: Callable[..., dict[str, Any]], reads: Reads
) -> None:
    records = [make(n % 60, id=..., eventID=f"id-{n}", pad="x" * 1_000) for n in range(20_000)]
    text = bytearray(lines(records))
    assert len(text) > 2 * PART_BYTES
    broken = text.index(b"\n", PART_BYTES + 100_000) + 1
    text[broken : broken + 3] = b"oop"
    (reads.folder / "large.jsonl").write_bytes(text)
    seen: list[int] = []

    def match(rows: Rows) -> list[Hit]:
        seen.append(rows.size)
        assert rows.whole(rows.size - 1)["pad"]
        return []

    batch = reads(mappings=(CRM,), match=match, needs=Needs(whole=True))
    bad = text[:broken].count(b"\n")
    assert [reject.place for reject in batch.rejects] == [f"line {bad + 1}"]
    assert len(batch.columns) == 19_999
    assert len(set(batch.columns.event_ids(range(19_999)))) == 19_999
    assert batch.columns.raw_place.tolist() == [n for n in range(20_000) if n != bad]
    assert len(seen) > 1
    assert len(batch.columns.raw_object) == 1

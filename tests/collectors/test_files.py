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
from collectors.recognise import recognise
from collectors.sampling import sample_file
from tests.collectors.logs import (
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
RECORDS = [cloudtrail_record(number) for number in range(3)]


def files(*paths: Path, **settings: Any) -> Files:
    return Files(FilesSettings(paths=paths, **settings), Needs(), Geo())


def found(source: Files) -> list[SourceObject]:
    return [one for page in source.find(NothingKnown()) for one in page]


SHAPES = {
    "as delivered": trail(RECORDS),
    "with other fields first": b'{"x": 1, "Records": ' + json.dumps(RECORDS).encode() + b"}",
    "an array": json.dumps(RECORDS).encode(),
    "written over many lines": json.dumps({"Records": RECORDS}, indent=2).encode(),
    "an array over many lines": json.dumps(RECORDS, indent=2).encode(),
    "JSON lines": lines(RECORDS),
    "JSON lines without an end": lines(RECORDS).rstrip(),
    "JSON lines of Windows": lines(RECORDS).replace(b"\n", b"\r\n"),
    "JSON lines with gaps": lines(RECORDS).replace(b"\n", b"\n\n"),
    "an envelope a line": lines([{"Records": RECORDS[:2]}, {"Records": RECORDS[2:]}]),
    "an answer of LookupEvents": json.dumps(
        {"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(r)} for r in RECORDS]}
    ).encode(),
    "EventBridge, a line each": lines(
        [{"detail-type": "AWS API Call via CloudTrail", "detail": r} for r in RECORDS]
    ),
}


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


DIGEST = {
    "awsAccountId": "111122223333",
    "digestStartTime": "2026-03-09T10:00:00Z",
    "digestEndTime": "2026-03-09T11:00:00Z",
    "logFiles": [],
}
INSIGHT = {
    "eventVersion": "1.11",
    "eventTime": "2026-03-09T10:00:00Z",
    "eventID": "00000000-0000-4000-8000-000000000099",
    "eventType": "AwsCloudTrailInsight",
    "insightDetails": {"state": "Start"},
    "eventCategory": "Insight",
}


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


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (trail(RECORDS), "cloudtrail"),
        (lines(RECORDS), "cloudtrail"),
        (b'{"Records":[]}', "cloudtrail"),
        (b"oops\n" + lines(RECORDS), "cloudtrail"),
        (lines([application_record(1)]), "crm"),
        (b"oops\n" + lines([application_record(1)]), "crm"),
        (b'{"@timestamp": "2026-03-09", "user": {"id": 1}, "event": {"action": "x"}}', "ecs"),
        (b'{"time": 1, "actor": {"user": {"uid": "u"}}, "activity_name": "Read"}', "ocsf"),
        (b'{"time": 1, "actor": "lea"}', None),
        (b"", None),
        (b"2026-03-09 lea read contacts\n", None),
        (b"[]", None),
        (b"17", None),
    ],
)
def test_a_text_is_recognised_by_its_beginning(text: bytes, source: str | None) -> None:
    found_format = recognise(text, (CRM,))
    assert found_format.source == source
    assert found_format.why


JOB = application_record(0, actor=..., action="worker.started")
VIEW = application_record(1)


@pytest.mark.parametrize(
    ("text", "actors", "rejected"),
    [
        (lines([JOB] * 20 + [VIEW]), ["unknown"] * 20 + ["lea"], 0),
        (lines([JOB] * 20), ["unknown"] * 20, 0),
        (lines([application_record(0, actor=None)] * 9), ["unknown"] * 9, 0),
        (b"INFO starting\n" * 20 + lines([VIEW]), ["lea"], 20),
        (lines([application_record(0, note="x" * 70_000), VIEW]), ["lea", "lea"], 0),
        (b"\n" * 20 + lines([VIEW]), ["lea"], 0),
    ],
)
def test_a_log_is_recognised_whatever_its_first_lines_lack(
    text: bytes, actors: list[str], rejected: int, reads: Reads
) -> None:
    (reads.folder / "a.jsonl").write_bytes(text)
    batch = reads(mappings=(CRM,))
    assert [batch.columns.text("actor", row) for row in range(len(batch.columns))] == actors
    assert [one.place for one in batch.rejects] == [f"line {n + 1}" for n in range(rejected)]
    assert batch.records == len(actors) + rejected


def test_which_of_two_logs_it_is_must_be_said_by_a_record() -> None:
    other = CRM.model_copy(update={"name": "erp"})
    assert recognise(lines([JOB] * 9 + [VIEW]), (CRM, other)).source == "crm"
    unsaid = recognise(lines([JOB] * 9), (CRM, other))
    assert unsaid.source is None
    assert "crm, erp" in unsaid.why
    assert recognise(b'{"time": 1, "activity_name": "Read"}\n' * 9, (CRM,)).source is None


WAF = {"time": 1_730_000_000_000, "action": "ALLOW", "httpRequest": {"clientIp": "198.51.100.7"}}
QUOTED = {"@timestamp": "2026-03-09T10:00:00Z", "user": {"name": "lea"}, "event": {"action": "x"}}


@pytest.mark.parametrize(
    ("records", "source"),
    [
        ([WAF] * 20, None),
        ([{"level": "info"}] * 20 + [{"Events": [1, 2]}], None),
        ([{"level": "info"}] * 20 + [{"Records": [{"eventVersion": "2.1"}]}], None),
        ([{"level": "info"}] * 20 + [RECORDS[0]], "cloudtrail"),
        ([JOB] * 20 + [QUOTED, VIEW], "crm"),
        ([{"level": "info"}] * 20 + [QUOTED], "ecs"),
    ],
)
def test_what_is_quoted_in_a_log_or_is_another_log_decides_nothing(
    records: list[dict[str, Any]], source: str | None
) -> None:
    assert recognise(lines(records), (CRM,)).source == source


ALIKE: dict[str, dict[str, Any]] = {
    "a list called Records": {"Records": ["a", "b"]},
    "records of its own": {"Records": [{"eventName": "x", "eventID": "1"}]},
    "a list called Events": {"Events": [{"at": 1}]},
    "words of CloudTrail": {"eventName": "x", "eventID": "1"},
    "a quotation": {"detail": {"eventName": "x", "awsRegion": "eu-west-3"}},
}


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("words", ALIKE)
def test_a_described_log_is_read_though_a_record_has_words_of_cloudtrail(
    words: str, reads: Reads, *, first: bool
) -> None:
    alike, plain = application_record(0) | ALIKE[words], [application_record(n) for n in (1, 2)]
    if first:
        alike = ALIKE[words] | alike
    for place, unsigned in enumerate((0, 3, 20)):
        records = [*[JOB] * unsigned, alike, *plain]
        (reads.folder / f"{place}.jsonl").write_bytes(lines(records))
    batch = reads(mappings=(CRM,))
    assert batch.rejects == ()
    assert {batch.columns.text("source", row) for row in range(len(batch.columns))} == {"crm"}
    assert batch.records == 3 * 3 + 23
    # Where no log is described, what is like CloudTrail's is taken for it, as ever.
    if words != "a list called Records":
        assert recognise(lines([ALIKE[words]] * 3)).source == "cloudtrail"


def test_a_record_like_cloudtrails_decides_nothing_ahead_of_a_described_log() -> None:
    for alike in ALIKE.values():
        for before in ([], [JOB] * 9):
            text = lines([*before, alike, *[application_record(n) for n in range(1, 50)]])
            assert recognise(text, (CRM,)).source == "crm"
        if alike is not ALIKE["a list called Records"]:
            assert recognise(lines([alike] * 9), (CRM,)).source == "cloudtrail"
    assert recognise(lines([*[JOB] * 9, ALIKE["words of CloudTrail"]]), (CRM,)).source == "crm"


def test_a_log_whose_own_names_are_cloudtrails_is_read_as_it_was_described() -> None:
    own = CRM.model_copy(update={"action": ("eventName",), "id": ("eventID",)})
    records = [application_record(n, eventName="export", eventID=str(n)) for n in range(3)]
    assert recognise(lines(records), (own,)).source == "crm"
    assert recognise(lines(records)).source == "cloudtrail"


FITTING = (
    CRM.model_copy(
        update={
            "time": ("eventTime", "time", "EventTime", "digestEndTime"),
            "actor": ("userIdentity.arn", "account", "Username", "source"),
            "action": ("eventName", "detail-type", "EventName"),
        }
    ),
)
"""A described log that CloudTrail's own records and envelopes fit."""

ENVELOPE = {"detail-type": "AWS API Call via CloudTrail", "account": "1", "time": "2026-03-09"}
LOOKED_UP = {"EventTime": 1, "EventName": "x", "Username": "lea", "CloudTrailEvent": "{}"}


@pytest.mark.parametrize(
    "text",
    [
        *SHAPES.values(),
        trail([cloudtrail_record(n, note="x" * 70_000) for n in range(2)]),
        lines([cloudtrail_record(n, note="x" * 70_000) for n in range(2)]),
        lines([ENVELOPE | {"detail": one} for one in RECORDS]),
        lines([LOOKED_UP]),
        lines([{"level": "info"}] * 20 + RECORDS),
        json.dumps(RECORDS[0], indent=2).encode(),
        json.dumps(DIGEST).encode(),
        json.dumps({"Records": [INSIGHT]}).encode(),
        lines([INSIGHT]),
        b'{"Records":[]}',
        trail(RECORDS)[:-40],
    ],
)
def test_cloudtrail_is_never_taken_for_a_log_that_was_described(text: bytes) -> None:
    for mappings in ((CRM,), FITTING, (*FITTING, CRM)):
        assert recognise(text, mappings).source == "cloudtrail"


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


def test_a_sample_shows_how_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(trail([*RECORDS, {"eventName": "x"}]))
    sample = sample_file(path, first=2)
    assert sample.format.source == "cloudtrail"
    assert (sample.state, sample.records, sample.rejected) == ("read", 4, 1)
    assert [event.id for event in sample.events] == [r["eventID"] for r in RECORDS[:2]]
    assert sample.fields["ip"] == "sourceIPAddress"
    assert sample.filled["ip"] == 2
    assert sample.filled["customer"] == 0
    assert sample.rejects[0].place == "record 4"


def test_a_sample_of_an_application_names_its_own_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines([application_record(1)]))
    sample = sample_file(path, (CRM,))
    assert sample.format.source == "crm"
    assert "time, actor, action" in sample.format.why
    assert sample.fields["at"] == "time"
    assert sample.fields["credential"] == "session"


def test_a_sample_of_something_else_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(b'{"hello": 1}')
    sample = sample_file(path)
    assert sample.format.source is None
    assert "hello" in sample.format.why
    assert (sample.state, sample.events) == ("broken", ())
    gone = sample_file(tmp_path / "gone.json")
    assert gone.state == "missing"
    assert gone.rejected == 1


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

"""What a text is: CloudTrail, a log that was described, one of a known shape, or nothing known."""

import json
from typing import Any

import pytest

from collectors.mapping import Mapping_
from collectors.recognise import recognise
from tests.collectors.logs import (
    DIGEST,
    INSIGHT,
    RECORDS,
    SHAPES,
    Reads,
    application_record,
    cloudtrail_record,
    lines,
    trail,
)
from tocsin.app.demo.applog import MAPPING

CRM = Mapping_.model_validate(MAPPING)


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

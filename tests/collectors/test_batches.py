"""What rules and columns see of a batch: all of every record, and the same as one by one."""

import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.base import Batch, Needs, SourceObject
from collectors.cloudtrail_fields import rows_of
from collectors.mapping import Mapping_
from collectors.reading import Fetched, Reader
from collectors.unpack import unpack
from tests.collectors.logs import application_record, cloudtrail_record, lines, trail
from tocsin.geo import Geo
from tocsin.model.events import WORDS
from tocsin.model.findings import Hit
from tocsin.model.rows import EVENT, GROUPS, Rows, no_rules


def batch_of(texts: Sequence[bytes], match: Any = no_rules, needs: Needs | None = None) -> Batch:
    fetched = [Fetched(SourceObject(f"{n:04}.json", "1"), text) for n, text in enumerate(texts)]
    return Reader(needs or Needs(), Geo()).batch(fetched, match)


def merged(rows: Rows, number: int) -> dict[str, Any]:
    """Return all fields of a row, wherever they lie."""
    parts = [rows.values[group][rows.codes[group][number]] for group in GROUPS]
    fields: dict[str, Any] = {}
    event: dict[str, Any] = {}
    for part in (*parts, rows.row(number)):
        fields |= part
        event |= part[EVENT]
    return fields | {EVENT: event}


class Collects:
    """A match that keeps what it was shown, and hits the first row of each batch."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.fields: list[dict[str, Any]] = []
        self.whole: list[Any] = []

    def __call__(self, rows: Rows) -> list[Hit]:
        self.sizes.append(rows.size)
        self.fields += [merged(rows, number) for number in range(rows.size)]
        self.whole += [rows.whole(number) for number in range(rows.size)]
        return [Hit(0, "first", "it was the first")] if rows.size else []


ASKED = Needs(
    frozenset({"vpcEndpointId", "resources", "requestParameters.key", "additionalEventData"}),
    whole=True,
)


UNASKED = ("other", "eventVersion", "responseElements")


def test_rules_see_every_field_that_they_asked_for() -> None:
    record = cloudtrail_record(
        1,
        vpcEndpointId="vpce-1",
        resources=[{"ARN": "arn:x"}],
        errorMessage="no",
        responseElements={"a": None},
        additionalEventData={"MFAUsed": "No"},
        other="not asked for",
    )
    seen = Collects()
    batch_of([trail([record])], seen, ASKED)
    fields = seen.fields[0]
    event = fields.pop(EVENT)
    assert fields == {k: v for k, v in record.items() if k not in UNASKED}
    assert seen.whole == [record]
    assert event["object"] == "call-1.ogg"


def test_records_of_small_objects_are_judged_together() -> None:
    texts = [trail([cloudtrail_record(n)]) for n in range(30)]
    seen = Collects()
    batch = batch_of(texts, seen)
    assert seen.sizes == [30]
    assert [batch.columns.event(row).raw.object for row in (0, 29)] == ["0000.json", "0029.json"]


def test_hits_point_at_rows_of_the_whole_batch() -> None:
    many = [trail([cloudtrail_record(n % 60) for n in range(3_000)]) for _ in range(3)]
    crm = lines(
        [
            application_record(1)
            | {"@timestamp": "2026-03-09T10:00:00Z", "user.name": "lea", "event.action": "x"}
        ]
    )
    seen = Collects()
    batch = batch_of([*many[:2], crm, many[2]], seen)
    # Rules are asked several times, and point at the first row each time.
    assert len(seen.sizes) > 3
    assert sum(seen.sizes) == 9_001
    starts = [0, *accumulate(seen.sizes[:-1])]
    assert [hit.row for hit in batch.hits] == starts
    assert {6_000, 6_001} < set(starts)
    assert batch.columns.event(6_000).source == "ecs"
    assert batch.columns.event(6_001).raw == ("0003.json", 0)
    assert batch.records == len(batch.columns) == 9_001


def test_values_are_remembered_from_one_batch_to_the_next() -> None:
    reader, seen = Reader(Needs(), Geo()), []

    def match(rows: Rows) -> list[Hit]:
        seen.append({group: (rows.values[group], len(rows.values[group])) for group in GROUPS})
        return []

    for number in range(3):
        text = trail([cloudtrail_record(number)])
        reader.batch([Fetched(SourceObject("a.json", "1"), text)], match)
    for group in GROUPS:
        assert seen[0][group][0] is seen[2][group][0]
        assert seen[2][group][1] == 1


def test_a_column_holds_no_word_that_no_row_has() -> None:
    reader = Reader(Needs(), Geo())
    for action in ("PutObject", "GetObject"):
        text = trail([cloudtrail_record(1, eventName=action)])
        batch = reader.batch([Fetched(SourceObject("a.json", "1"), text)], no_rules)
        assert list(batch.columns.word["action"]) == [action]
        assert set(batch.columns.word) == set(WORDS)


@pytest.mark.parametrize("folder", ["invictus", "otrf", "stratus", "traildiscover"])
def test_every_real_record_is_read_and_the_same_as_alone(shared_data: Path, folder: str) -> None:
    paths = sorted(p for p in (shared_data / folder).rglob("*") if p.suffix in (".gz", ".jsonl"))
    texts = [unpack(path.read_bytes()) for path in paths if "logstash" not in path.name]
    seen = Collects()
    batch = batch_of(texts, seen, Needs(whole=True))
    assert batch.rejects == ()
    assert batch.records == len(batch.columns) == len(seen.whole) > 100
    for row, (fields, record) in enumerate(zip(seen.fields, seen.whole, strict=True)):
        alone = rows_of(record, {}).row(0)[EVENT]
        event = {name: value for name, value in fields[EVENT].items() if name != "bytes"}
        assert event == alone
        found = batch.columns.event(row)
        words = {name: str(getattr(found, name)) for name in WORDS}
        assert {name: word for name, word in words.items() if word} == {
            name: word for name, word in alone.items() if name in WORDS
        }


def test_records_without_a_time_are_kept_aside_with_their_reason(shared_data: Path) -> None:
    text = (shared_data / "otrf" / "ec2_proxy_s3_exfiltration.logstash.jsonl").read_bytes()
    batch = batch_of([text])
    assert batch.records == len(batch.rejects) == 103
    assert {reject.reason for reject in batch.rejects} == {"no eventTime"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
odd_records = st.dictionaries(
    st.sampled_from(sorted(cloudtrail_record(0))), json_values | st.just(...), max_size=4
).map(lambda odd: cloudtrail_record(1, **odd))
CRM = Mapping_(name="crm", time=("time",), actor=("actor",), action=("action",), id=("id",))


def assert_accounted(batch: Batch) -> None:
    """Every record is an event or a reject that names its place."""
    of_records = [r for r in batch.rejects if r.place.startswith(("record", "line"))]
    assert batch.records == len(batch.columns) + len(of_records)
    assert all(reject.reason for reject in batch.rejects)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(odd_records | json_values, max_size=4))
def test_odd_records_are_all_accounted_for(records: list[Any]) -> None:
    for text in (trail(records), json.dumps(records).encode(), lines(records)):
        batch = batch_of([text, trail([cloudtrail_record(9)])], Collects(), ASKED)
        assert_accounted(batch)
        assert batch.columns.event_id(len(batch.columns) - 1).endswith("9")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2_000), st.integers(0, 60), st.booleans())
def test_whatever_bytes_nothing_is_raised_and_all_is_accounted_for(
    noise: bytes, at: int, cut: int, application: bool
) -> None:
    text = (
        lines([application_record(n) for n in range(5)])
        if application
        else trail([cloudtrail_record(n) for n in range(3)])
    )
    for stored in (noise, text[:at] + noise + text[at + cut :]):
        reader = Reader(Needs(), Geo(), (CRM,))
        good = Fetched(SourceObject("b.json", "1"), trail([cloudtrail_record(9)]))
        batch = reader.batch([Fetched(SourceObject("a.json", "1"), stored), good], no_rules)
        assert_accounted(batch)
        assert batch.columns.event_id(len(batch.columns) - 1).endswith("9")
        assert len(batch.objects) == 2

"""Application logs: by a mapping, by the presets, with times and outcomes of every sort."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.base import Batch, Needs, SourceObject
from collectors.mapping import ECS, OCSF, Mapping_, mapping_of
from collectors.reading import Fetched, Reader
from collectors.times import BadTimeError, instant, instants
from detectors.sigma.load import OWN_RULES, load
from detectors.sigma.match import Matcher
from tests.collectors.logs import application_record, lines
from tocsin.app.demo.applog import MAPPING
from tocsin.geo import Geo
from tocsin.model.columns import EPOCH, in_order, join
from tocsin.model.events import MICROSECOND
from tocsin.model.rows import EVENT, Match, Rows, no_rules

CRM = Mapping_.model_validate(MAPPING)
BARE = {"time": "time", "actor": "actor", "action": "action"}


def batch_of(
    records: Sequence[Any] | bytes, mapping: Mapping_ | None = None, match: Match = no_rules
) -> Batch:
    text = records if isinstance(records, bytes) else lines(records)
    reader = Reader(Needs(), Geo(), (mapping,) if mapping else ())
    return reader.batch([Fetched(SourceObject("log.jsonl", "1"), text)], match)


def test_a_mapped_record_becomes_an_event() -> None:
    batch = batch_of([application_record(1, actor_kind="staff", outcome="denied")], CRM)
    event = batch.columns.event(0)
    assert event.id == "10000000-0000-4000-8000-000000000001"
    assert event.at == datetime(2026, 3, 9, 10, 0, 1, 250_000, tzinfo=UTC)
    assert (event.source, event.service, event.action) == ("crm", "crm", "contacts.read")
    assert (event.outcome, event.reason) == ("failure", "denied")
    assert (event.actor, event.actor_kind) == ("lea", "person")
    assert (event.session, event.credential) == ("s-1", "s-1")
    assert (event.ip, event.user_agent) == ("198.51.100.7", "Mozilla/5.0")
    assert (event.object, event.customer) == ("contact/1", "c-17")
    assert (event.count, event.bytes) == (3, 512)
    assert event.raw == ("log.jsonl", 0)


def test_ecs_is_known_without_a_mapping() -> None:
    nested = {
        "@timestamp": "2026-03-09T10:00:00.123Z",
        "event": {"action": "login", "outcome": "failure", "id": "e-1"},
        "user": {"name": "lea"},
        "source": {"ip": "198.51.100.7"},
        "user_agent": {"original": "Mozilla/5.0"},
    }
    flat = {
        "@timestamp": "2026-03-09T10:00:01.123Z",
        "event.action": "login",
        "event.outcome": "success",
        "user.id": "u-1",
        "user.name": "lea",
        "source.ip": "198.51.100.8",
    }
    columns = batch_of([nested, flat]).columns
    first, second = columns.event(0), columns.event(1)
    assert (first.source, first.id, first.action, first.outcome) == (
        "ecs",
        "ecs:e-1",
        "login",
        "failure",
    )
    assert (first.actor, first.actor_kind, first.ip) == ("lea", "person", "198.51.100.7")
    assert (second.actor, second.outcome, second.ip) == ("u-1", "success", "198.51.100.8")


def test_two_logs_that_count_from_one_swallow_nothing_of_each_other() -> None:
    others = CRM.model_copy(update={"name": "telephony"})
    found = [
        batch_of([application_record(1, id=given), application_record(2, id="x")], mapping).columns
        for mapping in (CRM, others)
        for given in ("1", "00000000-0000-4000-8000-000000000001")
    ]
    ids = [one.event_ids(range(2)) for one in found]
    uuid = "00000000-0000-4000-8000-000000000001"
    assert ids == [
        ("crm:1", "crm:x"),
        (uuid, "crm:x"),
        ("telephony:1", "telephony:x"),
        (uuid, "telephony:x"),
    ]
    both = join([found[0], found[2]])
    assert in_order(both.at, both.id)[1] == 0
    again = join([found[0], found[0]])
    assert in_order(again.at, again.id)[1] == 2  # a copy of the same log is one


def test_ocsf_is_known_without_a_mapping() -> None:
    record = {
        "time": 1_773_050_400_123,
        "class_uid": 6003,
        "api": {"operation": "ExportContacts", "service": {"name": "crm"}},
        "actor": {"user": {"uid": "u-1", "name": "lea"}, "session": {"uid": "s-9"}},
        "src_endpoint": {"ip": "198.51.100.7"},
        "http_request": {"user_agent": "curl/8", "url": {"path": "/contacts"}},
        "status_id": 1,
        "metadata": {"uid": "m-1", "version": "1.3.0"},
    }
    event = batch_of([record]).columns.event(0)
    assert (event.source, event.id, event.action) == ("ocsf", "ocsf:m-1", "ExportContacts")
    assert event.at == EPOCH + timedelta(milliseconds=1_773_050_400_123)
    assert (event.outcome, event.actor, event.session) == ("success", "u-1", "s-9")
    assert (event.resource, event.object, event.user_agent) == ("crm", "/contacts", "curl/8")


@pytest.mark.parametrize(
    ("word", "outcome", "reason"),
    [
        ("ok", "success", ""),
        ("denied", "failure", "denied"),
        ("throttled", "failure", "throttled"),
        ("success", "success", ""),
        (True, "success", ""),
        (False, "failure", ""),
        (403, "unknown", ""),
        ("something new", "unknown", ""),
        (None, "unknown", ""),
        (..., "unknown", ""),
        ({"a": 1}, "unknown", ""),
    ],
)
def test_a_word_of_outcome_is_looked_up(word: Any, outcome: str, reason: str) -> None:
    event = batch_of([application_record(1, outcome=word)], CRM).columns.event(0)
    assert (event.outcome, event.reason) == (outcome, reason)


def test_statuses_can_be_outcomes() -> None:
    mapping = Mapping_.model_validate(
        BARE | {"outcome": "status", "outcomes": {"200": "success", "403": "failure:denied"}}
    )
    records = [application_record(n, status=status) for n, status in enumerate((200, 403, 500))]
    columns = batch_of(records, mapping).columns
    assert [columns.text("outcome", row) for row in range(3)] == ["success", "failure", "unknown"]


@pytest.mark.parametrize(
    ("more", "outcome", "reason", "says"),
    [
        ({}, "success", "", {}),
        ({"outcome": "status"}, "unknown", "", {"app": False}),
        ({"outcome": "status", "outcome_missing": "unknown"}, "unknown", "", {}),
        ({"outcome": "status", "outcome_missing": "success"}, "success", "", {}),
        ({"outcome": "status", "outcome_missing": "failure:denied"}, "failure", "denied", {}),
        ({"outcome_missing": "unknown"}, "unknown", "", {}),
    ],
)
def test_what_a_missing_outcome_means_is_the_mappings_to_say(
    more: dict[str, str], outcome: str, reason: str, says: dict[str, bool]
) -> None:
    mapping = Mapping_.model_validate(BARE | {"name": "app"} | more)
    batch = batch_of([application_record(1)], mapping)
    event = batch.columns.event(0)
    assert (event.outcome, event.reason) == (outcome, reason)
    assert batch.says_outcome == says


def test_a_source_that_says_its_outcome_now_and_then_is_not_mute() -> None:
    mapping = Mapping_.model_validate(BARE | {"name": "app", "outcome": "status"})
    records = [application_record(1), application_record(2, status="new"), application_record(3)]
    assert batch_of(records, mapping).says_outcome == {"app": True}


def test_a_preset_can_be_told_what_a_missing_outcome_means() -> None:
    told = mapping_of({"preset": "ecs", "outcome_missing": "success"})
    mapping = Mapping_.model_validate(told)
    assert mapping == ECS.model_copy(update={"outcome_missing": "success"})
    record = {"@timestamp": "2026-03-09T10:00:00Z", "user.id": "lea", "event.action": "export"}
    assert batch_of([record]).columns.event(0).outcome == "unknown"
    assert batch_of([record], mapping).columns.event(0).outcome == "success"
    with pytest.raises(ValueError, match="'ecss' is none of them"):
        mapping_of({"preset": "ecss"})


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (7, 7),
        ("7", 7),
        (7.0, 7),
        (7.9, 7),
        (-1, None),
        ("x", None),
        (None, None),
        (True, None),
        (10**40, None),
        ("7" * 5_000, None),
        ([1], None),
    ],
)
def test_a_count_is_a_whole_number_or_absent(given: Any, number: int | None) -> None:
    assert batch_of([application_record(1, count=given)], CRM).columns.event(0).count == number


@pytest.mark.parametrize(
    ("given", "kind"),
    [("staff", "person"), ("token", "user"), ("robot", "unknown"), (..., "unknown")],
)
def test_the_sort_of_an_actor_is_looked_up(given: Any, kind: str) -> None:
    record = application_record(1, actor_kind=given)
    assert batch_of([record], CRM).columns.event(0).actor_kind == kind


def test_all_actors_of_a_log_may_be_of_one_sort() -> None:
    mapping = Mapping_.model_validate(BARE | {"actor_kind": "person"})
    assert batch_of([application_record(1)], mapping).columns.event(0).actor_kind == "person"


def test_an_actor_that_is_not_said_is_unknown() -> None:
    records = [application_record(0), application_record(1, actor=None)]
    assert batch_of(records, CRM).columns.event(1).actor == "unknown"


def test_records_without_an_id_get_one_that_stays_the_same() -> None:
    mapping = Mapping_.model_validate(BARE)
    record = application_record(1)
    records = [record, application_record(2), record, record]
    first, again = batch_of(records, mapping).columns, batch_of(records, mapping).columns
    ids = first.event_ids(range(4))
    assert len(set(ids)) == 4
    assert again.event_ids(range(4)) == ids
    assert batch_of([record], mapping).columns.event_id(0) == ids[0]
    assert first.id_text == {}


def test_empty_lines_count_as_lines_and_not_as_records() -> None:
    text = lines([application_record(1)]) + b"\n \r\n" + lines([application_record(2)])
    batch = batch_of(text, CRM)
    assert batch.records == 2
    assert batch.columns.event(1).raw.place == 3


def test_rules_see_raw_and_normalised_fields() -> None:
    seen: list[Any] = []

    def match(rows: Rows) -> list[Any]:
        seen.append((rows.logsource, rows.row(1), rows.values["action"][0], rows.whole(1)))
        return []

    batch_of([application_record(1), application_record(2, extra={"a": 1})], CRM, match)
    logsource, row, action, whole = seen[0]
    assert logsource == {"category": "application", "product": "crm", "service": "crm"}
    assert row["extra"] == {"a": 1}
    assert row[EVENT]["count"] == 3
    assert action["outcome"] == "ok"
    assert action[EVENT]["outcome"] == "success"
    assert whole == application_record(2, extra={"a": 1})


def test_our_rules_find_a_bulk_export_in_it() -> None:
    pack = load([OWN_RULES])
    record = application_record(1, action="contacts.export", count=60_000)
    batch = batch_of([application_record(0), record], CRM, Matcher(pack.rules))
    titles = {rule.title for rule in pack.rules for hit in batch.hits if hit.rule == rule.id}
    assert any("export" in title.lower() for title in titles)
    assert {hit.row for hit in batch.hits} == {1}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone": "Europe/Atlantis"}, "no time zone"),
        ({"outcomes": {"ok": "good"}}, "is no outcome"),
        ({"outcomes": {"ok": "success:denied"}}, "is no outcome"),
        ({"outcome_missing": "fine"}, "is no outcome"),
        ({"unit": "minutes"}, "unit"),
        ({"nonsense": "x"}, "nonsense"),
        ({"name": "Not A Name"}, "name"),
        ({"time": ""}, "time"),
        ({"actor_kinds": {"a": "person"}}, "actor_kinds needs actor_kind"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Mapping_.model_validate(BARE | wrong)


def test_presets_are_told_apart_by_name() -> None:
    assert (ECS.name, OCSF.name) == ("ecs", "ocsf")


FIRST, LAST = datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("9998-12-30")
NOON = int((datetime(2026, 3, 9, 12, tzinfo=UTC) - EPOCH) / MICROSECOND)


@pytest.mark.parametrize(
    ("value", "unit", "off"),
    [
        ("2026-03-09T12:00:00Z", None, 0),
        ("2026-03-09T12:00:00z", None, 0),
        ("2026-03-09 12:00:00+00:00", None, 0),
        ("2026-03-09T13:00:00+01:00", None, 0),
        ("2026-03-09T06:30:00-05:30", None, 0),
        ("2026-03-09T12:00:00.5Z", None, 500_000),
        ("2026-03-09T12:00:00.123456Z", None, 123_456),
        ("2026-03-09T12:00:00.123456789Z", None, 123_456),
        ("2026-03-09T13:00:00", None, 0),
        (NOON // 1_000_000, None, 0),
        (NOON / 1_000_000 + 0.25, None, 250_000),
        (NOON // 1_000, None, 0),
        (NOON, None, 0),
        (NOON * 1_000, None, 0),
        (str(NOON // 1_000_000), None, 0),
        (NOON // 1_000_000, "s", 0),
    ],
)
def test_a_time_is_read_in_every_form(value: Any, unit: str | None, off: int) -> None:
    mapping = Mapping_.model_validate(BARE | {"zone": "Europe/Paris", "unit": unit})
    batch = batch_of([application_record(1, time=value)] * 2, mapping)
    assert batch.rejects == ()
    assert batch.columns.at.tolist() == [NOON + off] * 2


@pytest.mark.parametrize(
    "value", ["2026", "20260309", 20260309, "202603091200", "20260309120000", 20260309120000123, 0]
)
def test_a_date_in_figures_is_no_number_since_1970(value: Any) -> None:
    good = application_record(2)
    batch = batch_of([application_record(1, time=value), good], CRM)
    assert len(batch.columns) == 1
    (reject,) = batch.rejects
    assert reject.place == "line 1"
    assert "no number since 1970 of the years 1990 to 2099; give the unit" in reject.reason


@given(
    st.lists(
        st.datetimes(FIRST, LAST),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    st.sampled_from(["Z", "+00:00", "-07:30", "+14:00"]),
)
def test_times_read_together_are_those_read_one_by_one(
    times: list[datetime], precision: str, zone: str
) -> None:
    texts = [time.isoformat(timespec=precision) + zone for time in times]
    found, bad = instants(texts, instant)
    assert found.tolist() == [instant(text) for text in texts]
    assert bad == {}


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-00-10T00:00:00Z",
        "2026-01-01T00:00:00+25:00",
        "1969-12-31T23:59:59Z",
    ],
)
def test_what_is_no_time_is_none_among_others_either(text: str) -> None:
    good = "2026-03-09T12:00:00Z" if text.endswith("Z") else "2026-03-09T12:00:00+00:00"
    found, bad = instants([good, text, good], instant)
    assert list(bad) == [1]
    assert found.tolist() == [NOON, 0, NOON]
    with pytest.raises(BadTimeError):
        instant(text)


def test_json_of_many_lines_is_no_log_of_an_application() -> None:
    batch = batch_of(json.dumps(application_record(1), indent=2).encode(), CRM)
    assert len(batch.columns) == 0
    assert "write each record on a line of its own" in batch.rejects[0].reason

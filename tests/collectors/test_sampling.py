"""A sample shows how a file is read, and what is wrong with how it was described."""

from pathlib import Path

from collectors.mapping import Mapping_
from collectors.sampling import sample_file
from tests.collectors.logs import (
    RECORDS,
    application_record,
    lines,
    trail,
)
from tocsin.app.demo.applog import MAPPING

CRM = Mapping_.model_validate(MAPPING)


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


def test_ids_that_repeat_at_another_time_are_named_and_copies_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    first = [application_record(number, id=str(number)) for number in range(3)]
    again = application_record(7, id="1")
    path.write_bytes(lines([*first, again, first[2]]))
    assert sample_file(path, (CRM,)).repeated == ("crm:1",)
    path.write_bytes(lines([*first, first[2]]))
    assert sample_file(path, (CRM,)).repeated == ()

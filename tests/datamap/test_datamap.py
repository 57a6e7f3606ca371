"""The data map: what it says, what it finds in columns, and its versions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.streams import columns, event
from tocsin import datamap
from tocsin.datamap import ALL, UNKNOWN, DataMap, Matcher, Touch
from tocsin.errors import ConfigError, Refusal
from tocsin.model.events import Event, Outcome
from tocsin.model.principals import Principal
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
ALICE = Principal("shell", "alice")
S = timedelta(seconds=1)
STORE = """
[[store]]
name = "recordings"
categories = ["telephone conversations"]
reads_logged_by = ["cloudtrail"]
"""
FETCHED = (
    STORE
    + """
[[action]]
name = "fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'recordings-.*'
object = '(?P<customer>c-\\d)/(?P<record>\\d+)-(?P<subject>p\\d)\\.wav'
store = "recordings"
customer = "named"
effect = "read"
"""
)
OPEN = """
[[action]]
name = "stands open"
source = "cloudtrail"
service = "s3"
actions = ["PutBucket*"]
store = "recordings"
customer = "all"
effect = "exposed"
"""
EXPORTED = (
    STORE
    + """
[[action]]
name = "exported"
source = "crm"
service = "crm"
actions = ["export"]
store = "recordings"
customer = "event"
effect = "exported"
count = "event"
"""
)


def parsed(text: str) -> DataMap:
    return datamap.parse(text.encode(), "map.toml")


def fetch(second: int, key: str, **more: Any) -> Event:
    return event(second * S, "s3", "GetObject", resource="recordings-prod", object=key, **more)


def touches(text: str, *events: Event) -> list[Touch]:
    return Matcher(parsed(text)).touches(columns(events))


def test_customer_record_and_person_are_read_off_the_object() -> None:
    one, other = touches(
        FETCHED,
        fetch(0, "c-1/17-p3.wav", bytes=100),
        fetch(5, "c-1/17-p3.wav", bytes=900),
        fetch(9, "c-2/18-p4.wav"),
        fetch(9, "other/18.txt"),
        event(9 * S, "s3", "GetObject", resource="logs", object="c-1/19-p3.wav"),
        event(9 * S, "s3", "HeadObject", resource="recordings-prod", object="c-1/19-p3.wav"),
    )
    assert (one.customer, one.thing, one.subject, one.events) == ("c-1", "17", "p3", 2)
    assert one.bytes == 900
    assert one.last_at - one.first_at == 5_000_000
    assert (other.customer, other.thing) == ("c-2", "18")


def test_what_was_refused_is_told_apart() -> None:
    found = touches(
        FETCHED, fetch(0, "c-1/1-p1.wav"), fetch(1, "c-1/1-p1.wav", outcome=Outcome.FAILURE)
    )
    assert {touch.outcome for touch in found} == {Outcome.SUCCESS, Outcome.FAILURE}


def test_counts_are_put_together_per_customer() -> None:
    (one, nobody) = touches(
        EXPORTED,
        event(0 * S, "crm", "export", customer="c-1", count=40),
        event(1 * S, "crm", "export", customer="c-1", count=600),
        event(2 * S, "crm", "export", customer="c-1"),
        event(3 * S, "crm", "export", customer="", count=5),
    )
    assert (one.customer, one.events, one.most, one.sum, one.uncounted) == ("c-1", 3, 600, 640, 1)
    assert nobody.customer == UNKNOWN


def test_a_store_that_stands_open_is_everybodys() -> None:
    (one,) = touches(STORE + OPEN, event(0 * S, "s3", "PutBucketPolicy", resource="any"))
    assert one.customer == ALL


def test_what_is_known_can_be_asked() -> None:
    matcher = Matcher(parsed(FETCHED))
    where = ("cloudtrail", "s3", "GetObject")
    assert matcher.knows(*where, "recordings-prod") is None
    assert matcher.knows_object(*where, "recordings-prod", "c-1/1-p1.wav")
    assert not matcher.knows_object(*where, "recordings-prod", "else")
    assert matcher.knows(*where, "other") is False
    assert Matcher(parsed(STORE + OPEN)).knows("cloudtrail", "s3", "PutBucketAcl", "x") is True


def test_nothing_matches_nothing() -> None:
    assert touches(FETCHED) == []
    assert touches("", fetch(0, "c-1/1-p1.wav")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FETCHED.replace('"recordings"\ncustomer', '"recording"\ncustomer'),
         "map.toml, action fetched, store: no store recording; did you mean recordings?"),
        (FETCHED.replace("<customer>", "<who>"), "action fetched, object: expected only groups"),
        (FETCHED.replace("(?P<customer>c-\\d)", "c-\\d"),
         "action fetched, customer: expected a group (?P<customer>…)"),
        (FETCHED.replace("\\d+)", "\\d+"), "expected a regular expression"),
        (FETCHED.replace("service", "servce"), "action fetched, servce: no such key; did you mean"),
        (FETCHED.replace('effect = "read"', ""), "action fetched: expected effect; add it"),
        (EXPORTED.replace('count = "event"', 'count = "bytes"'), "bytes_per_record: expected"),
        (STORE + STORE, "map.toml, store recordings: named 2 times"),
        (STORE.replace("telephone", "radio"), "map.toml, store recordings, categories"),
        (FETCHED + 'categories = ["billing"]', "store recordings holds telephone conversations"),
        (OPEN.replace("all", "unknown"), 'expected "all" beside effect "exposed"'),
        ("[[store]", "map.toml: expected TOML"),
    ],
)  # fmt: skip
def test_a_fault_names_the_place_and_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert expected in str(caught.value)


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(FETCHED.replace('"s3"', "3").replace('"read"', '"red"'))
    assert len(str(caught.value).splitlines()) == 2


def test_versions_are_shown_taken_and_kept(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "datamap.toml"
    path.write_text(FETCHED)
    with store.begin() as db:
        assert datamap.load(db) == (0, DataMap())
        first = datamap.plan(db, path)
        store_line, action_line = str(first).splitlines()[1:]
        assert store_line.startswith("+ store recordings  ")
        assert "categories: telephone conversations; reads_logged_by: cloudtrail" in store_line
        assert action_line.startswith("+ action fetched  ")
        assert "effect: read" in action_line
        assert datamap.take(db, first, principal=ALICE, now=NOW) == 1
    path.write_text(FETCHED.replace('"read"', '"exported"'))
    with store.begin() as db:
        second = datamap.plan(db, path)
        assert second.changes == ("~ action fetched  effect: read → exported",)
        assert datamap.take(db, second, principal=ALICE, now=NOW + S) == 2
        assert datamap.take(db, datamap.plan(db, path), principal=ALICE, now=NOW + S) == 2
    with store.begin() as db:
        with pytest.raises(Refusal, match="version 2 holds now"):
            datamap.take(db, first, principal=ALICE, now=NOW)
        assert datamap.version_at(db) == 2
        assert datamap.load(db, 1).datamap.action[0].effect == "read"
        assert datamap.load(db, NOW).number == 1
        assert datamap.load(db).datamap.action[0].effect == "exported"


def test_a_map_that_cannot_be_read_changes_nothing(store: Store, tmp_path: Path) -> None:
    with store.begin() as db, pytest.raises(ConfigError, match="cannot be read"):
        datamap.plan(db, tmp_path / "none.toml")
    with store.read() as db:
        assert datamap.version_at(db) == 0

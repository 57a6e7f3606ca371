"""A customer's bundle holds the events and raw records that are about its data, and no other's."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from incidents.impact import copies
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.test_ticking import C1, C2
from tocsin.app.casework import bundling, measuring
from tocsin.app.casework.desk import Desk
from tocsin.datamap import Matcher
from tocsin.datamap.reading import parse
from tocsin.model.columns import Columns

At = Callable[..., Desk]
SHARED = """
[[store]]
name = "files"
title = { fr = "fichiers", en = "files" }
categories = ["contact"]

[[action]]
name = "a file is fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = "files"
object = '(?P<customer>c-\\d)/.*'
store = "files"
customer = "named"
effect = "read"

[[action]]
name = "the list of all is fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = "files"
object = 'c-9/all'
store = "files"
customer = "all"
effect = "read"

[[action]]
name = "settings are looked at"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = "settings"
store = "files"
customer = "operator"
effect = "none"
why = "nobody's"
"""


def events_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("customer", "other"), [(C1, C2), (C2, C1)])
def test_what_a_cloud_log_shows_of_a_customer_is_in_its_bundle_with_the_raw_records(
    at: At, tmp_path: Path, customer: str, other: str
) -> None:
    desk = at("judged")
    whole = bundling.export(desk, 1, tmp_path / "whole", principal=ALICE, now=NOW + HOUR)
    theirs = bundling.export(
        desk, 1, tmp_path / "theirs", customer=customer, principal=ALICE, now=NOW + HOUR
    )
    found = events_of(theirs)
    expected = [one for one in events_of(whole) if str(one["object"]).startswith(f"{customer}/")]
    assert [one["id"] for one in found] == [one["id"] for one in expected]
    assert len(found) > 1
    left_out = json.loads((theirs / "MANIFEST.json").read_text())["events_left_out"]
    assert left_out == len(events_of(whole)) - len(found) > 0
    index = json.loads((theirs / "raw" / "index.json").read_text())
    assert {one["event_id"] for one in index} == {one["id"] for one in found}
    for one in index:  # each is there, or it is said why it is not
        assert one["state"] in {"captured", "withheld"}, one
        assert one["state"] == "captured" or one["why"]
    for path in theirs.rglob("*"):
        assert path.is_dir() or f"{other}/".encode() not in path.read_bytes(), path
    assert bundling.verify(theirs, None).passed


def test_an_event_without_a_customer_of_its_own_is_its_whom_the_data_map_names(
    columns_of: Callable[..., Columns],
) -> None:
    matcher = Matcher(parse(SHARED.encode(), "datamap.toml"))
    read = {"service": "s3", "action": "GetObject", "resource": "files"}
    rows = [
        {**read, "object": "c-1/a"},
        {**read, "object": "c-2/b"},
        {**read, "object": "c-9/all"},
        {**read, "object": "elsewhere"},
        {**read, "resource": "settings", "object": "c-1/a"},
        {**read, "action": "ListObjects", "object": "c-1/a"},
    ]
    events = columns_of([(n, f"e{n}", row) for n, row in enumerate(rows)])
    assert _said(matcher.owners(events)) == [["c-1"], ["c-2"], ["*", "c-9"], [], [], []]
    assert matcher.owners(events.take(np.zeros(0, np.intp))) == []


def _said(owners: Iterable[frozenset[str]]) -> list[list[str]]:
    return [sorted(one) for one in owners]


def test_a_run_is_not_needed(at: At, tmp_path: Path) -> None:
    desk = at("opened")
    theirs = bundling.export(
        desk, 1, tmp_path / "theirs", customer=C1, principal=ALICE, now=NOW + HOUR
    )
    assert len(events_of(theirs)) > 1
    measuring.measure(desk, 1, principal=ALICE, now=NOW + HOUR)
    again = bundling.export(
        desk, 1, tmp_path / "again", customer=C1, principal=ALICE, now=NOW + HOUR
    )
    assert events_of(again) == events_of(theirs)


def test_a_copy_is_about_what_it_copied_too(columns_of: Callable[..., Columns]) -> None:
    copy = {"service": "s3", "action": "CopyObject", "resource": "loot", "object": "x"}
    read = {"service": "s3", "action": "GetObject", "resource": "files", "object": "c-2/b"}
    rows = [read, {**copy, "copied_from": "files/c-1/a"}, read, {**copy, "copied_from": "other/a"}]
    events = columns_of([(n, f"e{n}", row) for n, row in enumerate(rows)])
    matcher = Matcher(parse(SHARED.encode(), "datamap.toml"))
    assert copies.rows(events).tolist() == [1, 3]
    assert _said(matcher.owners(copies.reads(events))) == [["c-1"], []]
    assert _said(matcher.owners(events)) == [["c-2"], [], ["c-2"], []]
    assert _said(bundling.owners(matcher, events)) == [["c-2"], ["c-1"], ["c-2"], []]

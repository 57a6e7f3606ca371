"""Public rules match in public records what an engine that is not ours matched."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.sigma.load import load
from detectors.sigma.match import Matcher
from tests.detectors.records import CLOUDTRAIL, Decoder, Record, one


def records_of(path: Path) -> Iterator[Record]:
    files = [path] if path.is_file() else path.rglob("*")
    for file in sorted(files, key=os.fsencode):
        if file.name.endswith(".json.gz"):
            yield from json.loads(gzip.decompress(file.read_bytes()))["Records"]
        elif file.suffix == ".jsonl":
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", ["invictus", "stratus", "traildiscover", "otrf"])
@pytest.mark.parametrize("grouped", [True, False], ids=["in groups", "one by one"])
def test_public_rules_match_what_another_engine_matched(
    name: str, grouped: bool, shared_data: Path
) -> None:
    folder = shared_data / "sigma-aws"
    pack = load([folder / "rules"])
    assert (len(pack.rules), pack.errors) == (57, [])
    assert all(rule.author for rule in pack.rules)
    expected = json.loads((folder / "expected.json").read_text())
    source = expected["sources"][name]
    records = list(records_of(shared_data / source["path"]))
    ids = [records[0]["eventID"], records[-1]["eventID"]]
    assert ids == [source["first_event_id"], source["last_event_id"]]
    found: dict[str, list[int]] = {id_: [] for id_ in expected["rules"]}
    matcher = Matcher(pack.rules)
    decoder, ask = Decoder(CLOUDTRAIL), 1 if not grouped else 97
    for start in range(0, len(records), ask):
        batch = records[start : start + ask]
        rows = decoder.rows([(record, {}) for record in batch]) if grouped else one(batch[0])
        for hit in matcher(rows):
            found[hit.rule].append(start + hit.row)
    assert found == {id_: rule[name] for id_, rule in expected["rules"].items()}
    assert not matcher.faults

"""Real CloudTrail records of attacks: found, and found just as well when every name is ordinary.

The records are not part of this repository; see ``shared_data`` in ``conftest.py``. Nothing in the
rules or detectors was written to them: they check, they do not teach.
"""

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.app import service
from tocsin.model.findings import Incident, Level
from tocsin.model.principals import Principal

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ME = Principal("shell", "test")

TOOLS = (
    (rb"stratus-red-team_[0-9a-f-]{36}", b"aws-sdk-go-v2/1.16.4 os/linux lang/go/1.18"),
    (rb"stratus-red-team|stratus|Mordor|MORDOR|mordor", b"corp"),
)
"""Names that only an exercise has → what a house would call it."""


def scanned(*paths: Path) -> list[Incident]:
    asked = service.ScanRequest(paths=tuple(map(str, paths)), processes=1)
    with service.scan(asked, principal=ME, now=NOW) as result:
        assert result.faults == {}
        return list(result.incidents)


@pytest.fixture(params=["as recorded", "with ordinary names"])
def folder(request: pytest.FixtureRequest, shared_data: Path, tmp_path: Path) -> Path:
    """Return the folder of records, or a copy in which no tool's name is left."""
    if request.param == "as recorded":
        return shared_data
    for path in shared_data.glob("*/**/*.json*"):
        stored = path.read_bytes()
        text = gzip.decompress(stored) if path.suffix == ".gz" else stored
        for name, ordinary in TOOLS:
            text = re.sub(name, ordinary, text)
        copy = tmp_path / path.relative_to(shared_data)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(gzip.compress(text, 1) if path.suffix == ".gz" else text)
    return tmp_path


def test_an_account_under_29_attacks(folder: Path, shared_data: Path) -> None:
    labels: dict[str, Any] = msgspec.json.decode(
        (shared_data / "invictus/labels.json").read_bytes()
    )
    runs = {name for name, run in labels["executions"].items() if run["kind"] == "detonation"}
    run_of = {
        event: label["execution"]
        for event, label in labels["events"].items()
        if label["label"] == "detonation" and label["execution"] in runs
    }
    touched, idle = set[str](), 0
    for incident in scanned(folder / "invictus/CloudTrail"):
        held = {run_of[event] for event in incident.event_ids if event in run_of}
        touched |= held if incident.level >= Level.MEDIUM else set()
        idle += incident.level >= Level.HIGH and not held
    assert len(runs) == 29
    assert len(touched) >= 27
    assert idle <= 3


def test_each_technique_by_itself(folder: Path) -> None:
    files = sorted((folder / "stratus").glob("*.jsonl"))
    missed = [file.name for file in files if not scanned(file)]
    assert len(files) == 18
    assert missed == []


def test_a_stolen_role_reads_a_bucket(folder: Path, shared_data: Path) -> None:
    labels = msgspec.json.decode((shared_data / "otrf/labels.json").read_bytes())
    attack = set(labels["attack_event_ids"])
    (incident,) = scanned(folder / "otrf/ec2_proxy_s3_exfiltration.jsonl")
    assert len(attack & set(incident.event_ids)) >= 10
    assert len(set(incident.event_ids) - attack) <= 5

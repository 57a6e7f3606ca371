"""Sources whose records never say their outcome: a person is told, and can say what that means."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.app.cli import app
from tocsin.app.config import load
from tocsin.app.schedule import serve

SCAN = "No record of these says its outcome"
RUN = "no record says its outcome"
FIRST = datetime(2026, 3, 9, 10, tzinfo=UTC)


def tocsin(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def exports(path: Path, outcome: str = "", *, times: int = 30) -> Path:
    """Write exports of 9 GB each as ECS has them; the last says ``outcome`` if there is one."""
    records = [
        {
            "@timestamp": (FIRST + timedelta(seconds=number)).isoformat(),
            "user.id": "lea",
            "event.action": "contacts.export",
            "http.response.body.bytes": 9_000_000_000,
        }
        for number in range(times)
    ]
    records[-1] |= {"event.outcome": outcome} if outcome else {}
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def config_of(folder: Path, mappings: str) -> Path:
    path = folder / "config.toml"
    path.write_text(
        f'[source.logs]\ntype = "files"\npaths = ["{folder}/*.jsonl"]\nmappings = {mappings}\n'
        f'[store]\npath = "{folder}/state/state.sqlite"\n'
        f'[archive]\npath = "{folder}/state/archive"\n'
        f'[evidence]\npath = "{folder}/state/evidence"\nkey = "{folder}/state/key.pem"\n'
    )
    return path


def test_a_scan_says_whose_records_never_say_their_outcome(tmp_path: Path) -> None:
    said = tocsin("scan", exports(tmp_path / "a.jsonl")).stdout
    assert "No incident" in said
    assert f"{SCAN}, so rules that ask for success match none:\n  ecs\n" in said
    assert "outcome_missing" in said


def test_one_that_says_it_now_and_then_is_not_named(tmp_path: Path) -> None:
    assert SCAN not in tocsin("scan", exports(tmp_path / "a.jsonl", "failure")).stdout


def test_what_a_person_says_of_it_counts(tmp_path: Path) -> None:
    path = exports(tmp_path / "a.jsonl")
    config = config_of(tmp_path, '[{ preset = "ecs", outcome_missing = "success" }]')
    said = tocsin("scan", path, "--config", config).stdout
    assert "No incident" not in said
    assert "lea" in said
    assert SCAN not in said


def test_a_sample_says_it_before_anything_is_read(tmp_path: Path) -> None:
    said = " ".join(tocsin("check", "--sample", exports(tmp_path / "a.jsonl")).stdout.split())
    assert "no record of ecs says its outcome" in said
    assert 'outcome_missing = "success"' in said


def test_the_service_says_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exports(tmp_path / "a.jsonl")
    config = config_of(tmp_path, '["ecs"]')
    serve(load(config), clock=lambda: FIRST + timedelta(hours=1), once=True)
    said = capsys.readouterr().out
    assert said.count(RUN) == 1
    assert "ecs" in said


def test_the_service_names_none_that_says_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exports(tmp_path / "a.jsonl", "success")
    serve(load(config_of(tmp_path, '["ecs"]')), clock=lambda: FIRST + timedelta(hours=1), once=True)
    assert RUN not in capsys.readouterr().out

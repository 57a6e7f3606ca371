"""``tocsin scan``, as it is typed."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.app.cli import app
from tocsin.app.demo.generate import World

Log = Callable[..., Path]

ROOT_LOGIN = {
    "eventName": "StopLogging",
    "eventSource": "cloudtrail.amazonaws.com",
    "requestParameters": {"name": "trail"},
}
"""Something every pack of rules has a word on."""

RULE = """
title: {title}
id: 1bf4e2e0-7f0a-4d2b-9f0d-0d6d3a3f4d11
author: Somebody Else
logsource: {{product: aws, service: cloudtrail}}
detection:
  selection: {{eventName: ListBuckets}}
  condition: selection
level: {level}
"""


def tocsin(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def found_in(*arguments: object) -> list[dict[str, Any]]:
    result = tocsin("scan", *arguments, "--output", "-")
    return [json.loads(line) for line in result.stdout.splitlines()]


def write_rule(folder: Path, level: str = "medium", title: str = "Buckets listed") -> Path:
    folder.mkdir()
    (folder / "rule.yml").write_text(RULE.format(level=level, title=title))
    return folder


def test_ordinary_records_are_nothing(log: Log) -> None:
    result = tocsin("scan", log({}, {}))
    assert result.exit_code == 0
    assert "2 records · 2 events · 0 duplicates · 0 rejected · 1 file" in result.stdout
    assert "No incident at medium or above" in result.stdout


def test_something_at_the_level_is_exit_code_1_and_shown_with_its_sentence(log: Log) -> None:
    result = tocsin("scan", log({}, ROOT_LOGIN))
    assert result.exit_code == 1
    assert "incident" in result.stdout
    assert "user/alice" in result.stdout
    assert "2026-03-09 10:00:01" in result.stdout


def test_the_level_asked_decides_the_exit_code(log: Log) -> None:
    assert tocsin("scan", log({}, ROOT_LOGIN), "--level", "critical").exit_code == 0


def test_the_operators_rules_are_asked_and_their_author_is_named(log: Log, tmp_path: Path) -> None:
    rules = write_rule(tmp_path / "rules")
    result = tocsin("scan", log({}), "--rules", rules, "--no-own-rules")
    assert result.exit_code == 1
    assert "Somebody Else" in result.stdout


def test_a_finding_outside_incidents_counts_and_is_shown(log: Log, tmp_path: Path) -> None:
    rules = write_rule(tmp_path / "rules", level="low")
    result = tocsin("scan", log({}), "--rules", rules, "--no-own-rules", "--level", "low")
    assert result.exit_code == 1
    assert "No incident at low or above" in result.stdout
    assert "1 finding at low or above in none of these" in result.stdout


def test_a_rule_that_cannot_be_used_is_shown_and_the_others_go_on(log: Log, tmp_path: Path) -> None:
    rules = write_rule(tmp_path / "rules")
    (rules / "bad.yml").write_text("title: no detection\n")
    result = tocsin("scan", log({}), "--rules", rules, "--no-own-rules")
    assert result.exit_code == 1
    assert "Rules that cannot be used" in result.stdout
    assert "bad.yml" in result.stdout


def test_the_output_is_findings_then_incidents_by_urgency_then_the_summary(
    world: World, demo_config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scan.jsonl"
    result = tocsin("scan", world.logs, "--config", demo_config, "--output", out)
    assert result.exit_code == 1
    found = lines(out)
    kinds = [line["kind"] for line in found]
    assert kinds == sorted(kinds, key=["finding", "incident", "summary"].index)
    assert kinds.count("summary") == 1
    keys = {line["kind"]: sorted(line) for line in found}
    assert keys == {
        "finding": sorted(
            ["kind", "id", "rule", "title", "level", "at", "actor", "event_ids", "why"]
        ),
        "incident": sorted(
            ["kind", "id", "title", "level", "opened_at", "finding_ids", "event_ids", "actors"]
        ),
        "summary": sorted(
            ["kind", "records", "events", "duplicates", "rejected", "files", "seconds"]
        ),
    }
    urgency = ["critical", "high", "medium", "low", "informational"]
    levels = [urgency.index(one["level"]) for one in found if one["kind"] == "incident"]
    assert levels == sorted(levels)
    findings = {one["id"]: one for one in found if one["kind"] == "finding"}
    assert len(findings) == kinds.count("finding")
    for incident in (one for one in found if one["kind"] == "incident"):
        events = {e for one in incident["finding_ids"] for e in findings[one]["event_ids"]}
        assert set(incident["event_ids"]) == events
    total = found[-1]
    assert total["events"] == world.records + world.lines
    assert total["duplicates"] == world.copies
    assert total["records"] == total["events"] + total["duplicates"]
    assert (total["rejected"], total["files"] > world.files) == (0, True)


def test_the_output_replaces_an_older_one_whole_and_leaves_nothing_beside_it(
    log: Log, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "scan.jsonl"
    out.parent.mkdir()
    out.write_text('{"kind":"summary","records":1}\n')
    assert tocsin("scan", log({}), "--output", out).exit_code == 0
    assert lines(out)[-1]["kind"] == "summary"
    assert [path.name for path in out.parent.iterdir()] == ["scan.jsonl"]


def test_the_output_on_standard_output_is_json_lines_alone(log: Log) -> None:
    result = tocsin("scan", log({}, ROOT_LOGIN), "--output", "-")
    assert [json.loads(line)["kind"] for line in result.stdout.splitlines()][-1] == "summary"
    assert "2 records" in result.stderr


def test_a_failed_scan_leaves_the_older_output_alone(tmp_path: Path) -> None:
    out = tmp_path / "scan.jsonl"
    out.write_text("older")
    result = tocsin("scan", tmp_path / "nowhere", "--output", out)
    assert (result.exit_code, out.read_text()) == (2, "older")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json"], "nowhere.json"),
        (["*.nothing"], "nothing matches"),
        (["s3://Not_A_Bucket"], "s3://"),
        (["s3:/bucket/prefix"], "Write s3://BUCKET/PREFIX"),
        (["S3://bucket"], "Write s3://BUCKET/PREFIX"),
        (["https://logs.example/a.json"], "neither a path on this machine nor a bucket"),
        ([".", "--level", "urgent"], "the levels are"),
        ([".", "--since", "yesterday"], "is no date or instant"),
        ([".", "--since", "2026-03-10", "--until", "2026-03-10"], "not before --until"),
        ([".", "--rules", "nowhere"], "nowhere: not there"),
        ([".", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        ([".", "--output", "nowhere/x.jsonl"], "folder is missing"),
        ([".", "--output", "x.jsonl", "--rejects", "./x.jsonl"], "would replace the other"),
        ([".", "--output", "-", "--rejects", "-"], "would replace the other"),
        ([".", "--processes", "0"], "--processes"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_work_says_so_without_a_traceback(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = tocsin("scan", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_among_good_ones_is_shown_and_changes_no_exit_code(log: Log) -> None:
    good = log({}, {})
    (good.parent / "broken.json.gz").write_bytes(good.read_bytes()[:-30])
    result = tocsin("scan", good.parent)
    assert result.exit_code == 0
    assert "Could not be read" in result.stdout
    assert "broken.json.gz" in result.stdout


def test_nothing_readable_is_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("no JSON")
    result = tocsin("scan", tmp_path)
    assert result.exit_code == 2
    assert "nothing could be read" in result.stderr
    assert "a.json" in result.stdout


def test_an_empty_folder_is_exit_code_2(tmp_path: Path) -> None:
    assert tocsin("scan", tmp_path).exit_code == 2


def test_a_file_given_twice_is_read_once(log: Log) -> None:
    path = log({})
    assert "1 record · 1 event · 0 duplicates" in tocsin("scan", path, path.parent).stdout


def test_copies_in_several_files_are_counted(log: Log) -> None:
    path = log({}, {})
    (path.parent / "copy.json.gz").write_bytes(path.read_bytes())
    assert "4 records · 2 events · 2 duplicates" in tocsin("scan", path.parent).stdout


@pytest.mark.parametrize(
    ("since", "until", "events"),
    [
        ("2026-03-09T10:00:01Z", "2026-03-09T10:00:03Z", 2),
        ("2026-03-09T11:00:01+01:00", "2026-03-10", 4),
        ("2026-03-10", None, 0),
        (None, "2026-03-09T10:00:01", 1),
    ],
)
def test_since_counts_and_until_does_not(
    log: Log, since: str | None, until: str | None, events: int
) -> None:
    asked = ["--since", since] if since else []
    asked += ["--until", until] if until else []
    result = tocsin("scan", log({}, {}, {}, {}, {}), *asked)
    assert result.exit_code == 0
    assert f"{events} event" in result.stdout
    assert f"{5 - events} outside the time asked" in result.stdout


def test_what_came_before_since_is_learned_from(world: World, demo_config: Path) -> None:
    whole = found_in(world.logs, "--config", demo_config)
    late = max(one["at"] for one in whole if one["kind"] == "finding")[:10]
    since = found_in(world.logs, "--config", demo_config, "--since", late)
    expected = {one["id"] for one in whole if one["kind"] == "finding" and one["at"] >= late}
    assert {one["id"] for one in since if one["kind"] == "finding"} == expected
    assert expected


def test_a_log_without_a_readable_record_is_not_a_quiet_one(log: Log) -> None:
    result = tocsin("scan", log({"eventTime": None}, {"eventID": None}))
    assert result.exit_code == 2
    assert "nothing could be read: see above" in result.stderr
    assert "No incident" not in result.stdout


def test_an_output_never_replaces_a_log(log: Log) -> None:
    path = log({})
    before = path.read_bytes()
    result = tocsin("scan", path, "--output", path)
    assert result.exit_code == 2
    assert f"--output {path} is there and no output of a scan" in result.stderr
    assert path.read_bytes() == before
    own = path.parent / "found.jsonl"
    for _ in range(2):  # the second time over its own
        assert tocsin("scan", path, "--output", own).exit_code == 0


def test_nothing_in_a_log_reaches_the_terminal_as_a_command(log: Log, tmp_path: Path) -> None:
    evil = "arn:aws:iam::111122223333:user/\x1b[2J[bold red]x[/]\u202e\n\x9b31m"
    identity = {"type": "IAMUser", "arn": evil, "userName": evil, "accountId": "1"}
    rules = write_rule(tmp_path / "rules", level="high")
    result = tocsin("scan", log({"userIdentity": identity}), "--rules", rules)
    assert result.exit_code == 1
    assert "[bold red]x[/]" in result.stdout
    printed = result.stdout.replace("\n", "")
    assert all(character.isprintable() for character in printed)


@pytest.mark.parametrize("width", [80, 120])
def test_the_result_fits_the_terminal(world: World, demo_config: Path, width: int) -> None:
    environment = {**os.environ, "COLUMNS": str(width), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.app.cli", "scan", world.logs, "--config", demo_config],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert max(map(len, done.stdout.splitlines())) <= width


LONG_BYTES = 64 << 20


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(
    world: World, demo_config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scan.jsonl"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    logs = tmp_path / "logs"
    logs.mkdir()
    lines = gzip.decompress(next(world.logs.rglob("*.jsonl.gz")).read_bytes())
    for number in range(8):  # so much that several processes read for a while
        (logs / f"{number}.jsonl").write_bytes(lines * (LONG_BYTES // len(lines) // 8 + 1))
    command = [sys.executable, "-m", "tocsin.app.cli", "scan", str(logs)]
    command += ["--config", str(demo_config), "--processes", "2", "--output", str(out)]
    with subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while not list(temporary.glob("tocsin-scan-*")) and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, ("", "tocsin: stopped\n"))
    assert not out.exists()
    assert list(temporary.iterdir()) == []


def test_repeats_are_said_once_with_their_number(log: Log, tmp_path: Path) -> None:
    rules = write_rule(tmp_path / "rules", level="high")
    result = tocsin("scan", log(*[{}] * 37), "--rules", rules, "--no-own-rules")
    assert "\N{MULTIPLICATION SIGN}37" in result.stdout
    assert result.stdout.count("Buckets listed: ") == 1


def test_help_is_quick_because_nothing_heavy_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tocsin.app.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    heavy = {"pyarrow", "duckdb", "sigma", "boto3", "sqlalchemy", "numpy", "pydantic"}
    assert "typer" in loaded
    assert loaded & heavy == set()

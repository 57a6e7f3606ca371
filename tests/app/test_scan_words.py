"""What ``tocsin scan`` and ``tocsin check`` say to a person: the worst, the reason, the remedy."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.app.cli import app
from tocsin.app.config import load
from tocsin.app.rendering import TIMELINE
from tocsin.errors import ConfigError

Log = Callable[..., Path]

MAPPING = """
[source.logs]
type = "files"
paths = ["{folder}"]
max_object_bytes = {cap}

[[source.logs.mappings]]
name = "crm"
time = "time"
actor = "actor"
action = "action"
outcome = "outcome"
outcomes = {{ ok = "success" }}
"""


def tocsin(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def config_of(folder: Path, cap: int = 1_000_000) -> Path:
    path = folder / "config.toml"
    path.write_text(MAPPING.format(folder=folder, cap=cap))
    return path


def lines_of(folder: Path, *outcomes: str) -> Path:
    path = folder / "crm.jsonl"
    at = "2026-03-09T10:00:{:02}Z"
    rows = [
        {"time": at.format(n), "actor": "bob", "action": "contacts.export", "outcome": outcome}
        for n, outcome in enumerate(outcomes)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_of_a_long_incident_the_worst_is_shown_and_not_the_first(log: Log) -> None:
    user = {"eventSource": "iam.amazonaws.com"}
    small: list[dict[str, Any]] = [
        {**user, "eventName": "CreateUser", "requestParameters": {"userName": f"u{n}"}}
        | {"userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/u{n}"}}
        | {"responseElements": {"user": {"arn": f"arn:aws:iam::111122223333:user/u{n + 1}"}}}
        for n in range(TIMELINE + 10)
    ]
    last = {"arn": f"arn:aws:iam::111122223333:user/u{TIMELINE + 10}", "type": "IAMUser"}
    stop = {
        "eventName": "StopLogging",
        "eventSource": "cloudtrail.amazonaws.com",
        "requestParameters": {"name": "trail"},
        "userIdentity": last,
    }
    said = tocsin("scan", log(*small, stop), "--level", "low").stdout
    assert "stopped the recording" in " ".join(said.split())
    assert "none worse" in said


def test_the_cap_of_the_configuration_holds_for_paths_as_well(tmp_path: Path) -> None:
    path = lines_of(tmp_path, *["ok"] * 50)
    assert tocsin("scan", path, "--config", config_of(tmp_path)).exit_code == 0
    small = tocsin("scan", path, "--config", config_of(tmp_path, cap=1_000))
    assert small.exit_code == 2
    assert "max_object_bytes is 1,000" in small.stdout
    sample = tocsin("check", "--sample", path, "--config", config_of(tmp_path, cap=1_000))
    assert "max_object_bytes is 1,000" in sample.stdout


def test_outcomes_are_known_in_any_case_and_unknown_ones_are_named(tmp_path: Path) -> None:
    path = lines_of(tmp_path, "OK", "Ok", "ok", "Erfolg")
    config = config_of(tmp_path)
    for said in (
        tocsin("scan", path, "--config", config).stdout,
        tocsin("check", "--sample", path, "--config", config).stdout,
    ):
        assert "crm: Erfolg" in said
        assert "outcomes" in said
        assert "OK" not in said.replace("Outcomes", "")
    assert "crm:" not in tocsin("scan", lines_of(tmp_path, "OK"), "--config", config).stdout


def test_what_is_no_file_is_said_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for arguments in (("scan", pipe), ("check", "--sample", pipe)):
        assert "no regular file; save what it gives" in tocsin(*arguments).stdout
    assert "it is a folder; name a file in it" in tocsin("check", "--sample", tmp_path).stdout


def test_a_name_that_looks_like_a_pattern_is_a_name_where_it_is_there(log: Log) -> None:
    assert "1 event" in tocsin("scan", log({}, name="a[1].json.gz")).stdout


def test_digests_alone_are_no_missing_file(tmp_path: Path) -> None:
    folder = tmp_path / "AWSLogs" / "1" / "CloudTrail-Digest"
    folder.mkdir(parents=True)
    (folder / "d.json.gz").write_bytes(b"x")
    result = tocsin("scan", tmp_path)
    assert result.exit_code == 2
    assert "digests and Insights only" in result.stderr


def test_a_folder_without_rules_and_no_rules_at_all_are_said(log: Log, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    said = tocsin("scan", log({}), "--rules", rules, "--no-own-rules").stdout
    assert f"{rules}: no rule is in this folder" in said.replace("\n", "")
    assert "end in .yml" in said
    assert "No rule was asked" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[archive]\npath = "s3://bucket/x"', "archive.path: must be a path on this machine"),
        ('[evidence]\nkey = "https://x/k"', "evidence.key: must be a path on this machine"),
        ('[contract]\ncountries = ["France"]', "two capital letters, like FR"),
        ("[grouping]\nmedium_at = 90\nhigh_at = 50", "must not fall in this order"),
        (
            '[source.a]\ntype = "files"\npaths = ["x"]\nmappings = ["ecss"]',
            "one of ecs, ocsf: 'ecss' is none",
        ),
        (
            "".join(
                f'[source.{name}]\ntype = "files"\npaths = ["x"]\n[[source.{name}.mappings]]\n'
                f'name = "crm"\ntime = "{name}"\nactor = "a"\naction = "b"\n'
                for name in ("one", "two")
            ),
            "source.two.mappings: 'crm' is described otherwise under source.one",
        ),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_what_would(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert said in str(raised.value)
    assert raised.value.hint
    assert sorted(tmp_path.iterdir()) == [path]


def test_all_that_could_not_be_read_is_named_in_a_file(log: Log, tmp_path: Path) -> None:
    bad = log({}, {"eventTime": "never"}, {"eventID": ""}, *[{"eventTime": f"{n}"} for n in "abcd"])
    out = tmp_path / "rejects.jsonl"
    result = tocsin("scan", bad, "--rejects", out)
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["kind"] for one in found] == ["reject"] * 6
    assert {one["address"] for one in found} == {str(bad)}
    assert {one["place"] for one in found} == {f"record {n}" for n in range(2, 8)}
    assert all(one["reason"] and one["sample"] for one in found)
    assert "6 rejected" in result.stdout
    log({}, name=bad.name)
    assert tocsin("scan", bad, "--rejects", out).exit_code == 0
    assert out.read_text() == ""
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    assert tocsin("scan", bad, "--rejects", notes).exit_code == 2
    assert notes.read_text() == "mine"


@pytest.mark.parametrize("condition", ["eventName|cased: null", 'eventName|re: "(?<=a)b"'])
def test_a_rule_that_cannot_be_used_is_said_without_what_libraries_look_like(
    condition: str, log: Log, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yml").write_text(
        "title: A\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: aws}\n"
        f"detection:\n  s:\n    {condition}\n  condition: s\nlevel: low\n"
    )
    said = tocsin("scan", log({}), "--rules", rules).stdout.replace("\n", "")
    assert f"{rules}/a.yml:6: " in said
    assert "0x" not in said
    assert "b'" not in said.replace("(?<=a)b'", "")
    assert capfd.readouterr().err == ""  # nor what they say by themselves

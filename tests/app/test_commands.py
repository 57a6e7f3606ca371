"""The smaller commands: check, rule, demo."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.app.cli import app
from tocsin.app.engine.scanning import Progress
from tocsin.app.rendering import console, safe, short
from tocsin.app.showing import demo
from tocsin.errors import Refusal
from tocsin.model.principals import Principal

ConfigFile = Callable[..., Path]
Log = Callable[..., Path]


def tocsin(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def shown(out: Path, *, quiet_month: bool = False, progress: Progress = lambda *_: None) -> str:
    said = io.StringIO()
    demo(
        out,
        console=console(said),
        quiet_month=quiet_month,
        seed=1,
        processes=1,
        progress=progress,
        days=4,
        scale=0.02,
    )
    return said.getvalue()


def test_a_configuration_that_can_work_is_said_to(config_file: ConfigFile, log: Log) -> None:
    result = tocsin("check", "--config", config_file(log({}).parent))
    assert result.exit_code == 0
    assert "FAILS" not in result.stdout
    for part in ("source.logs", "archive", "store", "rules", "geo"):
        assert part in result.stdout


def test_each_part_that_cannot_work_is_named_with_what_to_do(
    config_file: ConfigFile, log: Log, tmp_path: Path
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bad.yml").write_text("title: nothing else\n")
    extra = f'[source.gone]\ntype = "files"\npaths = ["{tmp_path}/gone"]\n'
    extra += f'[rules]\ndirectories = ["{tmp_path}/rules"]\n'
    extra += f'[geo]\nmmdb = "{log({})}"\n'
    result = tocsin("check", "--config", config_file(log({}).parent, extra=extra))
    assert result.exit_code == 2
    failed = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("FAILS")]
    assert sorted(set(failed)) == ["geo", "rules", "source.gone"]
    assert "bad.yml" in result.stdout


def test_checking_changes_nothing(config_file: ConfigFile, log: Log, tmp_path: Path) -> None:
    config = config_file(log({}).parent)
    before = sorted(tmp_path.rglob("*"))
    tocsin("check", "--config", config)
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_source_nothing_can_work() -> None:
    result = tocsin("check")
    assert result.exit_code == 2
    assert "none is configured" in result.stdout


def test_without_a_source_what_people_report_can_be_served(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[store]\npath = "{tmp_path}/state.sqlite"\n[archive]\npath = "{tmp_path}/archive"\n'
        f'[evidence]\npath = "{tmp_path}/evidence"\nkey = "{tmp_path}/key.pem"\n'
        f'[notifiers.files]\nfolder = "{tmp_path}/sent"\n'
    )
    result = tocsin("check", "--config", config)
    (line,) = (one for one in result.stdout.splitlines() if "none is configured" in one)
    assert not line.startswith("FAILS")


@pytest.mark.parametrize(
    "asked",
    [
        "incident list",
        "incident show 1",
        "incident note 1 --text seen",
        "customer list",
        "notice status 1",
        "evidence export 1 out",
    ],
)
def test_what_asks_about_a_state_does_not_answer_from_an_empty_one(
    asked: str, config_file: ConfigFile, log: Log, tmp_path: Path
) -> None:
    config = config_file(log({}).parent)
    before = sorted(tmp_path.rglob("*"))
    result = tocsin(*asked.split(), "--config", config)
    assert result.exit_code == 2
    assert "no state is there" in result.stderr
    assert "tocsin customer import" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_report_may_be_the_first_thing_there_is(config_file: ConfigFile, log: Log) -> None:
    config = config_file(log({}).parent)
    told = ["--title", "A mail went to the wrong customer", "--what", "A list of contacts"]
    told += ["--received-at", "2026-03-09T10:00Z", "--reporter", "customer", "--channel", "email"]
    opened = tocsin("incident", "open", *told, "--config", config)
    assert opened.exit_code == 0, opened.stderr
    assert "A mail went to the wrong" in tocsin("incident", "list", "--config", config).stdout


def test_a_sample_shows_where_each_field_comes_from(log: Log) -> None:
    result = tocsin("check", "--sample", log({}, {}))
    assert result.exit_code == 0
    assert "2 records, 0 rejected" in result.stdout
    assert "sourceIPAddress" in result.stdout
    assert "198.51.100.7" in result.stdout


def test_a_sample_that_is_no_log_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello")
    result = tocsin("check", "--sample", path)
    assert result.exit_code == 2
    assert "does not begin with JSON" in result.stdout


def test_our_rules_are_listed_and_pass_their_tests() -> None:
    listed = tocsin("rule", "list")
    assert listed.exit_code == 0
    assert "silent: no contract.regions" in listed.stdout.replace("\n", "")
    tested = tocsin("rule", "test")
    assert tested.exit_code == 0
    assert " 0 failed" in tested.stdout


def test_a_rule_that_fails_its_test_is_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "rule.yml").write_text(
        "title: Buckets listed\nlogsource: {product: aws, service: cloudtrail}\n"
        "detection: {s: {eventName: ListBuckets}, condition: s}\n"
        "tests: [{name: wrong, finds: true, event: {action: GetObject}}]\n"
    )
    result = tocsin("rule", "test", "--rules", tmp_path, "--no-own-rules")
    assert result.exit_code == 1
    assert "rule.yml" in result.stdout


def test_the_demo_shows_what_was_planted_beside_what_was_found(tmp_path: Path) -> None:
    told = list[str]()
    out = tmp_path / "demo-out"
    said = shown(out, progress=lambda what, _, __: told.append(what))
    assert said.startswith("SIMULATED")
    assert "What was found, beside what was planted" in said
    assert "A colleague of support exports" in said
    assert {"generating", "listing", "reading", "judging"} <= set(told)
    last = json.loads((out / "scan.jsonl").read_text().splitlines()[-1])
    assert last["kind"] == "summary"
    again = tocsin("scan", out / "logs", "--config", out / "config.toml")
    assert again.exit_code == 1


def test_the_demo_makes_its_own_folder_anew_and_no_other(tmp_path: Path) -> None:
    out = tmp_path / "demo-out"
    shown(out, quiet_month=True)
    said = shown(out, quiet_month=True)
    assert "Nothing was planted in this month." in said
    other = tmp_path / "precious"
    other.mkdir()
    (other / "file").write_text("mine")
    with pytest.raises(Refusal, match="was not made by a demo"):
        shown(other)
    assert [path.name for path in other.iterdir()] == ["file"]


def test_a_text_keeps_its_letters_and_loses_what_a_terminal_obeys() -> None:
    assert safe("Zoé [b] \x1b[31m\u202e\n") == "Zoé [b] �[31m��"


def test_an_identity_is_shown_without_its_account() -> None:
    assert short("arn:aws:iam::111122223333:role/ops/deploy") == "role/ops/deploy"
    assert short("alice") == "alice"


def test_a_principal_is_written_with_how_we_know() -> None:
    assert str(Principal("shell", "alice")) == "shell:alice"

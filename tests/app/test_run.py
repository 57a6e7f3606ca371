"""``tocsin run``: passes, what comes late, stopping, and who may run."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.assessment import Told
from tocsin.app.casework import acts
from tocsin.app.casework.desk import opened
from tocsin.app.config import load
from tocsin.app.demo.generate import World
from tocsin.app.house import House
from tocsin.app.passes import Opened, one_pass
from tocsin.app.schedule import serve
from tocsin.archive.archive import Archive
from tocsin.errors import ConfigError
from tocsin.model.findings import Finding, Incident, Level
from tocsin.model.principals import Principal
from tocsin.store import Store
from tocsin.store.cases import findings, incidents
from tocsin.store.objects import states

ConfigFile = Callable[..., Path]
Log = Callable[..., Path]
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def passed(config: Path, now: datetime = NOW, processes: int = 1) -> tuple[int, int]:
    """Run one pass; return how many alerts and opened incidents it told of."""
    alerts, opened = list[Finding](), list[Opened]()
    house = House(load(config), processes=processes)
    try:
        troubles = one_pass(house, now=now, alert=alerts.append, opened=opened.append)
    finally:
        house.close()
    assert troubles == {}
    return len(alerts), len(opened)


def state(config: Path) -> tuple[int, list[Finding], list[Incident]]:
    """Return events, findings and incidents as they are stored."""
    settings = load(config)
    store = Store(settings.store.path)
    with store.read() as db:
        rows = Archive(settings.archive.path / "segments").segments(db)
        found = findings(db), [one.incident for one in incidents(db)]
    store.close()
    return sum(row.rows for row in rows), *found


def test_a_second_pass_finds_nothing_new(world: World, config_file: ConfigFile) -> None:
    config = config_file(world.logs)
    alerts, opened = passed(config)
    assert alerts
    assert opened
    before = state(config)
    assert before[0] == world.records + world.copies + world.lines
    assert passed(config) == (0, 0)
    assert state(config) == before


def test_processes_change_nothing(world: World, config_file: ConfigFile, tmp_path: Path) -> None:
    config = config_file(world.logs)
    passed(config)
    alone = state(config)
    shutil.rmtree(tmp_path / "state")
    passed(config, processes=2)
    assert state(config) == alone


def test_files_that_come_pass_by_pass_make_the_incidents_of_one_pass(
    world: World, config_file: ConfigFile, tmp_path: Path
) -> None:
    whole = config_file(world.logs)
    passed(whole)
    _, _, expected = state(whole)
    shutil.rmtree(tmp_path / "state")
    arriving = tmp_path / "arriving"
    config = config_file(arriving)
    files = sorted(path for path in world.logs.rglob("*") if path.is_file())
    arriving.mkdir()
    # All within the lateness, which here is as long as the month.
    config = config_file(arriving, lateness="P60D")
    for part in range(3):
        for number, path in enumerate(files[part::3]):
            shutil.copy(path, arriving / f"{part}-{number:05}-{path.name}")
        passed(config, now=NOW - timedelta(days=60))
    passed(config, now=NOW + timedelta(days=90))
    assert state(config)[2] == expected


def test_what_comes_after_the_lateness_is_judged_marked_late_and_removes_nothing(
    config_file: ConfigFile, log: Log
) -> None:
    stopped = {
        "eventName": "StopLogging",
        "eventSource": "cloudtrail.amazonaws.com",
        "requestParameters": {"name": "trail"},
    }
    first = log({}, {"eventTime": "2026-03-09T12:00:00Z"})
    config = config_file(first.parent)
    passed(config)
    before = state(config)[1]
    later = {"eventTime": "2026-03-09T10:30:00Z", "eventID": "00000000-0000-4000-8000-00000000000a"}
    log({**stopped, **later}, name="late.json.gz")
    passed(config)
    after = state(config)[1]
    late = [one for one in after if one.late]
    assert [one for one in after if not one.late] == before
    assert late
    assert Level.HIGH in [one.level for one in late]


def test_a_copy_that_comes_later_is_no_second_finding(config_file: ConfigFile, log: Log) -> None:
    stopped = {
        "eventName": "StopLogging",
        "eventSource": "cloudtrail.amazonaws.com",
        "requestParameters": {"name": "trail"},
    }
    path = log(stopped)
    config = config_file(path.parent)
    passed(config)
    _, found, cases = state(config)
    assert found
    shutil.copy(path, path.with_name("copy.json.gz"))
    assert passed(config) == (0, 0)
    assert state(config) == (2, found, cases)


def test_a_source_that_cannot_be_read_stops_no_other(config_file: ConfigFile, log: Log) -> None:
    path = log({})
    config = config_file(
        path.parent, extra='[source.gone]\ntype = "files"\npaths = ["/nowhere/at/all"]\n'
    )
    house = House(load(config))
    troubles = one_pass(house, now=NOW)
    house.close()
    assert list(troubles) == ["gone"]
    assert state(config)[0] == 1


def test_an_unreadable_file_is_in_the_ledger_and_not_tried_for_ever(
    config_file: ConfigFile, log: Log
) -> None:
    path = log({})
    (path.parent / "broken.json.gz").write_bytes(path.read_bytes()[:40])
    config = config_file(path.parent)
    passed(config)
    passed(config)
    store = Store(load(config).store.path)
    with store.read() as db:
        assert states(db, "logs") == {"read": 1, "broken": 1}
    store.close()


def command(config: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "tocsin.app.cli", "run", "--config", str(config), *options]


def test_once_prints_what_opens(config_file: ConfigFile, world: World) -> None:
    config = config_file(world.logs)
    done = subprocess.run(command(config, "--once"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "INCIDENT 1 " in done.stdout
    again = subprocess.run(command(config, "--once"), capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_service_takes_what_comes_and_stops_when_asked(
    config_file: ConfigFile, log: Log, stop: signal.Signals
) -> None:
    first = log({})
    config = config_file(first.parent, extra='[run]\nevery = "PT1S"\n')
    with subprocess.Popen(
        command(config), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as service:
        deadline = time.monotonic() + 30
        while events_of(config) < 1 and time.monotonic() < deadline:
            time.sleep(0.2)
        log({"eventTime": "2026-03-09T11:00:00Z"}, name="second.json.gz")
        while events_of(config) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        service.send_signal(stop)
        try:
            said, _ = service.communicate(timeout=20)
        finally:
            service.kill()
    assert service.returncode == 0
    assert "stopped" in said
    assert "Traceback" not in said
    assert events_of(config) == 2


def events_of(config: Path) -> int:
    if not Path(load(config).store.path).exists():
        return 0
    try:
        return state(config)[0]
    except ConfigError:  # it is being made
        return 0


def test_two_services_cannot_run_on_one_archive(config_file: ConfigFile, log: Log) -> None:
    config = config_file(log({}).parent)
    inside = list[str]()

    def clock() -> datetime:
        if not inside:
            done = subprocess.run(
                command(config, "--once"), capture_output=True, text=True, check=False
            )
            inside.append(f"{done.returncode} {done.stderr}")
        return NOW

    serve(load(config), clock=clock, once=True)
    assert inside[0].startswith("2 tocsin: another service runs on ")
    assert state(config)[0] == 1


def without_sources(folder: Path) -> Path:
    """Return a configuration of a house that knows only what people report."""
    config = folder / "config.toml"
    config.write_text(
        f'[store]\npath = "{folder}/state/state.sqlite"\n'
        f'[archive]\npath = "{folder}/state/archive"\n'
        f'[evidence]\npath = "{folder}/state/evidence"\nkey = "{folder}/state/key.pem"\n'
        '[run]\nevery = "PT1S"\n[team]\nemails = ["oncall@voxline.example"]\n'
        f'[notifiers.files]\nfolder = "{folder}/sent"\n'
    )
    return config


def reported(config: Path, received_at: datetime, now: datetime) -> None:
    told = Told(
        title="A lost laptop",
        what="It was left on a train.",
        received_at=received_at,
        reporter="person",
        name="Leo",
        channel="phone",
    )
    with opened(load(config)) as desk:
        acts.report(desk, told, principal=Principal("shell", "alice"), now=now)


def test_a_house_without_sources_is_reminded_of_what_was_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = without_sources(tmp_path)
    reported(config, NOW, NOW)
    serve(load(config), clock=lambda: NOW + timedelta(hours=20), once=True)
    said = capsys.readouterr()
    assert (said.out + said.err).count("nothing is collected") == 1
    sent = [path.read_text() for path in (tmp_path / "sent").glob("*.eml")]
    subjects = [line for one in sent for line in one.splitlines() if line.startswith("Subject:")]
    assert len(subjects) == 2, subjects  # the alert, and the reminder
    assert "decision whether it is a breach" in " ".join("".join(sent).split())
    assert state(config)[0] == 0
    serve(load(config), clock=lambda: NOW + timedelta(hours=20), once=True)
    assert len(list((tmp_path / "sent").glob("*.eml"))) == len(sent)


def test_a_service_without_sources_runs_delivers_and_says_so_once(tmp_path: Path) -> None:
    config = without_sources(tmp_path)
    now = datetime.now(UTC)
    reported(config, now - timedelta(hours=1), now)
    with subprocess.Popen(
        command(config), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as service:
        deadline = time.monotonic() + 30
        while not list((tmp_path / "sent").glob("*.eml")) and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(2.5)  # further passes
        service.send_signal(signal.SIGTERM)
        try:
            said, _ = service.communicate(timeout=20)
        finally:
            service.kill()
    assert service.returncode == 0
    assert list((tmp_path / "sent").glob("*.eml"))
    assert said.count("nothing is collected") == 1
    assert "failed" not in said

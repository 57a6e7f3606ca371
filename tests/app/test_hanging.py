"""``tocsin run`` beside a relay that answers nothing: clocks and reminders go on."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.assessment import Told
from notifiers import outbox
from tocsin.app.casework import acts
from tocsin.app.casework.desk import opened
from tocsin.app.config import load
from tocsin.model.principals import Principal
from tocsin.store import Store

PATIENCE_S = 10
"""So long the relay is waited for, again and again."""


@pytest.fixture
def silent() -> Iterator[int]:
    """Yield the port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def config(tmp_path: Path, silent: int) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[store]\npath = "{tmp_path}/state/state.sqlite"\n'
        f'[archive]\npath = "{tmp_path}/state/archive"\n'
        f'[evidence]\npath = "{tmp_path}/state/evidence"\nkey = "{tmp_path}/state/key.pem"\n'
        '[run]\nevery = "PT1S"\n'
        '[team]\nemails = ["a@voxline.example", "b@voxline.example"]\n'
        f'[notifiers.email]\nhost = "127.0.0.1"\nport = {silent}\nsecurity = "none"\n'
        f'sender = "avis@voxline.example"\ntimeout_s = {PATIENCE_S}\n'
    )
    return path


def report(config: Path, title: str) -> int:
    """Open an incident that is so old that its reminders are due."""
    now = datetime.now(UTC)
    told = Told(
        title=title,
        what="It was left on a train.",
        received_at=now - timedelta(hours=30),
        reporter="person",
        name="Leo",
        channel="phone",
    )
    with opened(load(config)) as desk:
        return acts.report(desk, told, principal=Principal("shell", "alice"), now=now).number


def messages(config: Path, number: int) -> list[outbox.Standing]:
    with closing(Store(load(config).store.path)) as store, store.read() as db:
        return outbox.standings(db, incident=number)


def test_a_relay_that_hangs_holds_no_reminder_up(config: Path) -> None:
    first = report(config, "A lost laptop")
    command = [sys.executable, "-m", "tocsin.app.cli", "run", "--config", str(config)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as service:
        try:
            deadline = time.monotonic() + 60
            while not any(one.attempts for one in messages(config, first)):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            second = report(config, "A lost phone")
            while not [one for one in messages(config, second) if "remind" in str(one.purpose)]:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            with closing(Store(load(config).store.path)) as store, store.read() as db:
                waiting = {
                    one.key: outbox.attempts(db, one.key)
                    for one in outbox.standings(db, incident=first)
                }
            hang = [one for tried in waiting.values() for one in tried if one.settled_at is None]
            assert hang, "the relay was given up before the reminder came: nothing is shown by this"
            time.sleep(2.5)  # further ticks
            service.send_signal(signal.SIGTERM)
            said, _ = service.communicate(timeout=5 * PATIENCE_S)
        finally:
            service.kill()
    assert service.returncode == 0
    assert "stopped" in said
    assert "maximum number" not in said
    assert "Traceback" not in said
    assert {one.word for one in messages(config, first)} <= {"waiting", "unknown"}

"""Reading processes that are copies of the scan: the same result, and none outlives it.

Tests have threads, which forbid copies: here the command itself is run.
"""

import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tocsin.app.demo.generate import World
from tocsin.app.engine import workers
from tocsin.app.engine.workers import WORTH_BYTES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")

LONG_S = 60


@pytest.fixture(name="logs", scope="module")
def _logs(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world's logs as plain texts: large enough to be worth several processes."""
    folder = tmp_path_factory.mktemp("plain")
    for number, path in enumerate(sorted(world.logs.rglob("*.gz"))):
        (folder / f"{number:05}-{path.stem}").write_bytes(gzip.decompress(path.read_bytes()))
    assert sum(path.stat().st_size for path in folder.iterdir()) > WORTH_BYTES["fork"]
    return folder


def scanning(logs: Path, config: Path, out: Path, processes: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tocsin.app.cli", "scan", str(logs), "--config", str(config)]
    command += ["--processes", str(processes), "--output", str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def copies(process: "subprocess.Popen[str]") -> list[int]:
    """Return both reading processes once they are there."""
    while len(found := children(process.pid)) < 2:
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + LONG_S
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


def said(out: Path) -> list[bytes]:
    """Return the lines of an output, without how long it took."""
    *lines, last = out.read_bytes().splitlines()
    summary = msgspec.json.decode(last)
    assert summary.pop("seconds") > 0
    return [*lines, msgspec.json.encode(summary)]


@pytest.fixture(name="alone", scope="module")
def _alone(logs: Path, demo_config: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    out = tmp_path_factory.mktemp("alone") / "scan.jsonl"
    with scanning(logs, demo_config, out, 1) as process:
        process.communicate(timeout=LONG_S)
    found = said(out)
    assert len(found) > 10
    return found


def test_copies_read_and_find_the_same(
    logs: Path, demo_config: Path, tmp_path: Path, alone: list[bytes]
) -> None:
    out = tmp_path / "scan.jsonl"
    with scanning(logs, demo_config, out, 2) as process:
        for child in copies(process):
            assert command_of(child) == command_of(process.pid)  # what is spawned has its own
        _, errors = process.communicate(timeout=LONG_S)
    assert (process.returncode, errors) == (1, "")
    assert said(out) == alone


def test_a_copy_that_dies_costs_nothing_but_time(
    logs: Path, demo_config: Path, tmp_path: Path, alone: list[bytes]
) -> None:
    out = tmp_path / "scan.jsonl"
    with scanning(logs, demo_config, out, 2) as process:
        os.kill(copies(process)[0], signal.SIGKILL)
        _, errors = process.communicate(timeout=LONG_S)
    assert (process.returncode, errors) == (1, "")
    assert said(out) == alone


def test_no_copy_outlives_a_scan_that_is_killed(
    logs: Path, demo_config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scan.jsonl"
    with scanning(logs, demo_config, out, 2) as process:
        begun = copies(process)
        process.kill()
    assert eventually(lambda: not any(map(alive, begun)))
    assert not out.exists()


def test_what_has_threads_is_not_copied() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert workers.method() == "spawn"
    finally:
        over.set()
        thread.join()
    code = (
        "from tocsin.app import cli; from tocsin.app.engine import workers; print(workers.method())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "fork\n"

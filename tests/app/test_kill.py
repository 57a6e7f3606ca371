"""Killed at any moment, the service loses nothing and says nothing twice."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from detectors.sigma.load import OWN_RULES
from tocsin.app.config import load
from tocsin.app.demo.generate import World
from tocsin.app.passes import House, one_pass
from tocsin.store import Store
from tocsin.store.cases import findings, incidents
from tocsin.store.objects import rejects

KILLS = 50
ROUNDS = 3
NOW = datetime(2026, 6, 1, tzinfo=UTC)

DRIVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.app.config import load
from tocsin.app.passes import House, one_pass

if __name__ == "__main__":
    # Many small transactions: more moments to be killed at.
    house = House(
        load(Path(sys.argv[1])),
        processes=int(sys.argv[2]),
        handful_bytes=100_000,
        window_rows=1_500,
    )
    now = datetime(2026, 6, 1, tzinfo=UTC)
    house.sweep(datetime.now(UTC))
    print("began", flush=True)
    one_pass(house, now=now)
    house.close()
    print("ended", flush=True)
"""


def what_is_stored(config: Path) -> dict[str, Any]:
    settings = load(config)
    house = House(settings)
    store = Store(settings.store.path)
    with store.read() as db:
        segments = house.archive.segments(db)
        stored = {
            "events": sum(row.rows for row in segments),
            "distinct": house.archive.tally(db, ())[()].events,
            "damaged": house.archive.verify(db),
            "findings": findings(db),
            # Without their numbers: which of two opened first depends on the transactions.
            "incidents": sorted((one.incident for one in incidents(db)), key=attrgetter("id")),
            "rejects": rejects(db, "logs"),
        }
    store.close()
    house.close()
    return stored


def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_said_twice(
    world: World, config_file: Callable[..., Path], tmp_path: Path
) -> None:
    # A few rules: loading all of them takes longer than everything else.
    few = OWN_RULES / "application"
    config = config_file(world.logs, extra=f'[rules]\nown = false\ndirectories = ["{few}"]\n')
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    house = House(load(config))
    began = time.monotonic()
    one_pass(house, now=NOW)
    took = time.monotonic() - began
    house.close()
    expected = what_is_stored(config)
    assert expected["events"] == world.records + world.copies + world.lines
    assert expected["distinct"] == world.records + world.lines
    assert expected["incidents"]
    dice, killed = random.Random(48), 0
    for number in range(ROUNDS):
        shutil.rmtree(tmp_path / "state")
        processes = 1 + number % 2
        for _ in range(KILLS // ROUNDS + 1):
            # Later and later, so that every part of the way is reached.
            if _driven(driver, config, processes, dice.uniform(0, took / 3)):
                killed += 1
        assert not _driven(driver, config, processes, None)
        assert what_is_stored(config) == expected
    assert killed >= KILLS


def _driven(driver: Path, config: Path, processes: int, seconds: float | None) -> bool:
    """Run a pass and kill it after so many seconds; return whether it was still running."""
    with subprocess.Popen(
        [sys.executable, str(driver), str(config), str(processes)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "began\n"
        if seconds is None:
            assert process.stdout.readline() == "ended\n"
            process.wait()
            assert process.returncode == 0
            return False
        time.sleep(seconds)
        running = process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        return running and process.wait() == -signal.SIGKILL

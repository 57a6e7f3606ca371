"""Killed at any moment, the service loses nothing and says nothing twice."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from detectors.sigma.load import OWN_RULES
from tocsin.app.config import load
from tocsin.app.demo.generate import World
from tocsin.app.house import House
from tocsin.app.passes import one_pass
from tocsin.store import Store
from tocsin.store.cases import findings, incidents
from tocsin.store.objects import rejects

KILLS = 50
ROUNDS = 3
NOW = datetime(2026, 6, 1, tzinfo=UTC)

DRIVER = """
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tocsin.app.config import load
from tocsin.app.house import House
from tocsin.app.passes import one_pass


def serve(processes: int) -> None:
    # Many small transactions: more moments to be killed at.
    house = House(
        load(Path(sys.argv[1])), processes=processes, handful_bytes=100_000, window_rows=1_500
    )
    house.sweep(datetime.now(UTC))
    one_pass(house, now=datetime(2026, 6, 1, tzinfo=UTC))
    house.close()


if __name__ == "__main__":
    # Each service is a child of this process, which has loaded what takes long to load.
    for line in sys.stdin:
        processes, seconds = line.split()
        child = os.fork()
        if not child:
            serve(int(processes))
            os._exit(0)
        if float(seconds) >= 0:
            time.sleep(float(seconds))
            os.kill(child, 9)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
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
    house = House(load(config))
    began = time.monotonic()
    one_pass(house, now=NOW)
    took = time.monotonic() - began
    house.close()
    expected = what_is_stored(config)
    assert expected["events"] == world.records + world.copies + world.lines
    assert expected["distinct"] == world.records + world.lines
    assert expected["incidents"]
    shutil.rmtree(tmp_path / "state")
    dice, killed, rounds, moments = random.Random(48), 0, 0, set[str]()
    with _driver(tmp_path, config) as serve:
        while killed < KILLS or rounds < ROUNDS:
            # A round is disturbed so often, by turns with one process and with two, then let end.
            for turn in range(KILLS // ROUNDS + 1):
                # Later ones come later: the service goes on from where it was and must get far.
                seconds = dice.uniform(0, took * (turn + 1) / 8)
                if (code := serve(1 + turn % 2, seconds)) != -signal.SIGKILL:
                    break
                killed += 1
                moments.add(f"{how_far(config, expected['events'])} with {1 + turn % 2}")
            else:
                code = serve(1 + rounds % 2, -1)
            assert code == 0
            assert what_is_stored(config) == expected
            shutil.rmtree(tmp_path / "state")
            rounds += 1
    assert moments >= {"collecting with 1", "collecting with 2"}
    assert moments & {"following with 1", "following with 2"}


def how_far(config: Path, events: int) -> str:
    """Return what a killed service was at."""
    path = Path(load(config).store.path)
    if not path.exists():
        return "beginning"
    with closing(sqlite3.connect(path)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        if "segment" not in tables:
            return "beginning"
        (rows,) = db.execute("SELECT coalesce(sum(rows), 0) FROM segment").fetchone()
    return "following" if rows == events else "collecting"


@contextmanager
def _driver(folder: Path, config: Path) -> Iterator[Callable[[int, float], int]]:
    """Yield what runs a service and kills it after so many seconds; it returns its exit code."""
    driver = folder / "driver.py"
    driver.write_text(DRIVER)
    with subprocess.Popen(
        [sys.executable, str(driver), str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def serve(processes: int, seconds: float) -> int:
            stdin.write(f"{processes} {seconds}\n")
            stdin.flush()
            return int(stdout.readline())

        yield serve
        stdin.close()

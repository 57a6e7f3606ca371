"""Several writers make one chain, and a killed one leaves each entry whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.ledger.entries import rows, write
from tocsin import ledger
from tocsin.store import Store

WRITER = """
import sys
from datetime import UTC, datetime
from tocsin import ledger
from tocsin.model.principals import Principal
from tocsin.store import Store
from tocsin.store.progress import Position, save_position

store = Store(sys.argv[1])
who = Principal("service", sys.argv[2])
for n in range(int(sys.argv[3])):
    with store.begin() as db:
        at = datetime(2026, 3, 9, tzinfo=UTC)
        last = ledger.append(db, "incident.opened", {"n": n}, principal=who, at=at)
        save_position(db, sys.argv[2], Position(n + 1, 0), at)
    print(last.number, flush=True)
"""


def start(path: Path, name: str, times: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(times)], stdout=subprocess.PIPE
    )


def test_two_writers_make_one_chain_without_gaps(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    for process in [start(path, name, 40) for name in ("a", "b")]:
        process.communicate()
        assert process.returncode == 0
    with closing(Store(path)) as store:
        found = rows(store)
    assert len(found) == 80
    assert ledger.verify(found) == []


@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.005, 0.011, 0.017])
def test_a_killed_writer_leaves_each_entry_with_its_change_or_neither(
    after_s: float, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    with start(path, "a", 10**9) as process:
        assert process.stdout is not None
        said = int(process.stdout.readline())
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        said = max([said, *(int(line) for line in process.stdout if line.endswith(b"\n"))])
    with closing(Store(path)) as store:
        found = rows(store)
        assert ledger.verify(found) == []
        assert len(found) in (said, said + 1)
        with store.read() as db:
            changes = db.scalar(text("SELECT segment FROM position WHERE name = 'a'"))
        assert changes == len(found)
        assert write(store, {}).number == len(found) + 1


INSIDE = """
import sys, time
from datetime import UTC, datetime
from tocsin import ledger
from tocsin.model.principals import SERVICE
from tocsin.store import Store

with Store(sys.argv[1]).begin() as db:
    for n in range(3):
        at = datetime(2026, 3, 9, tzinfo=UTC)
        ledger.append(db, "incident.opened", {"n": n}, principal=SERVICE, at=at)
    ledger.erase(db, [1], "asked for", principal=SERVICE, at=at)
    print("here", flush=True)
    time.sleep(60)
"""


def test_a_kill_inside_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(Store(path)) as store:
        write(store, {"incident": 1})
        before = rows(store)
        with subprocess.Popen(
            [sys.executable, "-c", INSIDE, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"here\n"
            os.kill(process.pid, signal.SIGKILL)
        assert rows(store) == before
        assert write(store, {}).number == 2
        assert ledger.verify(rows(store)) == []

"""The database opens, moves to this version's schema, and refuses what is not its own."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, select, text

from incidents.assessment import tables as assessment_tables
from incidents.evidence import tables as evidence_tables
from incidents.impact import tables as impact_tables
from incidents.notices import tables as notices_tables
from incidents.obligations import tables as obligation_tables
from notifiers import tables as outbox_tables
from tocsin.archive import manifest
from tocsin.datamap import tables as datamap_tables
from tocsin.errors import ConfigError
from tocsin.ledger import tables as ledger_tables
from tocsin.registers import tables as registers_tables
from tocsin.store import Store, tables
from tocsin.store import store as module
from tocsin.store.tables import detector_state

ROOMS = (
    assessment_tables,
    datamap_tables,
    evidence_tables,
    impact_tables,
    ledger_tables,
    notices_tables,
    obligation_tables,
    outbox_tables,
    registers_tables,
    tables,
    manifest,
)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_a_new_store_has_the_tables_that_the_code_names(store: Store) -> None:
    named = MetaData()
    for room in ROOMS:
        for table in room.metadata.sorted_tables:
            table.to_metadata(named)
    with store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), named) == []


def test_a_file_is_kept_so_that_a_lost_power_loses_nothing_committed(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    with store.read() as db:
        assert db.scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.scalar(text("PRAGMA synchronous")) == 2
        assert db.scalar(text("PRAGMA foreign_keys")) == 1
    store.close()


def test_the_newest_migration_is_the_version_this_program_knows() -> None:
    config = Config()
    config.set_main_option("script_location", "tocsin.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [module.HEAD]


def test_what_is_stored_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = Store(tmp_path / "new" / "folder" / "state.db")
    with first.begin() as db:
        db.execute(insert(detector_state).values(name="a", state=b"\0\xff", saved_at=1))
    first.close()
    again = Store(f"sqlite:///{tmp_path}/new/folder/state.db")
    with again.read() as db:
        assert db.execute(select(detector_state)).all() == [("a", b"\0\xff", 1)]
    again.close()


def test_a_second_store_in_one_process_costs_the_first_no_commit(tmp_path: Path) -> None:
    """Its locks would be gone if the file were opened and closed beside SQLite."""
    path = tmp_path / "state.db"
    first = Store(path)
    with first.begin() as db:
        db.execute(insert(detector_state).values(name="a", state=b"", saved_at=1))
    second = Store(path)
    comes_and_goes(path)
    for store, name in ((first, "b"), (second, "c")):
        with store.begin() as db:
            db.execute(insert(detector_state).values(name=name, state=b"", saved_at=1))
    assert comes_and_goes(path) == "a b c"
    second.close()
    first.close()
    assert comes_and_goes(path) == "a b c"


def comes_and_goes(path: Path) -> str:
    """Have another process open the store, say what is in it, and close it."""
    code = (
        "import sys; from tocsin.store import Store; from sqlalchemy import text\n"
        "store = Store(sys.argv[1])\n"
        "with store.read() as db:\n"
        "    print(*db.scalars(text('SELECT name FROM detector_state ORDER BY name')))\n"
        "store.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match="newer version") as raised:
        Store(path)
    assert str(path) in str(raised.value)
    assert "9999" in str(raised.value)
    assert raised.value.hint
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", b"\x1f\x8b\0", b"SQLite format 3\0" + b"?" * 99]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=str(path)) as raised:
        Store(path)
    assert raised.value.hint
    assert contents(tmp_path) == {"state.db": hashlib.sha256(content).hexdigest()}


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE invoices (id INTEGER)")
    before = contents(tmp_path)
    with pytest.raises(ConfigError, match=r"something else.*invoices") as raised:
        Store(path)
    assert raised.value.hint
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("mysql://host/name", "no database of the kind mysql"),
        ("://", "cannot be read"),
        ("sqlite://", "no database of the kind sqlite"),
    ],
)
def test_a_url_that_cannot_work_is_refused(where: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        Store(where)
    assert raised.value.hint


def test_a_password_is_in_no_error() -> None:
    with pytest.raises(ConfigError) as raised:
        Store("postgresql+nothing://user:geheim@127.0.0.1:1/name")
    assert "geheim" not in str(raised.value) + raised.value.hint


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with pytest.raises(ConfigError, match=r"state\.db") as raised:
        Store(tmp_path / "state.db")
    assert raised.value.hint
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"state\.db"):
        Store(tmp_path / "file" / "state.db")


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.begin() as db:
            db.execute(insert(detector_state).values(name="a", state=b"", saved_at=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as db:
        assert db.execute(select(detector_state)).all() == []


def test_a_reader_sees_one_state_and_holds_up_no_writer(store: Store) -> None:
    with store.read() as reader:
        assert reader.execute(select(detector_state)).all() == []
        with store.begin() as db:
            db.execute(insert(detector_state).values(name="a", state=b"", saved_at=1))
        assert reader.execute(select(detector_state)).all() == []
    with store.read() as reader:
        assert len(reader.execute(select(detector_state)).all()) == 1


def test_a_second_writer_waits_for_the_first(store: Store) -> None:
    order = []

    def second() -> None:
        with store.begin():
            order.append("second")

    with store.begin():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


COUNTER = """
import sys
from sqlalchemy import select
from tocsin.store import Store
from tocsin.store.progress import Position, load_position, save_position
from datetime import UTC, datetime

store = Store(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.begin() as db:
        at = load_position(db, "n") or Position(0, 0)
        save_position(db, "n", Position(at.segment + 1, 0), datetime(2024, 1, 1, tzinfo=UTC))
    print(at.segment + 1, flush=True)
"""


def start(path: Path, times: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COUNTER, str(path), str(times)], stdout=subprocess.PIPE
    )


def reached(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(raw.execute("SELECT segment FROM position").fetchone()[0])


def test_a_folder_that_is_made_is_closed_and_one_that_was_there_stays(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    Store(there / "state" / "deep" / "state.sqlite").close()
    modes = [
        one.stat().st_mode & 0o777 for one in (there, there / "state", there / "state" / "deep")
    ]
    assert modes == [0o755, 0o700, 0o700]


def test_processes_that_open_a_new_store_at_once_and_write_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    processes = [start(path, 50) for _ in range(4)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert reached(path) == 200


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.004, 0.009])
def test_what_was_committed_before_a_kill_is_there_after_it(after_s: float, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with start(path, 10**9) as process:
        assert process.stdout is not None
        said = int(process.stdout.readline())
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        said = max([said, *(int(line) for line in process.stdout if line.endswith(b"\n"))])
    assert reached(path) in (said, said + 1)

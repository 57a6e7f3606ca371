"""A file without a row does not exist; a row without its file is an error that names it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.archive import table
from tocsin.archive.archive import Archive
from tocsin.archive.query import Tally
from tocsin.errors import ArchiveError
from tocsin.model.columns import Columns, in_order, join
from tocsin.model.events import DAY_US, HOUR_US
from tocsin.model.findings import Hit
from tocsin.store import Store

Make = Callable[..., Columns]

NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
DAY = 19_700 * DAY_US
ID = "00000000-0000-4000-8000-{:012}"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "segments")


def put(
    archive: Archive, store: Store, columns: Columns, hits: list[Hit] | None = None
) -> list[int]:
    files = archive.write(columns, hits or [])
    with store.begin() as db:
        return archive.add(db, "trail", files, NOW)


def test_a_segment_exists_with_the_commit_of_its_row(
    archive: Archive, store: Store, columns_of: Make
) -> None:
    columns = columns_of([(DAY + DAY_US, ID.format(1), {}), (DAY, ID.format(2), {})])
    files = archive.write(columns, [Hit(0, "r", "why")])
    with store.read() as db:
        assert (archive.segments(db), archive.newest(db), len(archive.events(db))) == ([], 0, 0)
    with store.begin() as db:
        assert archive.add(db, "trail", files, NOW) == [1, 2]
    with store.read() as db:
        rows = archive.segments(db)
        assert [(row.number, row.day.isoformat(), row.rows) for row in rows] == [
            (1, "2023-12-09", 1),
            (2, "2023-12-10", 1),
        ]
        read, hits = archive.read(rows)
        assert read.event_ids([0, 1]) == (ID.format(2), ID.format(1))
        assert hits == [Hit(1, "r", "why")]
        assert archive.newest_event(db) == {"trail": DAY + DAY_US}
        assert archive.verify(db) == []


def test_a_transaction_that_is_rolled_back_leaves_no_segment_and_no_number_twice(
    archive: Archive, store: Store, columns_of: Make
) -> None:
    columns = columns_of([(DAY, ID.format(1), {})])
    put(archive, store, columns)
    lost = archive.write(columns, [])
    with store.begin() as db:
        archive.add(db, "trail", lost, NOW)
        db.rollback()
    with store.read() as db:
        assert len(archive.segments(db)) == 1
        assert archive.sweep(db, datetime.now(UTC) - timedelta(hours=1)) == []
        assert archive.sweep(db, LATER) == [archive.folder / lost[0].path]
        assert len(archive.events(db)) == 1
    (number,) = put(archive, store, columns)
    assert number > 1


def test_segments_are_chosen_by_number_and_by_time(
    archive: Archive, store: Store, columns_of: Make
) -> None:
    for n in range(4):
        put(archive, store, columns_of([(DAY + n * HOUR_US, ID.format(n), {})]))
    with store.read() as db:

        def numbers(**bounds: int) -> list[int]:
            return [row.number for row in archive.segments(db, **bounds)]

        assert numbers(after=1, upto=3) == [2, 3]
        assert numbers(since_us=DAY + HOUR_US) == [2, 3, 4]
        assert numbers(until_us=DAY + HOUR_US) == [1]
        assert numbers(since_us=DAY + 1, until_us=DAY + 3 * HOUR_US + 1, after=2) == [3, 4]


def test_a_stray_file_in_the_folder_is_never_read(
    archive: Archive, store: Store, columns_of: Make
) -> None:
    put(archive, store, columns_of([(DAY, ID.format(1), {})]))
    archive.write(columns_of([(DAY, ID.format(2), {})]), [])
    (archive.folder / "2023-12-09" / "z.parquet").write_bytes(b"no Parquet")
    with store.read() as db:
        events = archive.events(db)
        assert events.event_ids(range(len(events))) == (ID.format(1),)
        assert archive.tally(db, ()) == {(): Tally(1, 0, 0, DAY, DAY)}


actors, customers = st.sampled_from(["a", "b", "c'; --", ""]), st.sampled_from(["x", "é"])
event = st.tuples(
    st.integers(0, 2 * DAY_US).map(lambda us: DAY + us),
    st.one_of(st.integers(0, 9).map(ID.format), st.sampled_from(["odd", "it's"])),
    st.fixed_dictionaries(
        {"actor": actors, "customer": customers}, optional={"count": st.integers(0, 99)}
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    batches=st.lists(st.lists(event, min_size=1, max_size=8), min_size=1, max_size=3),
    who=st.none() | st.lists(actors, max_size=2),
    ids=st.none() | st.lists(st.sampled_from([ID.format(1), "odd", "it's", "none"]), max_size=3),
    since=st.none() | st.integers(0, 2 * DAY_US).map(lambda us: DAY + us),
    until=st.none() | st.integers(0, 2 * DAY_US).map(lambda us: DAY + us),
)
def test_questions_are_answered_as_if_one_looked_at_every_event(  # noqa: PLR0917 - hypothesis names them
    batches: list[list[tuple[int, str, dict[str, object]]]],
    who: list[str] | None,
    ids: list[str] | None,
    since: int | None,
    until: int | None,
    columns_of: Make,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    archive, store = Archive(folder / "segments"), Store(folder / "state.db")
    parts = [columns_of(rows) for rows in batches]
    for part in parts:
        put(archive, store, part)
    everything = join(parts)
    fits = [
        row
        for row in range(len(everything))
        if (who is None or everything.text("actor", row) in who)
        and (ids is None or everything.event_id(row) in ids)
        and (since is None or everything.at[row] >= since)
        and (until is None or everything.at[row] < until)
    ]
    wanted = everything.take(np.array(fits, np.intp))
    order, _ = in_order(wanted.at, wanted.id)
    wanted = wanted.take(order)
    where = None if who is None else {"actor": who}
    with store.read() as db:
        found = archive.events(db, ids=ids, where=where, since_us=since, until_us=until)
        counted = archive.tally(
            db, ["customer"], ids=ids, where=where, since_us=since, until_us=until
        )
    assert [(int(found.at[i]), found.event_id(i)) for i in range(len(found))] == [
        (int(wanted.at[i]), wanted.event_id(i)) for i in range(len(wanted))
    ]
    assert {words[0]: one.events for words, one in counted.items()} == {
        customer: sum(wanted.text("customer", i) == customer for i in range(len(wanted)))
        for customer in {wanted.text("customer", i) for i in range(len(wanted))}
    }
    store.close()


def test_an_event_comes_back_with_all_it_said(
    archive: Archive, store: Store, columns_of: Make
) -> None:
    fields = {"actor": "arn:one", "customer": "c1", "count": 7, "region": "eu-west-3"}
    columns = columns_of([(DAY + 5, "id 1", fields), (DAY, ID.format(2), {})])
    put(archive, store, columns)
    put(archive, store, columns)
    with store.read() as db:
        found = archive.events(db, ids=["id 1"])
        assert [found.event(row) for row in range(len(found))] == [columns.event(0)]
        assert archive.tally(db, ["customer", "region"]) == {
            ("c1", "eu-west-3"): Tally(1, 7, 0, DAY + 5, DAY + 5),
            ("", ""): Tally(1, 0, 0, DAY, DAY),
        }


@pytest.mark.parametrize("beside_a_new_one", [False, True])
def test_a_segment_of_an_earlier_version_says_nothing_of_what_came_later(
    archive: Archive, store: Store, columns_of: Make, *, beside_a_new_one: bool
) -> None:
    fields = {"actor": "arn:one", "customer": "c1", "count": 7}
    columns = columns_of([(DAY + 5, ID.format(1), fields), (DAY, ID.format(2), {})])
    put(archive, store, columns, [Hit(0, "r", "why")])
    with store.read() as db:
        (old,) = archive.segments(db)
    path = archive.folder / old.path
    content = pq.read_table(path)
    assert set(table.LATER) < set(content.column_names)
    pq.write_table(content.drop_columns(list(table.LATER)), path)
    if beside_a_new_one:
        copy = {"copied_from": "recordings/a", "customer": "c1"}
        put(archive, store, columns_of([(DAY + 9, ID.format(3), copy)]))
    with store.read() as db:
        read, hits = archive.read([old])
        assert [read.event(row) for row in range(2)] == [columns.event(row) for row in range(2)]
        assert hits == [Hit(0, "r", "why")]
        found = archive.events(db, ids=[ID.format(1), ID.format(2)])
        assert [found.event(row) for row in (1, 0)] == [columns.event(row) for row in range(2)]
        counted = {words: one.events for words, one in archive.tally(db, ["copied_from"]).items()}
        assert counted == {("",): 2} | ({("recordings/a",): 1} if beside_a_new_one else {})
        assert len(archive.events(db, where={"copied_from": [""]})) == 2
    assert set(pq.read_schema(path).names).isdisjoint(table.LATER), "nothing was written to it"


def test_a_question_about_a_field_that_is_not_there_is_refused(
    archive: Archive, store: Store, columns_of: Make
) -> None:
    put(archive, store, columns_of([(DAY, ID.format(1), {})]))
    with store.read() as db:
        for name in ("nobody", "1 = 1 OR actor", "at"):
            with pytest.raises(ValueError, match="no field"):
                archive.events(db, where={name: ["x"]})
            with pytest.raises(ValueError, match="no field"):
                archive.tally(db, [name])


@pytest.mark.parametrize("damage", ["missing", "changed", "cut"])
def test_a_damaged_segment_is_named_by_whoever_needs_it(
    damage: str, archive: Archive, store: Store, columns_of: Make
) -> None:
    put(archive, store, columns_of([(DAY, ID.format(1), {"actor": "one"})]))
    put(archive, store, columns_of([(DAY + DAY_US, ID.format(2), {"actor": "two"})]))
    with store.read() as db:
        first, second = archive.segments(db)
        path = archive.folder / first.path
        content = path.read_bytes()
        if damage == "missing":
            path.unlink()
        elif damage == "cut":
            path.write_bytes(content[:-20])
        else:
            column = pq.ParquetFile(path).metadata.row_group(0).column(0)
            last = 4 + column.total_compressed_size - 1
            path.write_bytes(content[:last] + bytes([content[last] ^ 1]) + content[last + 1 :])
        (fault,) = archive.verify(db)
        assert str(path) in str(fault)
        assert fault.hint
        with pytest.raises(ArchiveError, match=first.path):
            archive.read([first, second])
        if damage != "changed":  # DuckDB does not look at the checksums of pages
            with pytest.raises(ArchiveError, match=first.path):
                archive.events(db)
        assert len(archive.events(db, since_us=DAY + DAY_US)) == 1, "the rest can be asked"


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import numpy as np
from tocsin.archive import table
from tocsin.archive.archive import Archive
from tocsin.archive.segments import read_segments
from tocsin.model.sources import SourceObject
from tocsin.store import Store
from tocsin.store.objects import take

folder, now = Path(sys.argv[1]), datetime(2024, 1, 2, tzinfo=UTC)
archive, store = Archive(folder / "segments"), Store(folder / "state.db")
columns, hits = read_segments([folder / "one.parquet"])
for n in range(10**9):
    files = archive.write(columns, hits)
    with store.begin() as db:
        numbers = archive.add(db, "trail", files, now)
        take(db, "trail", [(SourceObject(f"o{numbers[0]}", "v"), "read")], [], now)
    print(n, flush=True)
"""


@pytest.mark.parametrize("after_s", [0.0, 0.003, 0.011, 0.017, 0.031])
def test_a_kill_at_any_moment_leaves_whole_segments_with_their_ledger_rows(
    after_s: float, columns_of: Make, tmp_path: Path
) -> None:
    one = Archive(tmp_path)
    (file,) = one.write(columns_of([(DAY, ID.format(1), {})]), [Hit(0, "r", "why")])
    (tmp_path / file.path).rename(tmp_path / "one.parquet")
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        said = int(process.stdout.readline())
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        said = max([said, *(int(line) for line in process.stdout if line.endswith(b"\n"))])
    store, archive = Store(tmp_path / "state.db"), Archive(tmp_path / "segments")
    with store.read() as db:
        rows = archive.segments(db)
        assert len(rows) in (said + 1, said + 2), "what was committed stays"
        assert archive.verify(db) == []
        taken = db.exec_driver_sql("SELECT count(*) FROM source_object").scalar()
        assert taken == len(rows)
        assert len(archive.sweep(db, LATER)) <= 1
        assert sorted(
            path.relative_to(archive.folder).as_posix() for path in archive.folder.glob("*/*")
        ) == sorted(row.path for row in rows)
    store.close()


def test_a_reader_beside_a_writer_only_ever_sees_whole_segments(
    columns_of: Make, tmp_path: Path
) -> None:
    one = Archive(tmp_path)
    (file,) = one.write(columns_of([(DAY, ID.format(1), {})]), [])
    (tmp_path / file.path).rename(tmp_path / "one.parquet")
    archive, seen = Archive(tmp_path / "segments"), [0]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        store = Store(tmp_path / "state.db")
        while seen[-1] < 40:
            with store.read() as db:
                rows = archive.segments(db)
                read, _ = archive.read(rows)
                assert len(read) == len(rows) == archive.newest(db) >= seen[-1]
                assert len(archive.events(db)) == 1
                seen.append(len(rows))
        process.kill()
    store.close()
    assert len(set(seen)) > 2


def test_hours_with_events_are_told_per_source(
    store: Store, tmp_path: Path, columns_of: Make
) -> None:
    archive, hour = Archive(tmp_path / "archive"), 3_600_000_000
    rows = [
        (0, "a", {"source": "crm"}),
        (hour - 1, "b", {"source": "crm"}),
        (3 * hour, "c", {"source": "crm"}),
        (2 * hour, "d", {"source": "cloudtrail"}),
    ]
    with store.begin() as db:
        assert archive.hours(db, since_us=0, until_us=9 * hour) == {}
        archive.add(db, "logs", archive.write(columns_of(rows), []), NOW)
    with store.read() as db:
        assert archive.hours(db, since_us=0, until_us=9 * hour) == {
            "crm": {0, 3},
            "cloudtrail": {2},
        }
        assert archive.hours(db, since_us=hour, until_us=3 * hour) == {"cloudtrail": {2}}
        assert archive.hours(db, since_us=0, until_us=9 * hour, upto=0) == {}


def test_what_was_asked_of_older_segments_is_answered_the_same_again(
    store: Store, tmp_path: Path, columns_of: Make
) -> None:
    archive = Archive(tmp_path / "archive")
    with store.begin() as db:
        archive.add(db, "logs", archive.write(columns_of([(0, "a", {})]), []), NOW)
        newest = archive.newest(db)
        before = archive.events(db, upto=newest).event_ids(range(1))
        archive.add(db, "logs", archive.write(columns_of([(1, "b", {})]), []), NOW)
        assert archive.events(db, upto=newest).event_ids(range(1)) == before
        assert len(archive.events(db)) == 2

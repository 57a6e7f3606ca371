"""Ids by hour say exactly what a set in memory would, whatever is rolled back or killed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.archive.ids import IdHours
from tocsin.errors import ArchiveError
from tocsin.model.columns import Columns, in_order
from tocsin.model.events import HOUR_US
from tocsin.store import Store

Make = Callable[..., Columns]

START = 472_800 * HOUR_US
LATER = datetime(2100, 1, 1, tzinfo=UTC)
EDGES = [bytes(16), b"\xff" * 16, b"\0" * 15 + b"\1", b"\1" + b"\0" * 15, b"\x80" + b"\0" * 15]


def uuid_of(raw: bytes) -> str:
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


ids = st.one_of(
    st.sampled_from(EDGES), st.integers(0, 30).map(lambda i: i.to_bytes(16, "little"))
).map(uuid_of)
batch = st.lists(st.tuples(st.integers(0, 3 * HOUR_US - 1), ids), max_size=20)


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(st.tuples(batch, st.sampled_from(["commit", "roll back", "die"]))))
def test_they_agree_with_a_set(
    batches: list[tuple[list[tuple[int, str]], str]],
    columns_of: Make,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    store = Store(folder / "state.db")
    known = set[tuple[int, str]]()
    for rows, fate in batches:
        columns = columns_of([(START + at, event_id, {}) for at, event_id in rows])
        hours = IdHours(folder / "ids")  # as after a restart
        with store.read() as db:
            looked = hours.look(db, columns)
        new, expected = set(known), np.zeros(len(columns), np.bool_)
        for row in np.argsort(columns.at, kind="stable").tolist():
            key = (int(columns.at[row]) // HOUR_US, columns.event_id(row))
            expected[row] = key not in new
            new.add(key)
        assert looked.fresh.tolist() == expected.tolist()
        if fate == "die":
            continue
        with store.begin() as db:
            hours.add(db, looked)
            if fate == "roll back":
                db.rollback()
        if fate == "commit":
            hours.remove(looked)
            known = new
    with store.read() as db:
        IdHours(folder / "ids").sweep(db, LATER)
    assert len(list(folder.glob("ids/*/*"))) == len({hour for hour, _ in known})
    store.close()


def test_of_copies_in_one_batch_the_one_that_is_judged_is_fresh(
    columns_of: Make, store: Store, tmp_path: Path
) -> None:
    columns = columns_of(
        [(START + at, uuid_of(bytes([n]) * 16), {}) for at, n in [(9, 1), (5, 1), (5, 1), (7, 2)]]
    )
    with store.read() as db:
        fresh = IdHours(tmp_path / "ids").look(db, columns).fresh
    order, duplicates = in_order(columns.at, columns.id)
    assert sorted(order.tolist()) == np.flatnonzero(fresh).tolist() == [1, 3]
    assert duplicates == 2


def test_the_same_id_in_another_hour_is_another_event(
    columns_of: Make, store: Store, tmp_path: Path
) -> None:
    one = uuid_of(bytes(16))
    columns = columns_of([(START - 1, one, {}), (START, one, {})])
    with store.read() as db:
        assert IdHours(tmp_path / "ids").look(db, columns).fresh.tolist() == [True, True]


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_file_is_named_and_nothing_is_taken_for_new(
    damage: str, columns_of: Make, store: Store, tmp_path: Path
) -> None:
    hours = IdHours(tmp_path / "ids")
    columns = columns_of([(START, uuid_of(bytes([n]) * 16), {}) for n in range(3)])
    with store.begin() as db:
        hours.add(db, hours.look(db, columns))
    (path,) = (tmp_path / "ids").glob("*/*")
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:32] if damage == "cut" else b"\1" + content[1:])
    with store.read() as db, pytest.raises(ArchiveError) as raised:
        hours.look(db, columns)
    assert str(path) in str(raised.value)
    assert "2023-12-09 00:00 UTC" in str(raised.value)
    assert raised.value.hint
    assert len(list((tmp_path / "ids").glob("*/*"))) == (damage != "missing")


@pytest.mark.parametrize("first", [True, False])
def test_who_looked_before_somebody_elses_commit_must_look_again(
    first: bool, columns_of: Make, store: Store, tmp_path: Path
) -> None:
    hours = IdHours(tmp_path / "ids")
    one, two, three = (columns_of([(START, uuid_of(bytes([n]) * 16), {})]) for n in (1, 2, 3))
    if not first:
        with store.begin() as db:
            hours.add(db, hours.look(db, three))
    with store.read() as db:
        mine, theirs = hours.look(db, one), hours.look(db, two)
    with store.begin() as db:
        hours.add(db, theirs)
    with pytest.raises(ArchiveError, match="2023-12-09 00:00 UTC"), store.begin() as db:
        hours.add(db, mine)
    with store.read() as db:
        assert hours.look(db, one).fresh.tolist() == [True]
        assert hours.look(db, two).fresh.tolist() == [False]


def test_a_sweep_leaves_young_files_and_files_with_a_row(
    columns_of: Make, store: Store, tmp_path: Path
) -> None:
    hours = IdHours(tmp_path / "ids")
    columns = columns_of([(START, uuid_of(bytes(16)), {})])
    with store.begin() as db:
        hours.add(db, hours.look(db, columns))
    other = columns_of([(START, uuid_of(b"\1" * 16), {})])
    with store.read() as db:
        orphan = hours.look(db, other).files[0].path
        assert hours.sweep(db, datetime.now(UTC) - timedelta(hours=1)) == []
        assert hours.sweep(db, LATER) == [tmp_path / "ids" / orphan]
        assert hours.look(db, columns).fresh.tolist() == [False]

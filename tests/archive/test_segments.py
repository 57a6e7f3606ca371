"""Segments hold exactly what was written, or say which file does not."""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.archive.segments import read_segment, read_segments, write_segments
from tocsin.errors import ArchiveError
from tocsin.model.columns import Columns, join
from tocsin.model.events import DAY_US, HOUR_US, NUMBERS, WORDS
from tocsin.model.findings import Hit

Make = Callable[..., Columns]

DAY = 19_700 * DAY_US
ID = "00000000-0000-4000-8000-{:012}"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
rows = st.tuples(
    st.integers(-3 * DAY_US, 3 * DAY_US).map(lambda us: DAY + us),
    st.one_of(st.uuids().map(str), texts.filter(bool)),
    st.fixed_dictionaries(
        {},
        optional={**dict.fromkeys(WORDS, texts), **dict.fromkeys(NUMBERS, st.integers(0, 2**62))},
    ),
)


def told(columns: Columns) -> list[dict[str, Any]]:
    """Return all that columns say of each row."""
    return [
        {
            "id": columns.event_id(row),
            "bytes": columns.id[row].tobytes(),
            "at": int(columns.at[row]),
            "raw": (columns.raw_object[columns.raw_code[row]], int(columns.raw_place[row])),
            **{field: columns.text(field, row) for field in WORDS},
            **{f"n_{field}": int(columns.number[field][row]) for field in NUMBERS},
        }
        for row in range(len(columns))
    ]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(rows, min_size=1, max_size=12),
    unused=st.lists(texts, max_size=3),
    said=st.lists(st.tuples(st.integers(0, 11), texts, texts), max_size=8),
    spool=st.booleans(),
)
def test_what_was_written_is_read_again(  # noqa: PLR0917 - hypothesis names them
    rows: list[Any],
    unused: list[str],
    said: list[tuple[int, str, str]],
    spool: bool,
    columns_of: Make,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("segments")
    columns = columns_of(rows, unused)
    hits = [Hit(row, rule, why) for row, rule, why in said if row < len(rows)]
    files = write_segments(folder, columns, hits, stem="a", spool=spool)

    days = columns.at // DAY_US
    assert [file.day.toordinal() - date(1970, 1, 1).toordinal() for file in files] == sorted(
        set(days.tolist())
    )
    for file in files:
        mine = np.flatnonzero(days == file.first_at // DAY_US)
        read, read_hits = read_segment(folder / file.path)
        assert told(read) == told(columns.take(mine))
        assert read_hits == [
            hit._replace(row=new)
            for new, old in enumerate(mine.tolist())
            for hit in hits
            if hit.row == old
        ]
        assert (file.rows, file.hits) == (len(read), len(read_hits))
        assert (file.first_at, file.last_at) == (read.at.min(), read.at.max())
        assert file.bytes == (folder / file.path).stat().st_size


def test_several_files_are_read_as_one(columns_of: Make, tmp_path: Path) -> None:
    parts = [
        columns_of([(DAY + i, ID.format(10 * n + i), {"actor": f"u{i % n}"}) for i in range(5)])
        for n in (1, 2, 3)
    ]
    paths = []
    for number, part in enumerate(parts):
        hits = [Hit(4, "r", f"part {number}")]
        (file,) = write_segments(tmp_path, part, hits, stem=f"{number}", spool=number == 1)
        paths.append(tmp_path / file.path)
    read, hits = read_segments(paths)
    assert told(read) == told(join(parts))
    assert len(set(read.word["actor"])) == len(read.word["actor"]) == 3
    assert hits == [Hit(4, "r", "part 0"), Hit(9, "r", "part 1"), Hit(14, "r", "part 2")]


def test_a_window_of_time_begins_with_its_start_and_ends_before_its_end(
    columns_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.archive.segments.ROW_GROUP", 4)
    columns = columns_of([(DAY + i * HOUR_US, ID.format(i), {}) for i in range(24)])
    hits = [Hit(i, "r", str(i)) for i in range(24)]
    for spool in (False, True):
        (file,) = write_segments(tmp_path, columns, hits, stem="a", spool=spool)
        read, said = read_segments(
            [tmp_path / file.path], since_us=DAY + 3 * HOUR_US, until_us=DAY + 6 * HOUR_US
        )
        assert read.at.tolist() == [DAY + i * HOUR_US for i in (3, 4, 5)]
        assert said == [Hit(0, "r", "3"), Hit(1, "r", "4"), Hit(2, "r", "5")]
        nothing, none = read_segments([tmp_path / file.path], since_us=DAY + DAY_US)
        assert (len(nothing), none) == (0, [])
    assert len(read_segments([])[0]) == 0


def test_an_empty_batch_makes_no_file(columns_of: Make, tmp_path: Path) -> None:
    assert write_segments(tmp_path, columns_of([]), [], stem="a") == []
    assert list(tmp_path.iterdir()) == []


def test_only_words_that_rows_have_are_stored(columns_of: Make, tmp_path: Path) -> None:
    columns = columns_of([(DAY, ID.format(1), {"actor": "one"})], unused=["secret of another"])
    (file,) = write_segments(tmp_path, columns, [], stem="a")
    assert b"secret of another" not in (tmp_path / file.path).read_bytes()
    assert read_segment(tmp_path / file.path)[0].word["actor"] == ["one"]


@pytest.mark.parametrize("spool", [False, True])
def test_what_no_utf_8_can_hold_is_stored_as_its_escape(
    spool: bool, columns_of: Make, tmp_path: Path
) -> None:
    odd, same = "a\ud800b", "a\\ud800b"
    columns = columns_of(
        [(DAY, odd, {"actor": odd}), (DAY, same, {"actor": same}), (DAY, "é", {"actor": "é"})]
    )
    (file,) = write_segments(tmp_path, columns, [Hit(0, "r", odd)], stem="a", spool=spool)
    read, hits = read_segment(tmp_path / file.path)
    assert [read.text("actor", row) for row in range(3)] == [same, same, "é"]
    assert len(read.word["actor"]) == 2
    assert hits == [Hit(0, "r", same)]
    assert [read.event_id(row) for row in range(3)] == [same, same, "é"]
    assert read.id[0] == read.id[1], "an id is found again by the text that stands for it"


def test_another_program_reads_words_and_times(columns_of: Make, tmp_path: Path) -> None:
    columns = columns_of([(DAY + 1, ID.format(1), {"actor": "one", "count": 3})])
    (file,) = write_segments(tmp_path, columns, [], stem="a")
    (row,) = pq.read_table(tmp_path / file.path).to_pylist()
    assert (row["actor"], row["count"], row["bytes"], row["hits"]) == ("one", 3, None, None)
    assert row["at"].isoformat() == "2023-12-09T00:00:00.000001+00:00"
    assert row["id_text"] is None


@pytest.mark.parametrize("spool", [False, True])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "another", "folder", "foreign"])
def test_a_file_that_cannot_be_read_is_named(
    damage: str, spool: bool, columns_of: Make, tmp_path: Path
) -> None:
    columns = columns_of([(DAY, ID.format(1), {"actor": "one"})])
    (file,) = write_segments(tmp_path, columns, [], stem="a", spool=spool)
    path = tmp_path / file.path
    content = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage == "foreign":
        pq.write_table(pa.table({"at": [1]}), path)
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": content[:-9], "another": b"no segment"}[damage])
    with pytest.raises(ArchiveError) as raised:
        read_segment(path)
    assert str(path) in str(raised.value)
    assert raised.value.hint


def test_a_changed_byte_is_noticed_or_harmless(columns_of: Make, tmp_path: Path) -> None:
    columns = columns_of(
        [(DAY + i, ID.format(i), {"actor": f"u{i % 7}", "count": i}) for i in range(300)]
    )
    (file,) = write_segments(tmp_path, columns, [Hit(3, "r", "why")], stem="a")
    path, good = tmp_path / file.path, told(columns)
    content = path.read_bytes()
    pages_end = int(pq.ParquetFile(path).metadata.row_group(0).column(0).total_compressed_size)
    dice, noticed = random.Random(1), 0
    for place in [
        *dice.sample(range(4, pages_end), 100),
        *dice.sample(range(len(content)), 100),
    ]:
        path.write_bytes(
            content[:place]
            + bytes([content[place] ^ (1 << dice.randrange(8))])
            + content[place + 1 :]
        )
        try:
            read, _ = read_segment(path)
        except ArchiveError:
            noticed += 1
        else:
            if place < pages_end:
                assert told(read) == good
    assert noticed > 100


def test_a_name_is_never_written_twice(columns_of: Make, tmp_path: Path) -> None:
    (file,) = write_segments(tmp_path, columns_of([(DAY, ID.format(1), {})]), [], stem="a")
    before = (tmp_path / file.path).read_bytes()
    with pytest.raises(ArchiveError, match=file.path):
        write_segments(tmp_path, columns_of([(DAY, ID.format(2), {})]), [], stem="a")
    assert (tmp_path / file.path).read_bytes() == before
    assert [path.name for path in tmp_path.glob("*/*")] == ["a.parquet"]


def test_a_disk_that_refuses_is_named(columns_of: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArchiveError, match="cannot be written") as raised:
        write_segments(tmp_path / "file", columns_of([(DAY, ID.format(1), {})]), [], stem="a")
    assert "2023-12-09/a.parquet" in str(raised.value)
    assert (tmp_path / "file").read_text() == "in the way"

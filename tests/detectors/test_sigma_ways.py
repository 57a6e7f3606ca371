"""The table of ways is as good as asking anew, however little of it may be kept."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.sigma import ways

WAYS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=20)


@given(st.lists(WAYS, max_size=6), st.sampled_from([1, 7, 40, 1000]))
def test_a_table_says_what_asking_anew_says_and_asks_once(
    rounds: list[list[tuple[int, int]]], most: int
) -> None:
    table, values, asked = ways.Ways(), list[Any](), list[tuple[int, int]]()

    def end(state: int, code: int) -> int:
        asked.append((state, code))
        return 100 * state + code

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "MOST_PLACES", most)
        for number, steps in enumerate(rounds):
            table.append(10 + number, asks=True)
            lines = np.array([line % (number + 1) for line, _ in steps], np.int32)
            codes = np.array([code for _, code in steps], np.int32)
            values += [{}] * (int(codes.max()) + 1 - len(values))
            table.belong_to(values)
            ends = table.ends(lines, codes)
            (new,) = (ends < 0).nonzero()
            before = len(asked)
            ends[new] = table.learn(lines[new], codes[new], end)
            assert ends.tolist() == (100 * (10 + lines) + codes).tolist()
            assert len(set(asked[before:])) == len(asked) - before
            assert table._ends.size <= most
    assert most < 1000 or len(set(asked)) == len(asked)


def test_what_was_learned_stays_when_the_table_grows_and_goes_with_its_values() -> None:
    table, values = ways.Ways(), list[Any]([{}])
    zero = np.zeros(1, np.int32)
    table.append(0, asks=True)
    table.belong_to(values)
    assert table.ends(zero, zero)[0] < 0
    assert table.learn(zero, zero, lambda state, code: 7 + state + code).tolist() == [7]
    for state in range(1, 9):
        table.append(state, asks=state % 2 == 0)
        values += [{}] * 10
        table.belong_to(values)
        assert table.ends(zero, zero).tolist() == [7]
    assert table.lines_of(np.arange(9, dtype=np.int32)).tolist() == [0, -1, 1, -1, 2, -1, 3, -1, 4]
    table.belong_to(list(values))
    assert table.ends(zero, zero)[0] < 0


def test_a_way_that_could_not_be_found_out_is_asked_again() -> None:
    table, zero = ways.Ways(), np.zeros(2, np.int32)
    table.append(0, asks=True)
    table.belong_to([{}])

    def fails(*_: int) -> int:
        raise MemoryError

    with pytest.raises(MemoryError):
        table.learn(zero, zero, fails)
    assert (table.ends(zero, zero) < 0).all()

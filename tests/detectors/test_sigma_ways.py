"""The table of ways is as good as asking anew, however little of it may be kept."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.sigma import ways

WAYS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 30)), st.integers(0, 99), min_size=1, max_size=20
)


@given(st.lists(WAYS, max_size=6), st.sampled_from([1, 7, 40, 1000]))
def test_a_table_says_nothing_that_it_did_not_learn(
    rounds: list[dict[tuple[int, int], int]], most: int
) -> None:
    table, values, learned = ways.Ways(), list[Any](), dict[tuple[int, int], int]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "MOST_PLACES", most)
        for number, found in enumerate(rounds):
            table.append(number, asks=True)
            learned |= {(line % (number + 1), code): end for (line, code), end in found.items()}
            at, ends = np.array([*learned], np.int32), np.array([*learned.values()], np.int32)
            values += [{}] * (int(at[:, 1].max()) + 1 - len(values))
            table.belong_to(values)
            before = table.ends(at[:, 0], at[:, 1])
            table.learn(at[:, 0], at[:, 1], ends)
            after = table.ends(at[:, 0], at[:, 1])
            assert table._ends.size <= most
            assert set(before[before != ways.UNKNOWN]) <= set(range(100))
            assert ((after == ends) | (after == ways.UNKNOWN)).all()
            assert most < 1000 or (after == ends).all()


def test_what_was_learned_stays_when_the_table_grows_and_goes_with_its_values() -> None:
    table, values = ways.Ways(), list[Any]([{}])
    line, code, end = (np.array([number], np.int32) for number in (0, 0, 7))
    table.append(0, asks=True)
    table.belong_to(values)
    assert table.ends(line, code).tolist() == [ways.UNKNOWN]
    table.learn(line, code, end)
    for state in range(1, 9):
        table.append(state, asks=state % 2 == 0)
        values += [{}] * 10
        table.belong_to(values)
        assert table.ends(line, code).tolist() == [7]
    assert table.lines_of(np.arange(9, dtype=np.int32)).tolist() == [0, -1, 1, -1, 2, -1, 3, -1, 4]
    table.belong_to(list(values))
    assert table.ends(line, code).tolist() == [ways.UNKNOWN]

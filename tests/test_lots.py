"""Lots: rows with equal codes, brought together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.lots import together

CODE = st.sampled_from([0, 1, 2, 7, 2**31 - 1])
"""Of the largest three make more combinations than a number has room for."""


@given(st.lists(st.tuples(CODE, CODE, CODE, CODE), max_size=20))
def test_equal_rows_come_together_in_their_order(rows: list[tuple[int, int, int, int]]) -> None:
    codes = [np.array([row[n] for row in rows], np.int32) for n in range(4)]
    order, starts = together(codes)
    ends = [*starts.tolist()[1:], len(rows)]
    spans = zip(starts.tolist(), ends, strict=True)
    lots = [order[start:end].tolist() for start, end in spans] if rows else []
    assert sorted(lots) == sorted([n for n, r in enumerate(rows) if r == one] for one in {*rows})

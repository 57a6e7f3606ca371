"""What is left out before rows are put together changes no verdict."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.sigma.expr import And, Expr, Not, Or
from detectors.sigma.match import Matcher
from detectors.sigma.predicates import Wild, absent, compares, equals, exists, like
from detectors.sigma.reading import name_of
from tests.detectors.judging import rule
from tocsin.model.rows import EVENT, GROUPS, Layout, Rows

COUNT, KEY, DEEP = name_of("event.count"), name_of("asked.key"), name_of("asked.a.b")
ATOMS: list[Expr] = [
    compares(COUNT, "GTE", 10),
    compares(COUNT, "LT", 3),
    compares(COUNT, "NEQ", 5),
    equals(KEY, ["x"]),
    like(KEY, ("x", Wild.MANY), cased=False),
    exists(KEY, there=True),
    exists(KEY, there=False),
    absent(KEY),
    equals(DEEP, ["x"]),
]


def conditions() -> st.SearchStrategy[Expr]:
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda args: And(tuple(args))),
            st.lists(inner, min_size=2, max_size=3).map(lambda args: Or(tuple(args))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


ASKED: st.SearchStrategy[Any] = st.sampled_from(
    [None, {}, {"key": "x"}, {"key": "xy"}, {"key": None}, {"a": {"b": "x"}}, ["x"], '{"key":"x"}']
)
ROWS = st.lists(st.tuples(st.sampled_from([-1, 0, 2, 5, 10, 99]), ASKED), min_size=1, max_size=8)


def batch(rows: list[tuple[int, Any]], *, helped: bool) -> Rows:
    def row(number: int) -> dict[str, Any]:
        count, asked = rows[number]
        event = {} if count < 0 else {"count": count}
        return {**({} if asked is None else {"asked": asked}), EVENT: event}

    codes = np.zeros(len(rows), np.int32)
    return Rows(
        size=len(rows),
        source="test",
        logsource={},
        layout=Layout({}, {}),
        codes=dict.fromkeys(GROUPS, codes),
        values={group: [{EVENT: {}}] for group in GROUPS},
        row=row,
        whole=row,
        numbers={"count": np.array([count for count, _ in rows], np.int64)} if helped else {},
        decoded={"asked": lambda row: rows[row][1]} if helped else {},
    )


@given(st.lists(conditions(), min_size=1, max_size=3), ROWS)
def test_the_same_is_found_with_and_without(exprs: list[Expr], rows: list[tuple[int, Any]]) -> None:
    rules = [rule(f"r{n}", expression=expr) for n, expr in enumerate(exprs)]
    assert Matcher(rules)(batch(rows, helped=True)) == Matcher(rules)(batch(rows, helped=False))


def test_rows_without_what_is_needed_are_not_put_together() -> None:
    rows = batch([(1, {"key": "x"}), (99, {"other": 1}), (99, {"key": "x"})], helped=True)
    asked = list[int]()

    def row(number: int) -> dict[str, Any]:
        asked.append(number)
        return {"asked": {"key": "x"}, EVENT: {"count": 99}}

    object.__setattr__(rows, "row", row)
    expr = And((compares(COUNT, "GTE", 10), equals(KEY, ["x"])))
    hits = Matcher([rule("r", expression=expr)])(rows)
    assert [hit.row for hit in hits] == [2]
    assert asked == [2]

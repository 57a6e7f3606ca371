"""How a deadline stands turns at the second, and as time goes on only moves forward."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.obligations.clock import Standing, standing
from tests.incidents.cases import SECOND, at

DUE = at("2026-11-26T09:15Z")


@pytest.mark.parametrize(
    ("now", "met", "stands"),
    [
        (DUE - SECOND, None, Standing.RUNNING),
        (DUE, None, Standing.RUNNING),
        (DUE + SECOND, None, Standing.OVERDUE),
        (DUE + SECOND, DUE, Standing.MET),
        (DUE + 2 * SECOND, DUE + SECOND, Standing.LATE),
        (DUE - SECOND, DUE, Standing.RUNNING),
    ],
)
def test_standing_turns_at_the_second(
    now: datetime, met: datetime | None, stands: Standing
) -> None:
    assert standing(DUE, now, met_at=met) == stands
    assert standing(DUE, now, met_at=met, is_waived=True) == Standing.WAIVED
    assert standing(DUE, now, met_at=met, is_waived=True, is_void=True) == Standing.VOID


NEXT = {
    Standing.RUNNING: {Standing.RUNNING, Standing.OVERDUE, Standing.MET},
    Standing.OVERDUE: {Standing.OVERDUE, Standing.LATE},
    Standing.MET: {Standing.MET},
    Standing.LATE: {Standing.LATE},
    Standing.WAIVED: {Standing.WAIVED},
    Standing.VOID: {Standing.VOID},
}

offsets = st.timedeltas(timedelta(days=-5), timedelta(days=5))


@given(st.lists(offsets, min_size=2), st.none() | offsets, st.booleans(), st.booleans())
def test_as_time_goes_on_a_standing_only_moves_forward(
    moments: list[timedelta],
    met: timedelta | None,
    is_waived: bool,
    is_void: bool,
) -> None:
    met_at = None if met is None else DUE + met
    seen = [
        standing(DUE, DUE + moment, met_at=met_at, is_waived=is_waived, is_void=is_void)
        for moment in sorted(moments)
    ]
    seen = [one for i, one in enumerate(seen) if i == 0 or one != seen[i - 1]]
    # Late may follow running at once, when nobody looked in between.
    allowed = {**NEXT, Standing.RUNNING: NEXT[Standing.RUNNING] | {Standing.LATE}}
    assert all(after in allowed[before] for before, after in pairwise(seen))

"""Where the values of one group lead from each state, as far as that is known.

A table: a line per state that asks the group, a place per value. Only what was looked up once is
in it, and pages of it that nothing was written to take no memory.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.model.rows import Codes, Fields

MOST_PLACES = 1 << 22
"""So many places (of four bytes) a table has at most; later values are asked anew each time."""

UNKNOWN = -1
NO_LINE = -1


class Column:
    """A growing column, looked up for many numbers at a time."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._list: list[Any] = []
        self._array: npt.NDArray[Any] = np.zeros(0, dtype)

    def append(self, value: Any) -> None:
        """Add the next number's value."""
        self._list.append(value)

    def of(self, numbers: Codes) -> npt.NDArray[Any]:
        """Return the values of these numbers."""
        if len(self._array) != len(self._list):
            self._array = np.array(self._list, self._array.dtype)
        return self._array[numbers]


class Ways:
    """The ways through one group.

    Attributes:
        states: By line of the table, the number of its state.
    """

    def __init__(self) -> None:
        self.states: list[int] = []
        self._lines = Column(np.int32)
        self._values: Sequence[Fields] = ()
        # The number of a state and one more, so that what is new is zero. Less is not known.
        self._ends = np.zeros((0, 0), np.int32)

    def append(self, state: int, *, asks: bool) -> None:
        """Take in the next state, which asks the group or does not."""
        self._lines.append(len(self.states) if asks else NO_LINE)
        if asks:
            self.states.append(state)

    def lines_of(self, states: Codes) -> Codes:
        """Return the line of each state; negative where it does not ask the group."""
        return self._lines.of(states)

    def belong_to(self, values: Sequence[Fields]) -> None:
        """Forget everything if the values are not those it was learned from; make room for all."""
        if self._values is not values:
            self._values = values
            self._ends = np.zeros((0, 0), np.int32)
        lines, width = self._ends.shape
        if len(self.states) > lines or len(values) > width:
            lines = _room(lines, len(self.states))
            width = min(_room(width, len(values)), MOST_PLACES // lines)
            if (lines, width) != self._ends.shape:
                known = self._ends[:, :width]
                self._ends = np.zeros((lines, width), np.int32)
                self._ends[: len(known), : known.shape[1]] = known

    def ends(self, lines: Codes, codes: Codes) -> Codes:
        """Return the number of the state that each value leads to; negative where not known."""
        if len(self._values) <= self._ends.shape[1]:
            return self._ends[lines, codes] - np.int32(1)
        ends = np.full(len(lines), UNKNOWN, np.int32)
        at = np.flatnonzero(codes < self._ends.shape[1])
        ends[at] = self._ends[lines[at], codes[at]] - np.int32(1)
        return ends

    def learn(self, lines: Codes, codes: Codes, end: Callable[[int, int], int]) -> Codes:
        """Find out where values lead, and write it down as far as there is room.

        Args:
            lines: Where they lead from; not known yet, but the same may be there many times.
            codes: The numbers of the values.
            end: Asked once for each state and value: the number of the state it leads to.
        """
        if len(self._values) > self._ends.shape[1]:
            steps = (lines.astype(np.int64) << 32) | codes
            _, at, of_step = np.unique(steps, return_index=True, return_inverse=True)
            found = self._asked(lines[at], codes[at], end)
            kept = codes[at] < self._ends.shape[1]
            self._ends[lines[at[kept]], codes[at[kept]]] = found[kept] + np.int32(1)
            return found[of_step]
        # Each writes its own mark, and one of those that write to the same place finds its own.
        marks = -np.arange(1, len(lines) + 1, dtype=np.int32)
        self._ends[lines, codes] = marks
        (at,) = (self._ends[lines, codes] == marks).nonzero()
        found = self._asked(lines[at], codes[at], end)
        self._ends[lines[at], codes[at]] = found + np.int32(1)
        return self._ends[lines, codes] - np.int32(1)

    def _asked(self, lines: Codes, codes: Codes, end: Callable[[int, int], int]) -> Codes:
        steps = zip(lines.tolist(), codes.tolist(), strict=True)
        return np.array([end(self.states[line], code) for line, code in steps], np.int32)


def _room(there: int, needed: int) -> int:
    """Return how many lines or places to have; twice as many as before, so that it is rare."""
    return there if needed <= there else max(needed, 2 * there)

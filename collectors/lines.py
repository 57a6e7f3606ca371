"""Texts of lines: cut into parts, counted, and one line taken out, without making all of them.

Source: JSON Lines (jsonlines.org).
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

PART_BYTES = 1 << 19
"""How much of a text of lines is decoded at once: about as many records as make a chunk."""

NEWLINE = ord("\n")


def cut_lines(text: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield a text of lines in parts of some size, each with the number of its first line."""
    at = first = 0
    while at < len(text):
        end = text.find(b"\n", at + PART_BYTES) + 1 or len(text)
        part = text[at:end]
        yield part, first
        at, first = end, first + line_count(part)


def line_ends(text: bytes) -> npt.NDArray[np.intp]:
    """Return where the newlines of a text stand: quicker than asking for them one by one."""
    return np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE)


def line_count(text: bytes) -> int:
    """Return how many lines a text has, the last one without its newline too."""
    ends = np.count_nonzero(np.frombuffer(text, np.uint8) == NEWLINE)
    return int(ends) + (not text.endswith(b"\n"))


class Text:
    """The text of one object or a part of it, cut into lines when one of them is asked for."""

    def __init__(self, text: bytes, first: int, of: int) -> None:
        """Keep a text.

        Args:
            text: Whole lines.
            first: The number of the first of them, from 0.
            of: Which object it belongs to.
        """
        self._text, self.first, self.of = text, first, of

    @cached_property
    def _ends(self) -> npt.NDArray[np.intp]:
        return line_ends(self._text)

    def line(self, number: int) -> bytes:
        """Return one line by its number in the object."""
        at, ends = number - self.first, self._ends
        start = int(ends[at - 1]) + 1 if at else 0
        return self._text[start : int(ends[at]) if at < len(ends) else None]

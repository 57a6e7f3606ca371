"""Columns of JSON values as texts or whole numbers; what is neither is absent."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from collectors.lenient import plain
from tocsin.model.columns import ABSENT, Int64s

_MOST = 1 << 62
_DIGITS = 19
_NO_NUMBERS = {type(None)}
_WHOLE = {type(None), int}


def texts(column: list[Any]) -> list[str]:
    """Return values as texts, what is absent as ""."""
    kinds = set(map(type, column))
    if kinds <= {str}:
        return column
    if kinds <= {str, type(None)}:
        return [value or "" for value in column]
    return [value if type(value) is str else plain(value) for value in column]


def numbers(column: Sequence[Any]) -> Int64s:
    """Return values as whole numbers, ``ABSENT`` what is none."""
    kinds = set(map(type, column))
    if kinds <= _NO_NUMBERS:
        return np.full(len(column), ABSENT, np.int64)
    if kinds <= _WHOLE:
        try:
            found = np.array([ABSENT if value is None else value for value in column], np.int64)
        except OverflowError:
            pass  # a number of more than 64 bits: looked at one by one
        else:
            found[(found < 0) | (found >= _MOST)] = ABSENT
            return found
    return np.array(list(map(_number, column)), np.int64)


def _number(value: Any) -> int:
    if type(value) is str and len(value) <= _DIGITS and value.isdecimal():
        value = int(value)
    if type(value) is float and 0 <= value < _MOST:
        value = int(value)
    return value if type(value) is int and 0 <= value < _MOST else ABSENT

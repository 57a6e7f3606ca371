"""Rows with equal codes, brought together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tocsin.model.columns import Int32s, Int64s


def together(codes: Sequence[Int32s]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the order that brings rows with equal codes together, and where each lot begins.

    Args:
        codes: At least one, each (n,) and none negative.

    Returns:
        (n,) rows, those of one lot ascending; and for each lot its first place in that order.
    """
    size = len(codes[0])
    bits, most = size.bit_length(), int(np.iinfo(np.int64).max)
    key, top = np.zeros(size, np.int64), 1  # every key is smaller than the top
    for code in codes:
        width = int(code.max(initial=0)) + 1
        if top * width > most:
            key, top = _ranked(key), size
        key, top = key * width + code, top * width
    if top << bits > most:
        key = _ranked(key)
    # Key and row in one number: numbers are sorted many times quicker than their order is found.
    packed = np.sort(key << bits | np.arange(size))
    key = packed >> bits
    begins = np.ones(size, np.bool_)
    begins[1:] = key[1:] != key[:-1]
    return packed & ((1 << bits) - 1), np.flatnonzero(begins)


def _ranked(key: Int64s) -> Int64s:
    """Return numbers below n that are equal where these are."""
    return np.unique(key, return_inverse=True)[1].astype(np.int64)

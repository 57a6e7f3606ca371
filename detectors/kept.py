"""Ids of events that a state keeps, in case something is to be said of them.

Most never are. So they are kept as they lie in the columns, 16 bytes each, and become text when
somebody asks or the state is stored, where they are a list of text as any other.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.model.columns import Columns, id_texts


class Ids:
    """Ids of events, in the order in which they were added."""

    __slots__ = ("_parts", "_size", "_texts")

    def __init__(self, texts: list[str] | None = None) -> None:
        """Begin with some that are text already, by default with none."""
        self._texts = texts or []
        self._parts: list[tuple[npt.NDArray[Any], dict[int, str]]] = []
        self._size = len(self._texts)

    def __len__(self) -> int:
        return self._size

    def add(self, events: Columns, rows: npt.NDArray[np.intp]) -> None:
        """Add those of some rows."""
        self._parts.append(events.packed_ids(rows))
        self._size += len(rows)

    def texts(self) -> list[str]:
        """Return them as the sources wrote them."""
        for packed, odd in self._parts:
            self._texts += id_texts(packed, odd)
        self._parts = []
        return self._texts


def to_plain(value: Any) -> list[str]:
    """Return what msgspec stores in the place of a value it does not know: ids as text.

    Raises:
        NotImplementedError: It is something else; msgspec's word for that (``enc_hook``).
    """
    if not isinstance(value, Ids):
        raise NotImplementedError(f"{type(value).__name__} cannot be stored")
    return value.texts()


def from_plain(kind: type, stored: Any) -> Ids:
    """Return what was stored by ``to_plain``.

    Raises:
        NotImplementedError: Something else is wanted; msgspec's word for that (``dec_hook``).
    """
    if kind is not Ids or not isinstance(stored, list):
        raise NotImplementedError(f"{kind.__name__} cannot be read")
    return Ids(stored)

"""Dotted paths in JSON, decoded all at once into a struct that has nothing else.

Source: msgspec documentation, "Performance tips" (decoding only what is needed).
"""

from collections.abc import Mapping, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

import msgspec

Tree = dict[str, Any]
"""Key → subtree, or None where a path ends."""


class Columnar:
    """Decodes records into what some fields' paths lead to.

    Args:
        paths: Field → paths, of which the first that leads somewhere counts.
    """

    def __init__(self, paths: Mapping[str, Sequence[str]]) -> None:
        self._numbers = count()
        tree: Tree = {}
        for several in paths.values():
            for path in several:
                _plant(tree, path.split("."))
                tree.setdefault(path, None)  # a key may have dots itself
        self._attributes: dict[tuple[str, ...], str] = {}
        self._type = self._struct(tree, ())
        self._decoder = msgspec.json.Decoder(self._type)
        self._ways = {
            field: [way for path in several for way in self._ways_of(path)]
            for field, several in paths.items()
        }
        self._tops = sorted({way[0] for ways in self._ways.values() for way in ways})
        # With one name alone, attrgetter gives no tuples: so the first stands there twice.
        self._at_top = attrgetter(*self._tops, self._tops[0])

    def decode(self, line: bytes) -> Any:
        """Return one record."""
        return self._decoder.decode(line)

    def decode_lines(self, text: bytes) -> list[Any]:
        """Return the records of a text, one a line."""
        return self._decoder.decode_lines(text)

    def columns(self, records: Sequence[Any]) -> dict[str, list[Any]]:
        """Return each field of all records, None where it is absent."""
        if not records:
            return {field: [] for field in self._ways}
        # Each record is touched once: thousands of them are more than a processor keeps at hand.
        columns = dict(
            zip(
                self._tops,
                map(list, zip(*map(self._at_top, records), strict=True)),
                strict=False,  # the first name stands at the end again, see above
            )
        )
        return {field: _column(columns, ways) for field, ways in self._ways.items()}

    def _struct(self, tree: Tree, above: tuple[str, ...]) -> Any:
        fields, names = [], {}
        for key, below in tree.items():
            attribute = f"f{next(self._numbers)}"
            names[attribute] = key
            self._attributes[(*above, key)] = attribute
            # A field that is an object in one record may be a text in another: then it is not
            # what the path means, and the path leads nowhere.
            kind = Any if below is None else self._struct(below, (*above, key)) | _OTHER
            fields.append((attribute, kind, None))
        return msgspec.defstruct("Mapped", fields, rename=names, gc=False, module=__name__)

    def _ways_of(self, path: str) -> list[tuple[str, ...]]:
        ways: list[tuple[str, ...]] = [(self._attributes[(path,)],)]
        steps = tuple(path.split("."))
        if len(steps) > 1:
            ends = range(1, len(steps) + 1)
            ways.insert(0, tuple(self._attributes[steps[:end]] for end in ends))
        return ways


_OTHER = str | int | float | bool | list[Any] | None


def _plant(tree: Tree, steps: Sequence[str]) -> None:
    step, rest = steps[0], steps[1:]
    if not rest:
        tree.setdefault(step, None)
        return
    below = tree.get(step)
    if below is None:
        below = tree[step] = {}
    _plant(below, rest)


def _column(columns: Mapping[str, list[Any]], ways: Sequence[tuple[str, ...]]) -> list[Any]:
    found: list[Any] = []
    for way in ways:
        if not found:
            found = _follow(columns, way)
        elif None in found:
            further = _follow(columns, way)
            found = [new if old is None else old for old, new in zip(found, further, strict=True)]
    return found


def _follow(columns: Mapping[str, list[Any]], way: tuple[str, ...]) -> list[Any]:
    column = columns[way[0]]
    for attribute in way[1:]:
        column = [getattr(value, attribute, None) for value in column]
    return column

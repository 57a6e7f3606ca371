"""What tests of decoded parts say of many rows at once, before any of the rows is put together.

Requests of one kind have the same few parameters. So what is asked first is which keys there are
at all among the rows: nearly every test is of one that none of them has. A key's texts are asked
all together next, joined by line breaks, and one by one only where that may find something.

A screen only ever says "certainly not": rows that it leaves are judged in full. A test that raises
leaves the row as well, so that the rule is blamed by whoever judges it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from detectors.sigma.expr import FAULTS, And, Atom, Expr, Not, Or
from detectors.sigma.places import EVENT_FIELDS
from detectors.sigma.reading import Steps
from tocsin.model.rows import Rows, Undecoded

TWO = 2
"""Parts of a name that is a key directly below the top of the record."""

PLAIN = re.compile(r"(?!(?:true|false|null)$)[a-z_][a-z_-]*")
"""A text that a JSON value compares as only if it stands there: none of a number, list or map."""

FEW = 8
"""Up to so many texts are asked one by one without asking all of them together."""

At = Sequence[int]
"""Rows, by their place among those that are looked at, in any order."""


class Part:
    """One decoded part of some rows.

    Attributes:
        maps: Per row what it is; ``{}`` where it is no map.
        keys: The keys that at least one of these has.
        others: The rows in which it is a list, a text or anything else that may have keys inside.
    """

    def __init__(self, values: list[Any]) -> None:
        self.others = frozenset[int]()
        self.maps: list[dict[str, Any]] = values
        if set(map(type, values)) != {dict}:
            is_map = [type(value) is dict for value in values]
            self.others = frozenset(
                at for at, value in enumerate(values) if value is not None and not is_map[at]
            )
            self.maps = [value if its else {} for value, its in zip(values, is_map, strict=True)]
        self.keys = set[str]().union(*self.maps)


class Look:
    """Some rows of a batch, whose decoded parts are fetched when asked, once."""

    def __init__(self, rows: Rows, which: Sequence[int]) -> None:
        self._rows, self._which = rows, which
        self._parts: dict[str, Part | None] = {}
        self._texts: dict[str, bytes | None] = {}

    def lacks(self, root: str, words: Iterable[bytes]) -> bool:
        """Return whether in no row's JSON of this part is any of some words, in lower case."""
        if root not in self._texts:
            self._texts[root] = self._text(root)
        known = self._texts[root]
        return known is not None and not any(word in known for word in words)

    def _text(self, root: str) -> bytes | None:
        part = self._rows.decoded.get(root)
        if not isinstance(part, Undecoded):
            return None
        text = b"\n".join([part.json[row] for row in self._which])
        # Else a word may stand there in other letters.
        verbatim = text.isascii() and b"\\" not in text and b"%" not in text
        return text.lower() if verbatim else None

    def part(self, root: str) -> Part | None:
        """Return the part of this name; None if it is not decoded."""
        if root not in self._parts:
            value_in = self._rows.decoded.get(root)
            known = None if value_in is None else Part(list(map(value_in, self._which)))
            self._parts[root] = known
        return self._parts[root]


class Screen(Protocol):
    """What a condition's tests of decoded parts say."""

    def among(self, look: Look, at: At) -> At:
        """Return those rows among ``at`` for which the condition may hold."""
        ...


def screen_of(expr: Expr) -> Screen | None:
    """Return what can be said of a condition by its tests of parts; None if nothing can."""
    match expr:
        case Atom():
            return _Key(expr) if _is_key(expr) else None
        case Not():
            return None
        case And():
            return _all([screen for arg in expr.args if (screen := screen_of(arg))])
        case Or():
            screens = [screen_of(arg) for arg in expr.args]
            known = [screen for screen in screens if screen]
            return _Any(known) if len(known) == len(screens) else None


def _all(screens: Sequence[Screen]) -> Screen | None:
    if len(screens) <= 1:
        return screens[0] if screens else None
    return _All(screens)


class _All:
    def __init__(self, screens: Sequence[Screen]) -> None:
        self._screens = screens

    def among(self, look: Look, at: At) -> At:
        for screen in self._screens:
            if not at:
                break
            at = screen.among(look, at)
        return at


class _Any:
    def __init__(self, screens: Sequence[Screen]) -> None:
        self._screens = screens

    def among(self, look: Look, at: At) -> At:
        found = set[int]()
        for screen in self._screens:
            if some := screen.among(look, at):
                found.update(some)
                at = [row for row in at if row not in found]
        return list(found)


class _Key:
    """A test that fails where its key is missing or null.

    Where the key holds one text and the path ends there, the test itself is asked.
    """

    def __init__(self, atom: Atom) -> None:
        steps: Steps = atom.names[0].raw
        self._root = steps[0][0][0]
        self._keys = [key for key, _ in steps[1]]
        self._of_text = atom.of_text if len(steps) == TWO else None
        self._of_lines = atom.of_lines
        plain = (
            self._of_text is not None and atom.literals and all(map(PLAIN.fullmatch, atom.literals))
        )
        words = atom.literals if plain else self._keys
        self._words = [word.lower().encode() for word in words]

    def among(self, look: Look, at: At) -> At:
        if look.lacks(self._root, self._words):
            return []
        part = look.part(self._root)
        if part is None:
            return at
        may = [row for row in at if row in part.others] if part.others else []
        there = [key for key in self._keys if key in part.keys]
        if not there:
            return may
        maps = part.maps
        if self._of_text is None:
            return may + [row for row in at if any(maps[row].get(key) is not None for key in there)]
        (key,) = there
        found = [(row, value) for row in at if (value := maps[row].get(key)) is not None]
        texts = {value for _, value in found if type(value) is str}
        passing = self._passing(list(texts), self._of_text)
        if passing or len(texts) != len(found):
            may += [row for row, value in found if type(value) is not str or value in passing]
        return may

    def _passing(self, texts: list[str], of_text: Callable[[str], object]) -> set[str]:
        """Return the texts that may pass."""
        if len(texts) <= FEW or self._of_lines is None:
            return {text for text in texts if _may(of_text, text)}
        if not _may(self._of_lines, "\n".join(texts)):
            return set()
        middle = len(texts) // 2
        return self._passing(texts[:middle], of_text) | self._passing(texts[middle:], of_text)


def _may(test: Callable[[str], object], text: str) -> bool:
    try:
        return bool(test(text))
    except FAULTS:
        return True


def _is_key(atom: Atom) -> bool:
    """Return whether a test fails for a record in which a certain key below the top is missing."""
    if atom.keyword or atom.absent or len(atom.names) != 1:
        return False
    name = atom.names[0]
    return len(name.raw) >= TWO and not name.asks_event and name.normalised not in EVENT_FIELDS

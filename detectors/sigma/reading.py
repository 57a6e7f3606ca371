"""What a field name of a rule means in a record.

A name is a dotted path. It is looked for in the raw record first; found nowhere there, among
the normalised fields: ``event.actor`` as ``actor``, and a bare ``actor`` as ``actor``. Found in
neither, or null, is absent.

* A path through an array means any of its members.
* A path into a text that is JSON (also URL-encoded JSON, as in policy documents) goes on in it.
* A key that has dots itself is found as well: ``{"user.name": …}`` by ``user.name``.

A value compares as text: an object as its compact JSON in the record's own order; a list as
each of its members, and, if they are plain, as all of them joined by commas.
"""

import functools
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tocsin.model.rows import EVENT, Fields

Steps = tuple[tuple[tuple[str, int], ...], ...]
"""Per position in a path: the keys that may be there, and where the path goes on after each."""

ELEMENT = "value"
"""What an element of a list that is no map is called where it is judged by itself."""

ENCODED_OPENINGS = ("%7B", "%7b", "%5B", "%5b")


def _steps(parts: tuple[str, ...]) -> Steps:
    ends = range(1, len(parts) + 1)
    return tuple(
        tuple((".".join(parts[at:end]), end) for end in ends[at:]) for at in range(len(parts))
    )


@dataclass(frozen=True, slots=True)
class Name:
    """A field name, taken apart once.

    Attributes:
        text: As the rule has it.
        raw: Its path in the raw record.
        event: Its path among the normalised fields.
    """

    text: str
    raw: Steps = field(compare=False, repr=False)
    event: Steps = field(compare=False, repr=False)

    @property
    def roots(self) -> tuple[str, ...]:
        """The keys at the top of a raw record that it may begin with."""
        return tuple(key for key, _ in self.raw[0])

    @property
    def asks_event(self) -> bool:
        """Whether it is written ``event.…``."""
        return self.raw is not self.event

    @property
    def normalised(self) -> str:
        """The normalised field that it falls back to."""
        return self.event[0][0][0]


@functools.cache  # as many as there are names in rule files
def name_of(text: str) -> Name:
    """Return the name that a rule writes as ``text``."""
    parts = tuple(text.split("."))
    raw = _steps(parts)
    return Name(text, raw, _steps(parts[1:]) if parts[0] == "event" and len(parts) > 1 else raw)


class Reading:
    """One record while it is judged: what each name means in it, found out once."""

    __slots__ = ("_fields", "_lowered", "_texts", "_values", "_whole", "_words")

    def __init__(self, fields: Fields, whole: Callable[[], Fields] | None = None) -> None:
        """Prepare to read.

        Args:
            fields: What names are looked up in.
            whole: Gives the whole raw record, which keywords search; None if there is none.
        """
        self._fields = fields
        self._whole = whole
        self._values: dict[str, list[Any]] = {}
        self._texts: dict[str, list[str]] = {}
        self._lowered: dict[str, list[str]] = {}
        self._words: list[str] | None = None

    def values(self, name: Name) -> list[Any]:
        """Return every value that ``name`` leads to; [] where it is absent."""
        found = self._values.get(name.text)
        if found is None:
            found = self._values[name.text] = find(self._fields, name)
        return found

    def texts(self, name: Name) -> list[str]:
        """Return the texts that these values compare as."""
        texts = self._texts.get(name.text)
        if texts is None:
            texts = [text for value in self.values(name) for text in _texts(value)]
            self._texts[name.text] = texts
        return texts

    def lowered(self, name: Name) -> list[str]:
        """Return these texts in lower case."""
        lowered = self._lowered.get(name.text)
        if lowered is None:
            lowered = self._lowered[name.text] = [text.lower() for text in self.texts(name)]
        return lowered

    def scalars(self, name: Name) -> Iterator[Any]:
        """Return the texts, numbers and booleans of ``name``, those in lists one by one."""
        return _scalars(self.values(name))

    def elements(self, name: Name) -> Iterator["Reading"]:
        """Return each element of the lists that ``name`` leads to, to be read by itself.

        What is no list is its own only element. A plain element is found as ``value``; the
        normalised fields are those of the whole event.
        """
        event = self._fields.get(EVENT, {})
        for element in _elements(self.values(name)):
            own = element if isinstance(element, Mapping) else {ELEMENT: element}
            yield Reading({**own, EVENT: event})

    def words(self) -> list[str]:
        """Return every text, number and boolean of the whole raw record, as text."""
        if self._words is None:
            whole = self._whole() if self._whole is not None else {}
            self._words = [plain_text(value) for value in _leaves(whole)]
        return self._words


def plain_text(value: Any) -> str:
    """Return a value that is no list as the text it compares as; null as ""."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()


def find(fields: Fields, name: Name) -> list[Any]:
    """Return every value that ``name`` leads to in ``fields``; [] where it is absent."""
    found: list[Any] = []
    _enter(fields, name.raw, 0, found)
    if not found and (event := fields.get(EVENT)):
        _enter(event, name.event, 0, found)
    return found


def _enter(mapping: Mapping[str, Any], steps: Steps, at: int, found: list[Any]) -> None:
    for key, end in steps[at]:
        if (value := mapping.get(key)) is None:
            continue
        kind = type(value)  # nearly all are one of two, told apart faster than Mapping is
        if end == len(steps) and kind is str:
            found.append(value)
        elif end < len(steps) and kind is dict:
            _enter(value, steps, end, found)
        else:
            _go_on(value, steps, end, found)


def _go_on(value: Any, steps: Steps, at: int, found: list[Any]) -> None:
    if at == len(steps):
        if value is not None:
            found.append(value)
    elif isinstance(value, Mapping):
        _enter(value, steps, at, found)
    elif isinstance(value, list):
        for member in value:
            _go_on(member, steps, at, found)
    elif isinstance(value, str):
        inner = _embedded(value)
        if inner is not None:
            _go_on(inner, steps, at, found)


def _embedded(text: str) -> Any:
    if text.startswith(ENCODED_OPENINGS):
        return _decoded(urllib.parse.unquote(text))
    return _decoded(text) if text.lstrip()[:1] in ("{", "[") else None


@functools.lru_cache(maxsize=1024)  # one policy is asked for many times, by several names
def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _texts(value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield plain_text(value)
        return
    for member in value:
        if member is not None:
            yield from _texts(member)
    if not any(isinstance(member, (list, Mapping)) for member in value):
        yield ",".join(map(plain_text, value))


def _scalars(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _scalars(value)
        elif value is not None and not isinstance(value, Mapping):
            yield value


def _elements(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _elements(value)
        elif value is not None:
            yield value


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    elif value is not None:
        yield value

"""The lines of an application's log that hold the records that are wanted.

The record's own id decides, wherever in it it stands; where it has none, the id that was made of
its bytes does. Where another record stands at its place, because the file was rotated or written
anew, it is looked for elsewhere in the object: never is another record taken for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from collectors.lenient import plain, value_of
from collectors.made import digest_of, made_id

MADE = "the record has no id of its own: its id is made of its bytes"
MOVED = "found at another place of the object"
GONE = "the object does not hold this record any more"

_MOST_EQUAL = 100_000
"""So many equal lines before a record are tried, when only its bytes are there."""


class Lines:
    """The lines of one object, asked for records."""

    def __init__(self, text: bytes, wanted: Iterable[str]) -> None:
        """Cut a text into lines; nothing is decoded yet.

        Args:
            text: The object's.
            wanted: Ids of the events that will be asked for.
        """
        self._lines, self._wanted = text.split(b"\n"), frozenset(wanted)
        self._by_id: dict[str, list[int]] | None = None
        self._made: dict[str, int] | None = None

    def find(self, event_id: str, place: int) -> tuple[bytes, str]:
        """Return a record's line, and what a person has to know about it; b"" for none.

        Args:
            event_id: Of the event.
            place: Where its record stood, from 0.
        """
        here = self._lines[place] if place < len(self._lines) else b""
        if here.strip() and event_id in ids(here):
            return here, ""
        made = self._made_ids().get(event_id)
        if made is not None:
            return self._lines[made], MADE if made == place else f"{MADE}; {MOVED}"
        found = self._with_id(event_id)
        if len(found) == 1:
            return self._lines[found[0]], MOVED
        return b"", GONE if not found else f"{GONE} at its place, and others have its id"

    def _with_id(self, event_id: str) -> Sequence[int]:
        if self._by_id is None:
            self._by_id = {}
            for number, line in enumerate(self._lines):
                for one in ids(line) & self._wanted:
                    self._by_id.setdefault(one, []).append(number)
        return self._by_id.get(event_id, ())

    def _made_ids(self) -> dict[str, int]:
        if self._made is None:
            equal, self._made = Counter[bytes](), {}
            for number, line in enumerate(self._lines):
                if line.strip():
                    digest = digest_of(line)
                    if (made := made_id(digest, equal[digest])) in self._wanted:
                        self._made[made] = number
                    equal[digest] += 1
        return self._made


def ids(line: bytes) -> frozenset[str]:
    """Return every text and number that a record says: one of them may be its id."""
    if not line.strip():
        return frozenset()
    return frozenset(_said(value_of(line)))


def is_made_of(event_id: str, record: bytes) -> bool:
    """Return whether an id is made of a record's bytes, however many equal ones stood before it."""
    digest = digest_of(record)
    return any(made_id(digest, before) == event_id for before in range(_MOST_EQUAL))


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _said(one)
    elif isinstance(value, list):
        for one in value:
            yield from _said(one)
    elif value is not None:
        yield plain(value)

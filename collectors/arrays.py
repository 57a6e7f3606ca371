"""Texts that are one array of records: cut into parts of whole records, without decoding it all.

A cut is tried where one object ends and another begins. What stands before it is decoded to see
whether it is whole: only then is the cut between two records, and not within one. Where nothing is
whole any more, as behind damage, the rest is one part.

Source: RFC 8259 (JSON), sections 4, 5 and 7.
"""

import re
from collections.abc import Callable, Iterator

from collectors.lenient import BROKEN
from collectors.lines import PART_BYTES

_OPENING = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"Records"\s*:\s*)?\[')
_BETWEEN = re.compile(
    rb'\}\s*(,)\s*\{\s*"(?:eventVersion|userIdentity|eventTime|eventID|eventName|eventSource)"'
)
_BETWEEN_ANY = re.compile(rb"\}\s*(,)\s*\{")
_TRIES, _TRIES_LATER = 16, 2
"""How many places are tried before more is taken in: records have arrays of objects in them."""

LARGE_BYTES = 2 * PART_BYTES
"""A smaller text is decoded at once."""

_BOM = b"\xef\xbb\xbf"

Size = Callable[[bytes], int]
"""Decodes an array and returns how many records it has; raises one of ``BROKEN`` for none."""


def cut_array(text: bytes, size: Size) -> Iterator[tuple[bytes, int]] | None:
    """Return a text in parts of some size, each an array, with the number of its first record.

    None for what is small or no array of records.

    Args:
        text: All of an object's text.
        size: Asked about a part before that part is yielded, and about no other in between.
    """
    opening = _OPENING.match(text) if len(text) > LARGE_BYTES else None
    if opening is None:
        return None
    return _parts(text, opening.end(), opening.group().removeprefix(_BOM).lstrip(), size)


def _parts(text: bytes, at: int, opening: bytes, size: Size) -> Iterator[tuple[bytes, int]]:
    first = 0
    while found := _part(text, at, size):
        part, at, records = found
        yield part, first
        first += records
    yield opening + text[at:], first


def _part(text: bytes, at: int, size: Size) -> tuple[bytes, int, int] | None:
    """Return the next records as an array, where the one after them begins, and how many."""
    length = PART_BYTES
    while at + length < len(text):
        for end in _ends(text, at + length, at + 2 * length):
            part = b"[%b]" % text[at:end]
            try:
                return part, end + 1, size(part)
            except BROKEN:
                continue
        length *= 2
    return None


def _ends(text: bytes, start: int, stop: int) -> Iterator[int]:
    """Yield some places where a record may end: likely ones first."""
    tries = _TRIES if stop - start == PART_BYTES else _TRIES_LATER
    for between in (_BETWEEN, _BETWEEN_ANY):
        at = start
        for _ in range(tries):
            found = between.search(text, at, stop)
            if found is None:
                break
            yield found.start(1)
            at = found.end(1)

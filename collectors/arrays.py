"""Texts that are one array of records: cut into parts of whole records, without decoding it all.

A cut is tried where one object ends and another begins. What stands before it is decoded to see
whether it is whole: only then is the cut between two records, and not within one.

Source: RFC 8259 (JSON), sections 4, 5 and 7.
"""

import re
from collections.abc import Iterator

import msgspec

from collectors.lenient import BROKEN
from collectors.lines import PART_BYTES

_OPENING = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"Records"\s*:\s*)?\[')
_BETWEEN = re.compile(
    rb'\}\s*(,)\s*\{\s*"(?:eventVersion|userIdentity|eventTime|eventID|eventName|eventSource)"'
)
_BETWEEN_ANY = re.compile(rb"\}\s*(,)\s*\{")
_TRIES, _TRIES_LATER = 16, 2
"""How many places are tried before more is taken in: records have arrays of objects in them."""

LARGE_BYTES = 8 * PART_BYTES
"""A smaller text is decoded at once: looking for places to cut would take longer than it saves."""

_whole = msgspec.json.Decoder(msgspec.Raw)
_array = msgspec.json.Decoder(list[msgspec.Raw])


def cut_array(text: bytes) -> Iterator[tuple[bytes, int]] | None:
    """Return a text in parts of some size, each an array, with the number of its first record.

    None for what is small, no array of records, or damaged: then nothing says where records end.
    """
    opening = _OPENING.match(text) if len(text) > LARGE_BYTES else None
    if opening is None:
        return None
    try:
        _whole.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except BROKEN:
        return None
    return _parts(text, opening.end(), opening.group().lstrip(b"\xef\xbb\xbf").lstrip())


def _parts(text: bytes, at: int, opening: bytes) -> Iterator[tuple[bytes, int]]:
    first = 0
    while found := _part(text, at):
        part, at, size = found
        yield part, first
        first += size
    yield opening + text[at:], first


def _part(text: bytes, at: int) -> tuple[bytes, int, int] | None:
    """Return the next records as an array, where the one after them begins, and how many."""
    size = PART_BYTES
    while at + size < len(text):
        for end in _ends(text, at + size, at + 2 * size):
            part = b"[%b]" % text[at:end]
            try:
                return part, end + 1, len(_array.decode(part))
            except BROKEN:
                continue
        size *= 2
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

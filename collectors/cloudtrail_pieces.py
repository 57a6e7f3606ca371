"""An object's text cut into the pieces that may each be a CloudTrail record, in every shape.

    {"Records": [ … ]}            as CloudTrail delivers them, also several one after the other
    [ … ]                         an array of records
    { … }                         one record
    one of these a line           JSON lines
    {"Events": [{"CloudTrailEvent": "…"}]}    what LookupEvents answers
    {"detail-type": …, "detail": { … }}       EventBridge's envelope; its reader opens it

Text that is damaged gives the records before and after the damage. Digest and Insight objects are
recognised and no events.

Source: AWS CloudTrail User Guide, "CloudTrail digest file structure", "CloudTrail Insights
events"; AWS CloudTrail API Reference, LookupEvents; Amazon EventBridge User Guide, "AWS service
events delivered via CloudTrail".
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from collectors.base import Reject
from collectors.lenient import (
    BROKEN,
    MOST_RECORD_BYTES,
    SAMPLE_BYTES,
    kind_of,
    mended,
    sample,
    too_long,
    value_of,
)

Piece = tuple[int, bytes]
"""Which record or line of the object, from 0; its bytes."""

MOST_TRIES = 1_000
"""How many beginnings of a record are tried after damage before the rest is given up."""

_LOOK_LINES = 8
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)

_BETWEEN = re.compile(r'(?:[\s,\]}]|\{\s*"Records"\s*:\s*\[|\[)*')
"""What may stand between two records of one text."""

_BEGINNING = re.compile(
    r'\{\s*"(?:eventVersion|userIdentity|eventTime|eventID|eventName|eventSource|awsRegion)"\s*:'
)
"""How a record begins: where reading goes on after damage."""


class Skipped(Exception):  # noqa: N818 - not an error: it is not events
    """The object is whole and holds no events; the text says what it is."""


class Pieces(NamedTuple):
    """What a text was cut into.

    Attributes:
        items: The pieces.
        total: How many records there were, damaged ones included.
        rejects: What is no JSON.
    """

    items: list[Piece]
    total: int
    rejects: list[Reject]


def pieces(text: bytes, address: str, first: int = 0) -> Pieces:
    """Cut a text that may be damaged into pieces, whatever its shape.

    Args:
        text: All of an object's text, or some lines of it.
        address: What rejects call the object.
        first: The number of the first line, from 0.

    Raises:
        Skipped: It holds no events.
    """
    body = text.strip()
    try:
        found = _unfold(body)
    except BROKEN as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else f"not JSON: {error}"
    except _OddError as odd:
        return Pieces([], 1, [Reject(address, "record 1", str(odd), sample(body))])
    else:
        kept, rejects = list[Piece](), list[Reject]()
        for number, piece in enumerate(found, first):
            if (size := memoryview(piece).nbytes) > MOST_RECORD_BYTES:  # not even copied
                start = sample(bytes(memoryview(piece)[:SAMPLE_BYTES]))
                rejects.append(Reject(address, f"record {number + 1}", too_long(size), start))
            elif not _is_insight(piece):
                kept.append((number, bytes(piece)))
        if found and not kept and not rejects:
            raise Skipped("CloudTrail Insights")
        return Pieces(kept, len(kept) + len(rejects), rejects)
    lines = text.split(b"\n")
    if len(lines) > 1 and any(
        map(is_object, [line for line in lines if line.strip()][:_LOOK_LINES])
    ):
        return _of_lines(lines, address, first)
    return _of_damaged(body, address, said, first)


def cuts(text: bytes) -> Iterator[Piece]:
    """Yield each piece of a text with its place, byte for byte as it stands there.

    The places are those of :func:`pieces`. What LookupEvents answers stays in its envelope.
    """
    body = text.strip()
    try:
        yield from ((n, bytes(piece)) for n, piece in enumerate(_unfold(body, opened=False)))
    except (*BROKEN, _OddError):
        pass
    else:
        return
    lines = text.split(b"\n")
    if len(lines) > 1 and any(
        map(is_object, [line for line in lines if line.strip()][:_LOOK_LINES])
    ):
        for number, line in enumerate(lines):
            try:
                found = [bytes(piece) for piece in _unfold(line.strip(), opened=False)]
            except BROKEN:
                found = [line.strip()] if _mended(line) else []
            except _OddError:
                found = []
            yield from ((number, piece) for piece in found)
        return
    letters = body.decode("utf-8", "surrogateescape")
    for number, (start, end, _) in enumerate(_stretches(letters)):
        yield number, letters[start:end].encode("utf-8", "surrogateescape")


class _OddError(Exception):
    """Something has the form of an envelope and not its content."""


def _unfold(body: bytes, *, opened: bool = True) -> list[bytes | msgspec.Raw]:
    if body[:1] == b"[":
        return list(_array.decode(body))
    if body[:1] != b"{":
        msgspec.json.decode(body)
        return [body]
    members = _members.decode(body)
    if "digestStartTime" in members and "logFiles" in members and "Records" not in members:
        raise Skipped("CloudTrail digest")
    for name in ("Records", "Events"):
        if name in members and "eventName" not in members:
            held = members[name]
            if not bytes(memoryview(held)[:64]).lstrip().startswith(b"["):  # it may be huge
                raise _OddError(f"{name} must be an array, this is {kind_of(value_of(held))}")
            items = _array.decode(held)
            return [_looked_up(item) for item in items] if opened else list(items)
    return [body]


def _unfolded(line: bytes) -> list[bytes | msgspec.Raw]:
    try:
        return _unfold(line)
    except BROKEN:
        found = _mended(line)
        if found is None:
            raise
        return [found]


def _mended(line: bytes) -> bytes | None:
    """Return a line's one record where mending makes it decodable."""
    found = mended(line)
    return found if found is not None and is_object(found) else None


def _looked_up(item: msgspec.Raw) -> bytes | msgspec.Raw:
    if memoryview(item).nbytes > MOST_RECORD_BYTES or b'"CloudTrailEvent"' not in bytes(item):
        return item
    try:
        return _text.decode(_members.decode(item)["CloudTrailEvent"]).encode()
    except (*BROKEN, KeyError):
        return item


def _is_insight(piece: bytes | msgspec.Raw) -> bool:
    if b"nsight" not in bytes(piece):
        return False
    try:
        members = _members.decode(piece)
    except BROKEN:
        return False
    return "insightDetails" in members or value_of(members.get("eventCategory", b"")) == "Insight"


def is_object(line: bytes) -> bool:
    """Return whether some text is one JSON object."""
    try:
        _members.decode(line)
    except BROKEN:
        return False
    return True


def _of_lines(lines: list[bytes], address: str, first: int) -> Pieces:
    items, rejects, total = list[Piece](), list[Reject](), 0
    skipped: Skipped | None = None
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            found = [piece for piece in _unfolded(line.strip()) if not _is_insight(piece)]
        except Skipped as what:
            skipped = what
        except (*BROKEN, _OddError) as error:
            total += 1
            said = str(error) if isinstance(error, _OddError) else f"not JSON: {error}"
            rejects.append(Reject(address, f"line {number + 1}", said, sample(line)))
        else:
            total += len(found)
            items.extend((number, bytes(piece)) for piece in found)
    if skipped is not None and not total:
        raise skipped
    return Pieces(items, total, rejects)


def _of_damaged(body: bytes, address: str, said: str, first: int) -> Pieces:
    items, rejects = list[Piece](), list[Reject]()
    letters = body.decode("utf-8", "surrogateescape")  # every byte comes back out as it was
    for number, (start, end, whole) in enumerate(_stretches(letters), first):
        piece = letters[start:end].encode("utf-8", "surrogateescape")
        if whole:
            items.append((number, piece))
        else:
            rejects.append(Reject(address, f"record {number + 1}", said, sample(piece)))
    return Pieces(items, len(items) + len(rejects), rejects)


def _stretches(letters: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each record begins and ends, and whether it is whole."""
    scan, tries = json.JSONDecoder().raw_decode, 0
    at = _after(letters, 0)
    while at < len(letters):
        end = _end(scan, letters, at)
        if end:
            yield at, end, True
            at = _after(letters, end)
            continue
        begin = at
        while not end:
            found = _BEGINNING.search(letters, at + 1) if tries < MOST_TRIES else None
            if found is None:
                yield begin, len(letters), False
                return
            at, tries = found.start(), tries + 1
            end = _end(scan, letters, at)
        yield begin, at, False


def _after(letters: str, at: int) -> int:
    found = _BETWEEN.match(letters, at)
    return found.end() if found else at


def _end(scan: Callable[[str, int], tuple[Any, int]], letters: str, at: int) -> int:
    try:
        return scan(letters, at)[1]
    except (ValueError, RecursionError):
        return 0

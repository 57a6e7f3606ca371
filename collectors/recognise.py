"""What an object's text is, told by its beginning: CloudTrail, an application's log, or unknown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from collectors.lenient import BROKEN
from collectors.mapping import ECS, OCSF, Mapping_

CLOUDTRAIL = "cloudtrail"

_LOOK_BYTES = 1 << 16
_LOOK_LINES = 8
_FURTHER_LINES = 100_000
"""So many lines are gone through before a text whose first lines decide nothing is given up."""

_LOOK_NAMES = 8
_WHOLE_BYTES = 1 << 24
_SIGNS = ("eventSource", "eventName", "eventVersion", "userIdentity", "eventID", "awsRegion")
_ENOUGH_SIGNS = 2
_USUAL = (b'{"Records"', b'{"Events"', b'{"eventVersion"', b'[{"eventVersion"', b'{"awsAccountId"')

_TAR, _TAR_AT = b"ustar", 257
_OTHERS = {
    b"\x28\xb5\x2f\xfd": "it is compressed with zstd; unpack it first",
    b"\x1f\x8b": "it is gzip within gzip; unpack it once",
    b"\x78\x01": "it is compressed with zlib; unpack it first",
    b"\x78\x9c": "it is compressed with zlib; unpack it first",
    b"\x78\xda": "it is compressed with zlib; unpack it first",
    b"BZh": "it is compressed with bzip2; unpack it first",
    b"\xfd7zXZ\0": "it is compressed with xz; unpack it first",
    b"PK\x03\x04": "it is a zip archive; unpack it first",
    b"\xff\xfe": "it is UTF-16; save it as UTF-8",
    b"\xfe\xff": "it is UTF-16; save it as UTF-8",
    b"\x89PNG": "it is a picture",
    b"%PDF": "it is a PDF",
    b"PAR1": "it is Parquet; export it as JSON lines",
    b"SQLite format 3": "it is a database",
}
"""How files begin that are often taken for logs, and what to do about them."""


class Format(NamedTuple):
    """What was recognised, and why.

    Attributes:
        source: ``cloudtrail``, the mapping's name, or None.
        mapping: How to read it, if it is an application's log.
        why: What it was recognised by, or what was missing.
        empty: There is nothing in it.
        alien: It is no JSON at all; no mapping would help.
    """

    source: str | None
    why: str
    mapping: Mapping_ | None = None
    empty: bool = False
    alien: bool = False


_AS_CLOUDTRAIL = Format(CLOUDTRAIL, "it begins as CloudTrail's files do")


def recognise(text: bytes, mappings: Sequence[Mapping_] = ()) -> Format:
    """Return what a text is.

    Args:
        text: The whole of it, or its beginning.
        mappings: Those the operator described; they are tried before the presets.
    """
    if text.startswith(_USUAL):
        return _AS_CLOUDTRAIL
    start = text[:_LOOK_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return Format(None, "nothing is in it", empty=True)
    if start.startswith(_USUAL):
        return _AS_CLOUDTRAIL
    if text[_TAR_AT:].startswith(_TAR):
        return Format(None, "it is a tar archive; unpack it first", alien=True)
    found = _of_records(_on_lines(start, _LOOK_LINES), mappings)
    if found.source:
        return found
    if any(map(_is_cloudtrail, _on_many_lines(text))):
        return Format(CLOUDTRAIL, "it holds CloudTrail's records, over several lines")
    found = _of_records(_on_lines(text, _FURTHER_LINES), mappings, unsigned=True)
    if found.source:
        return found
    if any(f'"{sign}"'.encode() in start for sign in ("eventSource", "userIdentity")):
        return Format(CLOUDTRAIL, "it has the words of CloudTrail's records, though damaged")
    return found if found.why else Format(None, _kind(text), alien=True)


def _of_records(
    records: Iterable[Mapping[str, Any]], mappings: Sequence[Mapping_], *, unsigned: bool = False
) -> Format:
    """Return what the first record that decides says, or what was missing.

    Args:
        records: As they stand in the text.
        mappings: Those the operator described.
        unsigned: Where no record decides, the one described mapping will do for which they only
            lack who did it, as the work of a service may.
    """
    tried, partly = "", dict[str, Mapping_]()
    for record in records:
        if _is_cloudtrail(record):
            return Format(CLOUDTRAIL, f"a record has {_named(record)}")
        for mapping in (*mappings, ECS, OCSF):
            if _fits(record, mapping.time, mapping.actor, mapping.action):
                return _as(mapping, record, mapping.time, mapping.actor, mapping.action)
        for mapping in mappings:
            if _fits(record, mapping.time, mapping.action):
                partly.setdefault(mapping.name, mapping)
        names = ", ".join(sorted(map(str, record))[:_LOOK_NAMES])
        tried = tried or f"a record has only {names or 'nothing'}"
    if not unsigned or not partly:
        return Format(None, tried)
    if len(partly) > 1:
        return Format(None, f"no record says who, and it may be any of {', '.join(partly)}")
    [mapping] = partly.values()
    return Format(mapping.name, "records have a time and an action, and none says who", mapping)


def _kind(text: bytes) -> str:
    """Return in words what a text is that holds no records, and what to do about it."""
    for start, what in _OTHERS.items():
        if text.startswith(start):
            return what
    if not text.lstrip().startswith((b"{", b"[")):
        return "it does not begin with JSON"
    try:
        msgspec.json.decode(text if len(text) <= _WHOLE_BYTES else text.lstrip().split(b"\n", 1)[0])
    except BROKEN as error:
        return f"it begins like JSON and is none: {error}"
    return "it is JSON, but no record a line: write each record on a line of its own"


def _on_lines(text: bytes, most: int) -> Iterable[Mapping[str, Any]]:
    """Yield the objects that stand on a line of their own, of the first lines."""
    start = 0
    for _ in range(most):
        end = text.find(b"\n", start)
        line = text[start : end if end >= 0 else len(text)]
        found = _decoded(line) if line.lstrip().startswith(b"{") else None
        if isinstance(found, dict):
            yield found
            yield from _inside(found)
        if end < 0:
            return
        start = end + 1


def _on_many_lines(text: bytes) -> Iterable[Mapping[str, Any]]:
    """Yield the objects in a text that is one value."""
    whole = _decoded(text) if len(text) <= _WHOLE_BYTES else None
    for item in whole[:_LOOK_LINES] if isinstance(whole, list) else [whole]:
        if isinstance(item, dict):
            yield item
            yield from _inside(item)


def _inside(found: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    detail = found.get("detail")
    if isinstance(detail, dict):
        yield detail


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except BROKEN:
        return None


def _is_cloudtrail(record: Mapping[str, Any]) -> bool:
    if any(isinstance(record.get(name), list) for name in ("Records", "Events")):
        return True
    if "digestStartTime" in record or "CloudTrailEvent" in record:
        return True
    return sum(sign in record for sign in _SIGNS) >= _ENOUGH_SIGNS


def _named(record: Mapping[str, Any]) -> str:
    found = [name for name in _SIGNS if name in record]
    return ", ".join(found or list(record)[:_LOOK_NAMES])


def _fits(record: Mapping[str, Any], *sides: Iterable[str]) -> bool:
    return all(_first(paths, record) for paths in sides)


def _as(mapping: Mapping_, record: Mapping[str, Any], *sides: Iterable[str]) -> Format:
    paths = (_first(several, record) for several in sides)
    return Format(mapping.name, f"a record has {', '.join(map(str, paths))}", mapping)


def _first(paths: Iterable[str], record: Mapping[str, Any]) -> str | None:
    return next((path for path in paths if look_up(path, record) is not None), None)


def look_up(path: str, record: Mapping[str, Any]) -> Any:
    """Return what a dotted path leads to in a record, None where it leads nowhere."""
    if path in record:
        return record[path]
    found: Any = record
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found

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
_SIDES = ("time", "actor", "action")
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
    found = _of_first(_on_lines(start, _LOOK_LINES), mappings)
    if found.source:
        return found
    if any(map(_is_cloudtrail, _on_many_lines(text))):
        return Format(CLOUDTRAIL, "it holds CloudTrail's records, over several lines")
    further = _of_further(_on_lines(text, _FURTHER_LINES), mappings)
    if further.source:
        return further
    if any(f'"{sign}"'.encode() in start for sign in ("eventSource", "userIdentity")):
        return Format(CLOUDTRAIL, "it has the words of CloudTrail's records, though damaged")
    why = further.why or found.why
    return Format(None, why) if why else Format(None, _kind(text), alien=True)


def _of_first(records: Iterable[Mapping[str, Any]], mappings: Sequence[Mapping_]) -> Format:
    """Return what the first of some records that decides says, or what was missing."""
    tried = ""
    for record in records:
        if _is_cloudtrail(record):
            return Format(CLOUDTRAIL, f"a record has {_named(record)}")
        if (mapping := _fitting(record, (*mappings, ECS, OCSF))) is not None:
            return _as(mapping, record)
        names = ", ".join(sorted(map(str, record))[:_LOOK_NAMES])
        tried = tried or f"a record has only {names or 'nothing'}"
    return Format(None, tried)


def _of_further(records: Iterable[Mapping[str, Any]], mappings: Sequence[Mapping_]) -> Format:
    """Return what all records say together where the first of them do not decide.

    One that is like another kind of log may be quoted in it, so what the operator described goes
    before what is like a preset. Where no record says who, as where a service works by itself, the
    one described log will do of which they have more than a time and an action.
    """
    preset: Format | None = None
    partly = dict[str, Mapping_]()
    for record in records:
        if _has_signs(record):
            return Format(CLOUDTRAIL, f"a record has {_named(record)}")
        if (mapping := _fitting(record, mappings)) is not None:
            return _as(mapping, record)
        if preset is None and (mapping := _fitting(record, (ECS, OCSF))) is not None:
            preset = _as(mapping, record)
        partly |= {one.name: one for one in mappings if _is_unsigned(one, record)}
    if preset is not None:
        return preset
    if len(partly) > 1:
        return Format(None, f"no record says who, and it may be any of {', '.join(partly)}")
    for mapping in partly.values():
        return Format(mapping.name, "its records have all but who did it", mapping)
    return Format(None, "")


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
    return "digestStartTime" in record or "CloudTrailEvent" in record or _has_signs(record)


def _has_signs(record: Mapping[str, Any]) -> bool:
    return sum(sign in record for sign in _SIGNS) >= _ENOUGH_SIGNS


def _named(record: Mapping[str, Any]) -> str:
    found = [name for name in _SIGNS if name in record]
    return ", ".join(found or list(record)[:_LOOK_NAMES])


def _fitting(record: Mapping[str, Any], mappings: Iterable[Mapping_]) -> Mapping_ | None:
    return next((one for one in mappings if _fits(record, one.time, one.actor, one.action)), None)


def _fits(record: Mapping[str, Any], *sides: Iterable[str]) -> bool:
    return all(_first(paths, record) for paths in sides)


def _is_unsigned(mapping: Mapping_, record: Mapping[str, Any]) -> bool:
    """Return whether a record has a time, an action and more of a described log, whoever it was."""
    more = (paths for field, paths in mapping.paths().items() if field not in _SIDES)
    return _fits(record, mapping.time, mapping.action) and any(_first(p, record) for p in more)


def _as(mapping: Mapping_, record: Mapping[str, Any]) -> Format:
    paths = (_first(several, record) for several in (mapping.time, mapping.actor, mapping.action))
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

"""What an object's text is, told by its beginning: CloudTrail, an application's log, or unknown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from collectors.lenient import BROKEN
from collectors.mapping import ECS, OCSF, Mapping_

CLOUDTRAIL = "cloudtrail"

_LOOK_BYTES = 1 << 16
_LOOK_LINES = 8
_LOOK_NAMES = 8
_WHOLE_BYTES = 1 << 24
_SIGNS = ("eventSource", "eventName", "eventVersion", "userIdentity", "eventID", "awsRegion")
_ENOUGH_SIGNS = 2
_USUAL = (b'{"Records"', b'{"Events"', b'{"eventVersion"', b'[{"eventVersion"', b'{"awsAccountId"')


class Format(NamedTuple):
    """What was recognised, and why.

    Attributes:
        source: ``cloudtrail``, the mapping's name, or None.
        mapping: How to read it, if it is an application's log.
        why: What it was recognised by, or what was missing.
        empty: There is nothing in it.
    """

    source: str | None
    why: str
    mapping: Mapping_ | None = None
    empty: bool = False


def recognise(text: bytes, mappings: Sequence[Mapping_] = ()) -> Format:
    """Return what a text is.

    Args:
        text: The whole of it, or its beginning.
        mappings: Those the operator described; they are tried before the presets.
    """
    start = text[:_LOOK_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return Format(None, "nothing is in it", empty=True)
    if start.startswith(_USUAL):
        return Format(CLOUDTRAIL, "it begins as CloudTrail's files do")
    tried = ""
    for record in _on_lines(start):
        if _is_cloudtrail(record):
            return Format(CLOUDTRAIL, f"a record has {_named(record)}")
        for mapping in (*mappings, ECS, OCSF):
            if _fits(mapping, record):
                sides = (mapping.time, mapping.actor, mapping.action)
                paths = (_first(several, record) for several in sides)
                return Format(mapping.name, f"a record has {', '.join(map(str, paths))}", mapping)
        names = ", ".join(sorted(map(str, record))[:_LOOK_NAMES])
        tried = tried or f"a record has only {names or 'nothing'}"
    if any(map(_is_cloudtrail, _on_many_lines(text))):
        return Format(CLOUDTRAIL, "it holds CloudTrail's records, over several lines")
    if any(f'"{sign}"'.encode() in start for sign in ("eventSource", "userIdentity")):
        return Format(CLOUDTRAIL, "it has the words of CloudTrail's records, though damaged")
    return Format(None, tried or "it does not begin with JSON")


def _on_lines(start: bytes) -> Iterable[Mapping[str, Any]]:
    """Yield the objects that stand on a line of their own."""
    for line in start.split(b"\n")[:_LOOK_LINES]:
        found = _decoded(line)
        if isinstance(found, dict):
            yield found
            yield from _inside(found)


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


def _fits(mapping: Mapping_, record: Mapping[str, Any]) -> bool:
    return all(_first(path, record) for path in (mapping.time, mapping.actor, mapping.action))


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

"""What an object's text is, told by its beginning: CloudTrail, an application's log, or unknown."""

from collections import Counter
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
_NAMES = ("eventTime", "eventSource", "eventName")
"""What every event of CloudTrail has; an application that likes its words has not all of these."""

_ENOUGH_ALIKE = 1_000
"""So many records that are like another kind of log make it one, though some log is described."""

_USUAL = (b'{"Records"', b'{"Events"', b'{"eventVersion"', b'[{"eventVersion"', b'{"awsAccountId"')

_RECORD = b'{"eventVersion"'
_OPENING = b'{"Records":[' + _RECORD
"""How a file of CloudTrail's begins."""

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
        mappings: Those the operator described. They are tried before the presets and before what
            is only like CloudTrail; what surely is CloudTrail is never taken for one of them.
    """
    if text.startswith(_USUAL) and (not mappings or _first_is_event(text)):
        return _AS_CLOUDTRAIL
    start = text[:_LOOK_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return Format(None, "nothing is in it", empty=True)
    is_usual = start.startswith(_USUAL)
    if is_usual and (not mappings or _goes_on_as_usual(text, start)):
        return _AS_CLOUDTRAIL
    if text[_TAR_AT:].startswith(_TAR):
        return Format(None, "it is a tar archive; unpack it first", alien=True)
    found, is_sure = _of_first(_on_lines(start, _LOOK_LINES), mappings)
    if found.source and (is_sure or not mappings):
        return found
    if any(_is_left_to_cloudtrail(one, mappings) for one in _on_many_lines(text)):
        return Format(CLOUDTRAIL, "it holds CloudTrail's records, over several lines")
    guess = _AS_CLOUDTRAIL if is_usual else found
    further = _of_further(_on_lines(text, _FURTHER_LINES), mappings, guess)
    if further.source:
        return further
    if any(f'"{sign}"'.encode() in start for sign in ("eventSource", "userIdentity")):
        return Format(CLOUDTRAIL, "it has the words of CloudTrail's records, though damaged")
    why = further.why or found.why
    return Format(None, why) if why else Format(None, _kind(text), alien=True)


class _Event(msgspec.Struct):
    eventTime: str  # noqa: N815 - CloudTrail's names
    eventSource: str  # noqa: N815
    eventName: str  # noqa: N815


_event = msgspec.json.Decoder(_Event)


def _first_is_event(text: bytes) -> bool:
    """Return whether the first record of a file as CloudTrail delivers it is surely an event.

    Only that record is decoded: what thousands of small files are must be told at once.
    """
    if not text.startswith(_OPENING):
        return False
    begin, next_one = len(_OPENING) - len(_RECORD), b"," + _RECORD
    end = text.find(next_one, begin, _LOOK_BYTES)
    record = text[begin : end if end >= 0 else _LOOK_BYTES]
    if end < 0:
        record = record.rstrip().removesuffix(b"]}")
    try:
        _event.decode(record)
    except BROKEN:
        return False
    return True


def _goes_on_as_usual(text: bytes, start: bytes) -> bool:
    """Return whether a text is one long line that begins with an event of CloudTrail."""
    named = all(f'"{name}"'.encode() in start for name in _NAMES)
    return named and len(text) > _LOOK_BYTES and b"\n" not in start


def _of_first(
    records: Iterable[Mapping[str, Any]], mappings: Sequence[Mapping_]
) -> tuple[Format, bool]:
    """Return what the first records say, or what was missing, and whether that is sure."""
    like, tried = None, ""
    for record in records:
        if (found := _sure(record, mappings)) is not None:
            return found, True
        like = like or _alike(record, is_cloudtrail=_is_cloudtrail(record))
        names = ", ".join(sorted(map(str, record))[:_LOOK_NAMES])
        tried = tried or f"a record has only {names or 'nothing'}"
    return like or Format(None, tried), False


def _of_further(
    records: Iterable[Mapping[str, Any]], mappings: Sequence[Mapping_], guess: Format
) -> Format:
    """Return what all records say together where the first of them are not sure.

    One that is like another kind of log may be quoted in it, so what the operator described goes
    before what is only like something. Where no record says who, as where a service works by
    itself, the one described log will do of which they have more than a time and an action, unless
    as many are like something else.

    Args:
        records: All of them, the first as well.
        mappings: Those the operator described.
        guess: What the first are like, if anything.
    """
    forms = {guess.source: guess} if guess.source else dict[str, Format]()
    alike, partly = Counter[str](), Counter[str]()
    for record in records:
        if (found := _sure(record, mappings)) is not None:
            return found
        like = _alike(record, is_cloudtrail=_has_signs(record) or _has_signs(_inside(record)))
        if like is not None and like.source is not None:
            forms.setdefault(like.source, like)
            alike[like.source] += 1
            if alike[like.source] >= _ENOUGH_ALIKE:
                break
        partly.update(one.name for one in mappings if _is_unsigned(one, record))
    most = max(forms, key=lambda one: (alike[one], one == CLOUDTRAIL), default="")
    if most and alike[most] >= max(partly.values(), default=0):
        return forms[most]
    if len(partly) > 1:
        return Format(None, f"no record says who, and it may be any of {', '.join(partly)}")
    for mapping in mappings:
        if mapping.name in partly:
            return Format(mapping.name, "its records have all but who did it", mapping)
    return Format(None, "")


def _sure(record: Mapping[str, Any], mappings: Sequence[Mapping_]) -> Format | None:
    """Return what a record is without doubt: CloudTrail's, or one of a described log."""
    if _is_surely_cloudtrail(record):
        return Format(CLOUDTRAIL, f"a record has {_named(record)}")
    mapping = _fitting(record, mappings)
    return None if mapping is None else _as(mapping, record)


def _alike(record: Mapping[str, Any], *, is_cloudtrail: bool) -> Format | None:
    """Return what a record is like that is of no described log; None if like nothing."""
    if is_cloudtrail:
        return Format(CLOUDTRAIL, f"a record has {_named(record)}")
    mapping = _fitting(record, (ECS, OCSF))
    return None if mapping is None else _as(mapping, record)


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
        if end < 0:
            return
        start = end + 1


def _on_many_lines(text: bytes) -> Iterable[Mapping[str, Any]]:
    """Yield the objects in a text that is one value."""
    whole = _decoded(text) if len(text) <= _WHOLE_BYTES else None
    for item in whole[:_LOOK_LINES] if isinstance(whole, list) else [whole]:
        if isinstance(item, dict):
            yield item


def _inside(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what EventBridge's envelope holds; other logs have a ``detail`` as well."""
    detail = record.get("detail")
    return detail if isinstance(detail, dict) else {}


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except BROKEN:
        return None


def _is_surely_cloudtrail(record: Mapping[str, Any]) -> bool:
    event = _inside(record) if "detail-type" in record else record
    if all(isinstance(event.get(name), str) for name in _NAMES):
        return True
    return isinstance(record.get("CloudTrailEvent"), str)


def _is_left_to_cloudtrail(record: Mapping[str, Any], mappings: Sequence[Mapping_]) -> bool:
    if _is_surely_cloudtrail(record):
        return True
    return _is_cloudtrail(record) and _fitting(record, mappings) is None


def _is_cloudtrail(record: Mapping[str, Any]) -> bool:
    """Return whether a record is like CloudTrail's, or is an envelope of such."""
    for name in ("Records", "Events"):
        held = record.get(name)
        if isinstance(held, list) and all(isinstance(one, dict) for one in held):
            return True
    if "digestStartTime" in record or "CloudTrailEvent" in record:
        return True
    return _has_signs(record) or _has_signs(_inside(record))


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

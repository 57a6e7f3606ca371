"""From the text of an object to CloudTrail records, as structs of the fields that are needed.

The usual object is decoded in one call; nested fields are left as bytes. Whatever that call
cannot take is done again piece by piece (``cloudtrail_pieces``), so that one bad record costs
itself and no other.

Source: AWS CloudTrail User Guide, "CloudTrail record contents".
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

from collectors.base import Reject
from collectors.cloudtrail_pieces import pieces
from collectors.lenient import (
    BROKEN,
    MOST_RECORD_BYTES,
    kind_of,
    mended,
    plain,
    sample,
    too_long,
    value_of,
)
from collectors.lines import line_count
from collectors.source import Decoded

EMPTY = msgspec.Raw()

BASE_FIELDS: tuple[tuple[str, Any, Any], ...] = (
    ("eventTime", str, msgspec.NODEFAULT),
    ("eventID", str, msgspec.NODEFAULT),
    ("eventSource", str, ""),
    ("eventName", str, ""),
    ("awsRegion", str, ""),
    ("sourceIPAddress", str | None, None),
    ("userAgent", str | None, None),
    ("errorCode", str | None, None),
    ("errorMessage", str | None, None),
    ("eventType", str | None, None),
    ("eventCategory", str | None, None),
    ("recipientAccountId", str | None, None),
    ("readOnly", bool | None, None),
    ("managementEvent", bool | None, None),
    ("userIdentity", msgspec.Raw, EMPTY),
    ("requestParameters", Any, None),
    ("responseElements", msgspec.Raw, EMPTY),
    ("additionalEventData", msgspec.Raw, EMPTY),
)
"""The fields every record is decoded into; rules may ask for more top-level ones."""

_REQUIRED = ("eventTime", "eventID")
_BASE_NAMES = frozenset(name for name, _, _ in BASE_FIELDS)
_FLAGS = {"true": True, "false": False}
_UTF8_BOM = b"\xef\xbb\xbf"
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_category = attrgetter("eventCategory")
_raws = msgspec.json.Decoder(list[msgspec.Raw])


class _RawEnvelope(msgspec.Struct):
    Records: list[msgspec.Raw]


_raw_envelope = msgspec.json.Decoder(_RawEnvelope)


class Decoder:
    """Turns text into records.

    Args:
        further: Top-level fields beside ``BASE_FIELDS`` that some rule looks at.
        whole: Keep each record's bytes too, as ``record.whole``: keyword rules search them.

    Attributes:
        attributes: Further field → its attribute on a record.
    """

    def __init__(self, further: Iterable[str] = (), *, whole: bool = False) -> None:
        # Attributes are numbered: a field may be called what Python would not allow.
        names = sorted(set(further) - _BASE_NAMES)
        self.attributes = {name: f"extra_{n}" for n, name in enumerate(names)}
        extra = [(attribute, msgspec.Raw, EMPTY) for attribute in self.attributes.values()]
        self.record: Any = msgspec.defstruct(
            "Record",
            [
                (name, kind) if default is msgspec.NODEFAULT else (name, kind, default)
                for name, kind, default in (*BASE_FIELDS, *extra)
            ]
            + ([("whole", msgspec.Raw, EMPTY)] if whole else []),
            rename={attribute: name for name, attribute in self.attributes.items()},
            gc=False,
            module=__name__,
        )
        self._whole = whole
        item = msgspec.Raw if whole else self.record
        envelope: Any = msgspec.defstruct("Envelope", [("Records", list[item])], module=__name__)  # type: ignore[valid-type]
        self._envelope = msgspec.json.Decoder(envelope)
        self._list = msgspec.json.Decoder(list[item])  # type: ignore[valid-type]
        self._lines = msgspec.json.Decoder(item)
        self._one = msgspec.json.Decoder(self.record)
        self._ahead: tuple[bytes, list[Any]] = (b"", [])

    def size(self, part: bytes) -> int:
        """Return how many records an array has; they are kept for when it is decoded.

        Raises:
            msgspec.MsgspecError: It is no array, or not a whole one; or another of ``BROKEN``.
        """
        try:
            records = self._quickly(part)
        except msgspec.ValidationError:
            return len(_raws.decode(part))
        self._ahead = part, records
        return len(records)

    def decode(self, text: bytes, address: str, first: int = 0) -> Decoded:
        """Return the records of an object's text, good and bad.

        Args:
            text: All of it, or some lines of it.
            address: What rejects call the object.
            first: The number of the first line, from 0.

        Raises:
            Skipped: It holds no events: a digest, Insights.
        """
        text = text.removeprefix(_UTF8_BOM)
        if len(text) > MOST_RECORD_BYTES and self._has_monster(text):
            return self._carefully(text, address, first)
        try:
            if not text.isascii():
                text.decode()  # so that nothing left as bytes turns out unreadable later
            (part, records), self._ahead = self._ahead, (b"", [])
            if part is not text:
                records = self._quickly(text)
        except BROKEN:
            return self._carefully(text, address, first)
        if "Insight" in map(_category, records):
            return self._carefully(text, address, first)
        return Decoded(records, range(first, first + len(records)), [], len(records))

    def _quickly(self, text: bytes) -> list[Any]:
        start = text[:64].lstrip()
        if start[:1] == b"[":
            found = self._list.decode(text)
        elif start.startswith(b'{"Records"'):
            found = self._envelope.decode(text).Records
        else:
            found = self._lines.decode_lines(text)
            if len(found) != line_count(text):
                raise msgspec.DecodeError("empty lines: places would be wrong")
        return [self._with_whole(raw) for raw in found] if self._whole else found

    def _has_monster(self, text: bytes) -> bool:
        """Return whether a record is too long to be decoded; nothing is copied to tell."""
        start = text[:64].lstrip()
        try:
            if start[:1] == b"[":
                found = _raws.decode(text)
            elif start.startswith(b'{"Records"'):
                found = _raw_envelope.decode(text).Records
            else:
                return max(map(len, text.split(b"\n"))) > MOST_RECORD_BYTES
        except BROKEN:
            return True
        return any(memoryview(raw).nbytes > MOST_RECORD_BYTES for raw in found)

    def _with_whole(self, raw: msgspec.Raw) -> Any:
        record: Any = self._one.decode(raw)
        record.whole = raw
        return record

    def _carefully(self, text: bytes, address: str, first: int) -> Decoded:
        items, total, rejects = pieces(text, address, first)
        records, places = list[Any](), list[int]()
        for place, piece in items:
            try:
                record = self._take(piece)
            except _NoRecordError as error:
                rejects.append(Reject(address, f"record {place + 1}", str(error), sample(piece)))
            else:
                records.append(record)
                places.append(place)
        return Decoded(records, places, rejects, total)

    def _take(self, piece: bytes) -> Any:
        """Return a record from its bytes.

        Raises:
            _NoRecordError: They are none; the text says why.
        """
        if len(piece) > MOST_RECORD_BYTES:
            raise _NoRecordError(too_long(len(piece)))
        fields = _fields(piece)
        for name in _REQUIRED:
            value = value_of(fields[name]) if name in fields else None
            if value is None or value == "":
                raise _NoRecordError(f"no {name}")
            if not isinstance(value, str):
                raise _NoRecordError(f"{name} must be a text, this is {kind_of(value)}")
        known = {
            name: _as(kind, fields[name], default)
            for name, kind, default in BASE_FIELDS
            if name in fields
        }
        further = {
            attribute: fields[name] for name, attribute in self.attributes.items() if name in fields
        }
        record = self.record(**known, **further)
        if self._whole:
            record.whole = msgspec.Raw(msgspec.json.encode(fields))
        return record


class _NoRecordError(Exception):
    """Some bytes are no record."""


def _fields(piece: bytes) -> dict[str, msgspec.Raw]:
    try:
        fields = _members.decode(_decodable(piece))
        if "detail" in fields and "eventName" not in fields:
            inner = fields["detail"]
            fields = _members.decode(inner) if b'"eventName"' in bytes(inner) else fields
    except msgspec.ValidationError:
        said = f"a record must be an object, this is {kind_of(value_of(piece))}"
        raise _NoRecordError(said) from None
    except msgspec.DecodeError as error:
        raise _NoRecordError(f"not JSON: {error}") from None
    except RecursionError:
        raise _NoRecordError("nested too deeply") from None
    return fields


def _decodable(piece: bytes) -> bytes:
    """Return a piece as it is, or mended where decoding it would fail further on."""
    try:
        piece.decode()
        msgspec.json.decode(piece)
    except BROKEN:
        return mended(piece) or piece
    return piece


def _as(kind: Any, raw: msgspec.Raw, default: Any) -> Any:
    """Return a field in the type that the struct has for it, whatever type it came in."""
    if kind is msgspec.Raw:
        return raw
    value = value_of(raw)
    if kind is Any:
        return value
    if kind == bool | None:
        return value if isinstance(value, bool) else _FLAGS.get(plain(value).lower())
    return default if value is None else plain(value)

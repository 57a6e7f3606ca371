"""From the text of an object to CloudTrail records: every shape they come in.

    {"Records": [ … ]}            as CloudTrail delivers them
    [ … ]                         an array of records
    { … }                         one record
    one record a line             JSON lines
    {"Events": [{"CloudTrailEvent": "…"}]}    what LookupEvents answers
    {"detail-type": …, "detail": { … }}       EventBridge's envelope, alone or a line each

Digest and Insight objects are recognised and no events. The usual object is decoded in one call
into a struct of the fields that are needed, nested ones left as bytes. Whatever that call cannot
take is done again record by record, so that one bad record costs itself and no other.

Source: AWS CloudTrail User Guide, "CloudTrail record contents", "CloudTrail digest file
structure"; Amazon EventBridge User Guide, "AWS service events delivered via CloudTrail".
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from collectors.base import Reject

BASE_FIELDS: tuple[tuple[str, Any, Any], ...] = (
    ("eventTime", str, ""),
    ("eventID", str, ""),
    ("eventSource", str, ""),
    ("eventName", str, ""),
    ("awsRegion", str, ""),
    ("sourceIPAddress", str | None, ""),
    ("userAgent", str | None, ""),
    ("errorCode", str | None, None),
    ("errorMessage", str | None, None),
    ("eventType", str, ""),
    ("eventCategory", str, ""),
    ("recipientAccountId", str, ""),
    ("readOnly", bool | None, None),
    ("managementEvent", bool | None, None),
    ("userIdentity", msgspec.Raw, msgspec.Raw()),
    ("requestParameters", msgspec.Raw, msgspec.Raw()),
    ("responseElements", msgspec.Raw, msgspec.Raw()),
    ("additionalEventData", msgspec.Raw, msgspec.Raw()),
)
"""The fields every record is decoded into; rules may ask for more top-level ones."""

_RAW_FIELDS = frozenset(name for name, kind, _ in BASE_FIELDS if kind is msgspec.Raw)
_SAMPLE_BYTES = 200


class Skipped(Exception):  # noqa: N818 - not an error: it is not events
    """The object is whole and holds no events; the text says what it is."""


class Decoded(NamedTuple):
    """What one object's text held.

    Attributes:
        records: Structs with ``BASE_FIELDS`` and the further fields asked for.
        places: Which record of the object each is.
        rejects: What could not be read.
        total: How many records there were.
    """

    records: list[Any]
    places: list[int]
    rejects: list[Reject]
    total: int


class Decoder:
    """Turns text into records.

    Args:
        further: Top-level fields beside ``BASE_FIELDS`` that some rule looks at.
        whole: Keep each record's bytes too, as ``record.whole``: keyword rules search them.
    """

    def __init__(self, further: Iterable[str] = (), *, whole: bool = False) -> None:
        base = {name for name, _, _ in BASE_FIELDS}
        self.further = tuple(sorted(set(further) - base))
        fields = [*BASE_FIELDS, *((name, msgspec.Raw, msgspec.Raw()) for name in self.further)]
        # Names are given by position: a field may be called what Python would not allow.
        renamed = {f"extra_{n}": name for n, name in enumerate(self.further)}
        spelled = {name: attribute for attribute, name in renamed.items()}
        self.record: Any = msgspec.defstruct(
            "Record",
            [(spelled.get(name, name), kind, default) for name, kind, default in fields]
            + ([("whole", msgspec.Raw, msgspec.Raw())] if whole else []),
            rename=renamed,
            gc=False,
            module=__name__,
        )
        self.attributes = spelled
        self._whole = whole
        item = msgspec.Raw if whole else self.record
        envelope = msgspec.defstruct("Envelope", [("Records", list[item])], module=__name__)  # type: ignore[valid-type]
        self._envelope = msgspec.json.Decoder(envelope)
        self._list = msgspec.json.Decoder(list[item])  # type: ignore[valid-type]
        self._one = msgspec.json.Decoder(self.record)

    def decode(self, text: bytes, address: str) -> Decoded:
        """Return the records of an object's text, good and bad.

        Raises:
            Skipped: It is a digest or an Insight object.
        """
        try:
            records = self._quickly(text)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self._carefully(text, address)
        if all(r.eventTime and r.eventID for r in records):
            return Decoded(records, list(range(len(records))), [], len(records))
        return self._carefully(text, address)

    def _quickly(self, text: bytes) -> list[Any]:
        start = text[:64].lstrip()
        if start[:1] == b"[":
            found = self._list.decode(text)
        elif start.startswith(b'{"Records"'):
            found = self._envelope.decode(text).Records
        else:
            raise msgspec.DecodeError("not one of the usual shapes")
        return [self._with_whole(raw) for raw in found] if self._whole else found

    def _with_whole(self, raw: msgspec.Raw) -> Any:
        record = self._one.decode(raw)
        record.whole = raw
        return record

    def _carefully(self, text: bytes, address: str) -> Decoded:
        items, total, rejects = pieces(text, address)
        records, places = list[Any](), list[int]()
        for place, piece in items:
            record = self._take(piece)
            if isinstance(record, str):
                rejects.append(
                    Reject(address, f"record {place}", record, sample(msgspec.json.encode(piece)))
                )
            else:
                records.append(record)
                places.append(place)
        return Decoded(records, places, rejects, total)

    def _take(self, piece: Any) -> Any:
        """Return a record of any decoded value, or the reason why it is none."""
        if not isinstance(piece, dict):
            return f"a record must be an object, this is {_kind(piece)}"
        if isinstance(piece.get("detail"), dict) and "eventName" in piece["detail"]:
            piece = piece["detail"]
        for name in ("eventTime", "eventID"):
            if not isinstance(piece.get(name), str) or not piece[name].strip():
                return f"no {name}"
        fields = dict[str, Any]()
        for name, kind, _ in BASE_FIELDS:
            if name not in piece:
                continue
            value = piece[name]
            if kind is msgspec.Raw:
                fields[name] = msgspec.Raw(msgspec.json.encode(value))
            elif kind == bool | None:
                fields[name] = value if isinstance(value, bool) else None
            elif value is not None or kind != str:  # noqa: E721 - the table holds types
                plain = isinstance(value, str | int | float) or value is None
                fields[name] = (
                    value
                    if isinstance(value, str | None)
                    else (str(value) if plain else msgspec.json.encode(value).decode())
                )
        for name in self.further:
            if name in piece:
                fields[self.attributes[name]] = msgspec.Raw(msgspec.json.encode(piece[name]))
        record = self.record(**fields)
        if self._whole:
            record.whole = msgspec.Raw(msgspec.json.encode(piece))
        return record


def pieces(text: bytes, address: str) -> tuple[list[tuple[int, Any]], int, list[Reject]]:
    """Return the JSON values in a text that may be damaged, whatever its shape.

    Returns:
        Pairs of place and decoded record; how many records there were; what is no JSON.

    Raises:
        Skipped: The text is a digest, an Insight object, or empty.
    """
    stripped = text.strip()
    if not stripped:
        raise Skipped("empty")
    try:
        whole = msgspec.json.decode(stripped)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        said = str(error)
    else:
        return _of_one(whole)
    first, _, rest = stripped.partition(b"\n")
    if rest and _parses(first):
        return _of_lines(text, address)
    if len(stripped.splitlines()) > 1 and any(_parses(line) for line in stripped.splitlines()[:8]):
        return _of_lines(text, address)
    return _of_broken(stripped, address, said)


def _of_one(whole: Any) -> tuple[list[tuple[int, Any]], int, list[Reject]]:
    if isinstance(whole, dict):
        if "digestStartTime" in whole and "logFiles" in whole:
            raise Skipped("CloudTrail digest")
        if isinstance(whole.get("Records"), list):
            found = whole["Records"]
        elif isinstance(whole.get("Events"), list):
            found = [_looked_up(item) for item in whole["Events"]]
        else:
            found = [whole]
    elif isinstance(whole, list):
        found = whole
    else:
        found = [whole]
    insights = [
        isinstance(item, dict)
        and (item.get("eventCategory") == "Insight" or "insightDetails" in item)
        for item in found
    ]
    if insights and all(insights):
        raise Skipped("CloudTrail Insights")
    kept = [(n, item) for n, item in enumerate(found) if not insights[n]]
    return kept, len(kept), []


def _looked_up(item: Any) -> Any:
    inside = item.get("CloudTrailEvent") if isinstance(item, dict) else None
    if not isinstance(inside, str):
        return item
    try:
        return msgspec.json.decode(inside)
    except msgspec.MsgspecError:
        return inside


def _of_lines(text: bytes, address: str) -> tuple[list[tuple[int, Any]], int, list[Reject]]:
    items, rejects, total = list[tuple[int, Any]](), list[Reject](), 0
    for number, line in enumerate(text.splitlines()):
        if not line.strip():
            continue
        total += 1
        try:
            items.append((number, msgspec.json.decode(line)))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            rejects.append(
                Reject(address, f"line {number + 1}", f"not JSON: {error}", sample(line))
            )
    return items, total, rejects


def _of_broken(
    text: bytes, address: str, said: str
) -> tuple[list[tuple[int, Any]], int, list[Reject]]:
    """Read the whole records that stand before the damage."""
    letters = text.decode("utf-8", "replace")
    start = letters.find("[") + 1 if letters.startswith(('{"Records"', "[")) else 0
    items, scan, at = list[tuple[int, Any]](), json.JSONDecoder().raw_decode, start
    try:
        while at < len(letters):
            while at < len(letters) and letters[at] in " \t\r\n,":
                at += 1
            value, at = scan(letters, at)
            items.append((len(items), value))
    except (ValueError, RecursionError):
        pass  # here is the damage; what follows it cannot be told apart
    place = f"record {len(items)}" if items else f"byte {len(letters[:at].encode())}"
    reject = Reject(address, place, f"not JSON: {said}", sample(text[at : at + _SAMPLE_BYTES]))
    return items, len(items) + 1, [reject]


def _parses(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def sample(text: bytes) -> str:
    """Return the beginning of something unreadable, printable."""
    letters = text[:_SAMPLE_BYTES].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in letters)


def _kind(value: Any) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (str, "a text"),
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (list, "an array"),
    )
    return next((word for kind, word in kinds if isinstance(value, kind)), "null")


Lazily = Callable[[int], dict[str, Any]]

"""Raw records again, byte for byte as their source wrote them: cut out of the object they lie in.

An event says where its record lies: an object, and which record or line of it
(:class:`tocsin.model.events.RawRef`). Here the object is fetched and exactly the record's bytes
are returned. The event's id decides whether they are the right ones: where another record stands at
that place, because the object was written anew, the record is looked for elsewhere in it. A record
of an application's log may have no id; there the id that was made of its bytes decides
(``raw_lines``).

Source: RFC 8259 (JSON), section 2: what stands around a value is none of it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from collectors.base import Needs, SourceObject
from collectors.cloudtrail_fields import NAME as CLOUDTRAIL
from collectors.cloudtrail_pieces import cuts
from collectors.files import fetch
from collectors.lenient import BROKEN, value_of
from collectors.raw_lines import GONE, MOVED, Lines
from collectors.reading import Fetched, Trouble
from collectors.s3 import S3, S3Settings, parse_s3_url
from collectors.unpack import CAP_BYTES, Unreadable, unpack
from tocsin.errors import CollectError
from tocsin.geo import Geo
from tocsin.model.events import RawRef

_BOM = b"\xef\xbb\xbf"
_KEPT = re.compile(r"(?:^|/)[0-9a-f]{2}/([0-9a-f]{64})\.raw$")
"""How copies of raw objects are named; see ``collectors.keep``."""

BY_PLACE = "the record does not hold its id: taken by its place in the object"
"""What earlier versions said of a record that nothing but its place told apart."""

_IDS = ("eventID", "EventId", "id")
_INSIDE = ("detail", "CloudTrailEvent")
"""Where CloudTrail records lie in the envelopes of EventBridge and LookupEvents."""


class Wanted(NamedTuple):
    """An event whose record is wanted.

    Attributes:
        event_id: The event's id.
        source: ``event.source``.
        raw: Where its record lies.
    """

    event_id: str
    source: str
    raw: RawRef


class Found(NamedTuple):
    """What there is of it.

    Attributes:
        wanted: What was asked for.
        state: ``captured``; or ``missing``, ``denied``, ``broken``, ``unreachable``, ``changed``
            (the object is there, and this record is not in it any more).
        why: What a person has to know about it, in words; "" when there is nothing.
        content: The record's bytes; empty unless captured.
        text_sha256: SHA-256 of the whole object, inflated, as CloudTrail's digests have it; "" if
            it could not be read.
    """

    wanted: Wanted
    state: str
    why: str = ""
    content: bytes = b""
    text_sha256: str = ""


class RawRecords:
    """Fetches raw records from files and buckets."""

    def __init__(self, buckets: Iterable[S3Settings] = (), max_bytes: int = CAP_BYTES) -> None:
        """Prepare to read.

        Args:
            buckets: How the configured buckets are reached; others are asked with what the
                environment gives.
            max_bytes: Cap on an object's text.
        """
        self._buckets = {one.bucket: S3(one, Needs(), Geo()) for one in buckets}
        self._max_bytes = max_bytes

    def find(self, wanted: Iterable[Wanted]) -> Iterator[Found]:
        """Yield what there is of each record, object by object; every object is fetched once."""
        by_object = dict[str, list[Wanted]]()
        for one in wanted:
            by_object.setdefault(one.raw.object, []).append(one)
        for address, group in by_object.items():
            yield from self._of_object(address, group)

    def _of_object(self, address: str, group: list[Wanted]) -> Iterator[Found]:
        try:
            fetched = self._fetch(address)
        except CollectError as error:
            yield from (Found(one, "unreachable", str(error)) for one in group)
            return
        if isinstance(fetched.stored, Trouble):
            yield from (Found(one, fetched.stored.state, fetched.stored.reason) for one in group)
            return
        said = ""
        try:
            text = unpack(fetched.stored, self._max_bytes)
        except Unreadable as error:
            text, said = error.text, f"the object is damaged: {error}"
            if not text:
                yield from (Found(one, "broken", said) for one in group)
                return
        kept = _KEPT.search(address)
        if kept and sha256(fetched.stored).hexdigest() != kept[1]:
            said = "the kept copy was changed: its SHA-256 is not its name"
        digest = sha256(text).hexdigest()
        for one, content, why in _cut(text.removeprefix(_BOM), group):
            state = "captured" if content else "changed"
            yield Found(one, state, "; ".join(filter(None, (why, said))), content, digest)

    def _fetch(self, address: str) -> Fetched:
        if not address.startswith("s3://"):
            return fetch(SourceObject(address, ""), self._max_bytes)
        bucket, _ = parse_s3_url(address)
        if bucket not in self._buckets:
            self._buckets[bucket] = S3(S3Settings(bucket=bucket), Needs(), Geo())
        return self._buckets[bucket].fetch(SourceObject(address, ""))


def _cut(text: bytes, group: Sequence[Wanted]) -> Iterator[tuple[Wanted, bytes, str]]:
    of_trail = [one for one in group if one.source == CLOUDTRAIL]
    if of_trail:
        yield from _by_id(text, of_trail)
    others = [one for one in group if one.source != CLOUDTRAIL]
    if others:
        lines = Lines(text, {one.event_id for one in others})
        for one in others:
            yield one, *lines.find(one.event_id, one.raw.place)


def _by_id(text: bytes, group: Sequence[Wanted]) -> Iterator[tuple[Wanted, bytes, str]]:
    at_place = dict[int, list[bytes]]()
    for place, piece in cuts(text):
        at_place.setdefault(place, []).append(piece)
    by_id: dict[str, bytes] | None = None
    for one in group:
        here = [p for p in at_place.get(one.raw.place, []) if event_id(p) == one.event_id]
        if here:
            yield one, here[0], ""
            continue
        if by_id is None:
            by_id = {event_id(piece): piece for pieces in at_place.values() for piece in pieces}
        if one.event_id in by_id:
            yield one, by_id[one.event_id], MOVED
        else:
            yield one, b"", GONE


def event_id(record: bytes) -> str:
    """Return the id a raw record gives itself, also inside an envelope; "" for none."""
    try:
        value = value_of(record)
        for _ in range(2):
            if not isinstance(value, dict):
                return ""
            inner = next((value[name] for name in _INSIDE if name in value), None)
            if inner is None or "eventID" in value:
                break
            value = value_of(inner.encode()) if isinstance(inner, str) else inner
    except (*BROKEN, UnicodeEncodeError):  # the envelope may be whole, and what lies in it not
        return ""
    if not isinstance(value, dict):
        return ""
    return next((str(value[name]) for name in _IDS if name in value), "")

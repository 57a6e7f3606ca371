"""What a source holds and what of it could not be read: the words of collectors and ledger."""

from typing import NamedTuple


class SourceObject(NamedTuple):
    """One thing a source keeps: a file, an object in a bucket.

    Attributes:
        address: Path, or ``s3://bucket/key``.
        version: What changes when the content does: an ETag, or size and time of a file.
        size: Bytes as stored; 0 when not known.
    """

    address: str
    version: str
    size: int = 0


class Reject(NamedTuple):
    """Something that could not be read: kept, counted, shown.

    Attributes:
        address: The object it lies in.
        place: Where in it: ``record 3``, ``line 17`` (from 1), ``byte 2048``, or "" for all of it.
        reason: What is wrong, in words.
        sample: Its first bytes, so that a person can look; "" for a whole object.
    """

    address: str
    place: str
    reason: str
    sample: str = ""

"""Copies within S3, seen as what they are besides: reads of what was copied.

A copy has two ends, and its event is about the one that was written. What it read may be a
customer's, wherever the copy went: the data map is asked about it as if it had been fetched, so
whoever maps a bucket's reads need not think of copies. Where the record does not name what was
read, it may have been anything there is in S3.

Pure.

Source: Amazon S3 API Reference, "CopyObject": it needs the right to read the source object.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tocsin.model.columns import ABSENT, Columns, Int32s, Interner

COPIES = ("CopyObject", "UploadPartCopy")
READ = "GetObject"
"""What a copy does to what it is made of, as the data map calls it."""

S3, EXPRESS = "s3", "s3express"
BUCKETS = frozenset({S3, EXPRESS})
"""AWS's services whose actions are done in a bucket."""

_IN_ACCESS_POINT = "/object/"
_EXPRESS_BUCKET = "--x-s3"


def reads(events: Columns) -> Columns:
    """Return the copies among events, each as a read of what it copied; not how much that was.

    The bytes that a copy's record counts are those of its answer.
    """
    found = events.take(rows(events))
    read = [(READ, *place_of(word)) for word in found.word["copied_from"]]
    codes = found.code["copied_from"]
    made = {
        field: _numbered([one[place] for one in read], codes)
        for place, field in enumerate(("action", "service", "resource", "object"))
    }
    return replace(
        found,
        word={**found.word, **{field: words for field, (words, _) in made.items()}},
        code={**found.code, **{field: numbers for field, (_, numbers) in made.items()}},
        number={**found.number, "bytes": np.full(len(found), ABSENT)},
    )


def rows(events: Columns) -> npt.NDArray[np.intp]:
    """Return which events are copies, in the order of ``reads``."""
    copying = events.rows_with("action", COPIES) & events.rows_with("service", BUCKETS)
    return np.flatnonzero(copying & events.rows_with("source", ("cloudtrail",)))


def place_of(copied_from: str) -> tuple[str, str, str]:
    """Return service, resource and object of what an event's ``copied_from`` names."""
    between = _IN_ACCESS_POINT if copied_from.startswith("arn:") else "/"
    resource, _, name = copied_from.partition(between)
    return EXPRESS if resource.endswith(_EXPRESS_BUCKET) else S3, resource, name


def _numbered(words: Iterable[str], codes: Int32s) -> tuple[list[str], Int32s]:
    """Return words once each, and codes that referred to them as they were."""
    numbers = Interner()
    table = np.fromiter((numbers[word] for word in words), np.int32)
    return list(numbers), table[codes]

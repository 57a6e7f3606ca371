"""How many bytes a CloudTrail data event moved.

Source: Amazon S3 User Guide, "Amazon S3 CloudTrail events" (bytesTransferredIn,
bytesTransferredOut).
"""

from typing import Any

import msgspec

from collectors.lenient import BROKEN
from tocsin.model.columns import ABSENT

_MOST_BYTES = 1 << 62
_NUMBERS = (int, float)  # older records have 375.0


class Moved(msgspec.Struct, gc=False):
    """What ``additionalEventData`` says of bytes."""

    into: Any = msgspec.field(default=0, name="bytesTransferredIn")
    out: Any = msgspec.field(default=None, name="bytesTransferredOut")


_moved = msgspec.json.Decoder(Moved | None)


def bytes_moved(additional: msgspec.Raw) -> int:
    """Return how many bytes moved by ``additionalEventData``; ABSENT where it does not say."""
    if not memoryview(additional).nbytes:
        return ABSENT
    try:
        found = _moved.decode(additional)
    except BROKEN:
        return ABSENT  # no count is no reason to lose the event
    if found is None or type(found.into) not in _NUMBERS or type(found.out) not in _NUMBERS:
        return ABSENT
    moved = found.into + found.out
    return int(moved) if 0 <= moved < _MOST_BYTES else ABSENT

"""Ids of events that are not the record's own id as it stands.

Of a record that has none it is made of its bytes: the same whenever the object is read again, and
of equal lines in one object each has its own. One that is no UUID may be another log's as well, as
where both count from 1: it is qualified by the name of the log's mapping.
"""

from hashlib import blake2b
from uuid import UUID


def digest_of(line: bytes) -> bytes:
    """Return what tells a record's line from others."""
    return blake2b(line.strip(), digest_size=16).digest()


def made_id(digest: bytes, before: int) -> str:
    """Return the id of a record.

    Args:
        digest: Of its line.
        before: How many equal lines stand before it in its object.
    """
    return str(UUID(bytes=blake2b(digest + before.to_bytes(8, "big"), digest_size=16).digest()))


def qualified(log: str, own: str) -> str:
    """Return the id of an event whose record's own id is no UUID."""
    return f"{log}:{own}"


def own_id(log: str, event_id: str) -> str:
    """Return the record's own id; as it is where it was not qualified."""
    return event_id.removeprefix(f"{log}:")

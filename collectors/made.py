"""Ids of records that have none of their own: made of their bytes.

The same whenever the object is read again; of equal lines in one object each has its own.
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

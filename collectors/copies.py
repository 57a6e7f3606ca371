"""What a copy within S3 was made of: the object that was read, beside the one that was written.

CloudTrail writes one record of a copy, about where it was copied to. What was read stands in its
request alone, as it was sent: ``bucket/key`` in percent-encoding, perhaps with a slash before it
and a version behind it, or through an access point its ARN with ``/object/key`` behind it.

Source: Amazon S3 API Reference, "CopyObject" and "UploadPartCopy" (x-amz-copy-source).
"""

from typing import Any
from urllib.parse import unquote

ACTIONS = frozenset({"CopyObject", "UploadPartCopy"})
"""Actions that read one object and write another."""

_PARAMETER = "x-amz-copy-source"
_VERSION = "?versionId="


def copied_from(asked: Any) -> str:
    """Return what the decoded ``requestParameters`` of a copy name as read; "" for nothing."""
    given = asked.get(_PARAMETER) if isinstance(asked, dict) else None
    if not isinstance(given, str):
        return ""
    return unquote(given.partition(_VERSION)[0]).removeprefix("/")

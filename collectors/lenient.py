"""JSON that may be anything: decoded without ever failing, and said in words.

Source: RFC 8259 (JSON).
"""

import json
from typing import Any

import msgspec

SAMPLE_BYTES = 200

BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding text that is no JSON raises."""

_KINDS: tuple[tuple[type, str], ...] = (
    (str, "a text"),
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (list, "an array"),
    (dict, "an object"),
)


def value_of(raw: bytes | msgspec.Raw) -> Any:
    """Return what some JSON stands for; where it cannot be decoded, its own text.

    None stands for no bytes at all, which is what an absent field leaves.
    """
    try:
        return msgspec.json.decode(raw) if memoryview(raw).nbytes else None
    except BROKEN:
        letters = bytes(raw).decode("utf-8", "replace")
    try:
        return json.loads(letters)  # takes numbers that fit no machine word
    except (ValueError, RecursionError):
        return letters


def plain(value: Any) -> str:
    """Return a value as text: a text itself, null as "", anything else as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return msgspec.json.encode(value).decode()
    except (OverflowError, RecursionError):
        return str(value)  # a number of more than 64 bits


def kind_of(value: Any) -> str:
    """Return in words what sort of JSON value this is."""
    return next((word for kind, word in _KINDS if isinstance(value, kind)), "null")


def sample(text: bytes) -> str:
    """Return the beginning of something unreadable, printable."""
    letters = text[:SAMPLE_BYTES].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in letters)

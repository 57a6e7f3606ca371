"""JSON that may be anything: decoded without ever failing, and said in words.

Source: RFC 8259 (JSON).
"""

import json
import math
import re
from typing import Any

import msgspec

SAMPLE_BYTES = 200

MOST_RECORD_BYTES = 16 << 20
"""How long one record may be. CloudTrail's own are below 1 MiB; a longer one would cost many times
its size, and hours of looking at it."""

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

_HALF = re.compile("[\ud800-\udfff]")
"""Half a pair of surrogates: a character it is none."""


def mended(text: bytes) -> bytes | None:
    """Return JSON that can be decoded and says the same; None for what is no JSON at all.

    An act must not go unseen because its record holds a byte that is no UTF-8, half a character or
    a number that JSON does not know: those become U+FFFD and null.
    """
    try:
        value = json.loads(
            text.decode("utf-8", "replace"), parse_constant=lambda _: None, parse_float=_float
        )
        letters = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", letters).encode()


def _float(letters: str) -> float | str:
    value = float(letters)
    return value if math.isfinite(value) else letters


def too_long(size: int) -> str:
    """Return what is wrong with a record of so many bytes."""
    return f"{size:,} bytes; a record has at most {MOST_RECORD_BYTES:,}"


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

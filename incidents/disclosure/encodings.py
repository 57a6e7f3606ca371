"""Bytes that a text hides: base64, wrapped or part of something longer, and hex; gzip inside.

What is found there is only searched, so what decodes to something by chance does no harm.

Source: RFC 4648 (base64, base64url, hex); RFC 2397 (data URLs); RFC 7617 (Basic); RFC 7519 (JWT);
RFC 1952 (gzip); RFC 1950 (zlib).
"""

import base64
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

_LEAST, _LEAST_PADDED = 12, 8
_REMEMBERED = 10_000
_MOST_INFLATED = 16 << 20
_RUN = re.compile(r"[A-Za-z0-9+/_-]{7,}={0,2}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+={0,2})*")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9A-Fa-f]{2}){6,})(?![0-9A-Za-z])")
_URL_SAFE = str.maketrans("-_", "+/")
_SPACES = re.compile(r"\s+")
_MAGIC = (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNUSED = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_WIDE = 0.3
"""From so many zero bytes at every second place on, a text is UTF-16."""


def hidden(text: str) -> tuple[bytes, ...]:
    """Return what may be bytes of a text within a text, decoded."""
    return _remembered(text) if len(text) <= _REMEMBERED else tuple(_hidden(text))


def inflated(content: bytes) -> bytes:
    """Return what was compressed; as it stands where it was not."""
    if not content.startswith(_MAGIC):
        return content
    try:
        # Both kinds of head; what is cut short is given as far as it goes.
        return zlib.decompressobj(32 + zlib.MAX_WBITS).decompress(content, _MOST_INFLATED)
    except zlib.error:
        return content


def wide(content: bytes) -> str:
    """Return the encoding of a text that has no mark of its own: UTF-16 or UTF-8."""
    head = content[:1000]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > _WIDE * len(head) / 2 and not head[1 - first :: 2].count(0):
            return name
    return "utf-8"


@lru_cache(maxsize=4096)
def _remembered(text: str) -> tuple[bytes, ...]:
    return tuple(_hidden(text))


def _hidden(text: str) -> Iterator[bytes]:
    for found in _HEX.finditer(text):
        yield from _telling(bytes.fromhex(found[1]))
    for run in _RUN.finditer(text):
        whole = _SPACES.sub("", run[0])
        # A path before it, or lines that are no part of it, would shift every letter.
        parts = dict.fromkeys((whole, *_SPACES.split(run[0]), *whole.split("/")))
        for part in parts:
            bare = part.rstrip("=")
            if len(bare) >= _LEAST or (bare != part and len(part) >= _LEAST_PADDED):
                yield from _telling(_decoded(bare))


def _decoded(bare: str) -> bytes:
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]  # one letter is no byte
    try:
        return base64.b64decode(bare.translate(_URL_SAFE) + "==")
    except ValueError:
        return b""


def _telling(content: bytes) -> Iterator[bytes]:
    """Yield bytes if they may be a text, or compressed."""
    if content.startswith(_MAGIC):
        if (inside := inflated(content)) is not content:
            yield inside
    elif wide(content) != "utf-8":
        yield content
    elif content and not _CONTROLS.search(content):
        try:
            content.decode()
        except ValueError:
            if _UNUSED.search(content):  # of no text of Western Europe either
                return
        yield content

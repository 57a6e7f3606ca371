"""From the bytes of an object to its text: gunzip with a cap.

Whatever the name says, the first two bytes decide whether something is gzip. Members may be
concatenated (RFC 1952, section 2.2). Inflating stops at the cap, so that a bomb costs its cap and
no more.

Source: RFC 1952 (GZIP file format).
"""

from typing import Any

from isal import igzip_lib

GZIP = b"\x1f\x8b"
CAP_BYTES = 1024**3
"""Default for ``max_bytes``: how large an object may be once inflated."""

PIECE_BYTES = 1 << 12
"""How much of a further member is fed at first."""

_STEP = 256
_DAMAGED: type[Exception] = igzip_lib.error  # type: ignore[assignment] # the stub says instance


class Unreadable(Exception):  # noqa: N818 - it says what the object is
    """An object cannot be turned into text.

    Attributes:
        place: The byte of the stored object at which it became clear.
        text: What could be inflated before that; whole records in it are good.
    """

    def __init__(self, reason: str, *, place: str, text: bytes = b"") -> None:
        super().__init__(reason)
        self.place = place
        self.text = text


def unpack(stored: bytes, max_bytes: int = CAP_BYTES) -> bytes:
    """Return the text of an object as it is stored, gzip or not.

    Args:
        stored: The whole object.
        max_bytes: Cap on the text.

    Raises:
        Unreadable: Truncated, damaged or over the cap; ``text`` is what came before.
    """
    if stored[:2] != GZIP:
        if len(stored) > max_bytes:
            raise Unreadable(_over(max_bytes), place=f"byte {max_bytes}")
        return stored
    parts, total, at = list[bytes](), 0, 0
    end = len(stored.rstrip(b"\0"))  # zeros after the last member are padding
    while at < end:
        if stored[at : at + 2] != GZIP:
            raise Unreadable(
                "something that is not gzip follows the gzip stream",
                place=f"byte {at}",
                text=b"".join(parts),
            )
        member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        inflate = in_pieces if at else _inflated
        try:
            part, fed = inflate(member, memoryview(stored)[at:], max_bytes - total + 1)
        except _DAMAGED as error:
            parts.append(_before_damage(memoryview(stored)[at:], max_bytes - total))
            raise Unreadable(
                f"damaged gzip: {error}", place=f"byte {at}", text=b"".join(parts)
            ) from None
        total += len(part)
        if total > max_bytes:
            raise Unreadable(_over(max_bytes), place=f"byte {at}")
        parts.append(part)
        if not member.eof:
            raise Unreadable(
                "truncated gzip: the stream ends before its end mark",
                place=f"byte {len(stored)}",
                text=b"".join(parts),
            )
        at += fed - len(member.unused_data)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _inflated(member: Any, stored: memoryview, most: int) -> tuple[bytes, int]:
    """Return what the first member holds, at most so many bytes of it, and how much was fed.

    Usually it is the only one. Its last four bytes say how large it is, modulo 2^32 (RFC 1952,
    section 2.3.1). Asked for that much, the library makes room once, which halves the time; it is
    asked on if that was not true.
    """
    said = int.from_bytes(stored[-4:], "little") + 1
    text: bytes = member.decompress(stored, min(said, most))
    if len(text) == said < most and not member.eof:
        text += member.decompress(b"", most - said)
    return text, len(stored)


def in_pieces(member: Any, stored: memoryview, most: int) -> tuple[bytes, int]:
    """Return what a further member holds, at most so many bytes of it, and how much was fed.

    The library copies whatever is fed beyond a member's end. Pieces begin small and double, so
    that this is never more than the member and one small piece: time stays linear in the object.
    """
    parts, size, fed, piece = list[bytes](), 0, 0, PIECE_BYTES
    while fed < len(stored) and size < most and not member.eof:
        fresh = stored[fed : fed + piece]
        part: bytes = member.decompress(fresh, most - size)
        parts.append(part)
        size, fed, piece = size + len(part), fed + len(fresh), piece * 2
    return b"".join(parts), fed


def _before_damage(stored: memoryview, max_bytes: int) -> bytes:
    """Return what a damaged member holds before the damage."""
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    found = bytearray()
    try:
        for at in range(0, len(stored), _STEP):
            found += member.decompress(stored[at : at + _STEP])
            if member.eof or len(found) > max_bytes:
                break
    except _DAMAGED:
        pass  # here it is
    return bytes(found)


def _over(max_bytes: int) -> str:
    return (
        f"more than {max_bytes:,} bytes once inflated; "
        "raise max_object_bytes if the object is honest"
    )

"""Merkle trees: one hash that stands for a list, and short proofs that something is in it.

With the root signed, a single entry or record can be shown and proved while all others stay
closed.

Source: RFC 9162 (Certificate Transparency 2.0), sections 2.1.1 and 2.1.3.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256


def leaf(content: bytes) -> bytes:
    """Return the hash of one leaf."""
    return sha256(b"\0" + content).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes, in their order; of none the hash of nothing."""
    peaks = list[tuple[int, bytes]]()  # complete trees from left to right, each smaller
    for one in leaves:
        size, node = 1, one
        while peaks and peaks[-1][0] == size:
            node = _node(peaks.pop()[1], node)
            size *= 2
        peaks.append((size, node))
    if not peaks:
        return sha256(b"").digest()
    _, node = peaks.pop()
    while peaks:
        node = _node(peaks.pop()[1], node)
    return node


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from one leaf to the root, from below."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*proof(leaves[:split], index), root(leaves[split:])]
    return [*proof(leaves[split:], index - split), root(leaves[:split])]


def sides(index: int, size: int) -> list[str]:
    """Return for each hash of a proof where it stands: ``L`` before ours, ``R`` behind it."""
    if size == 1:
        return []
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return [*sides(index, split), "R"]
    return [*sides(index - split, size - split), "L"]


def root_of(one: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its proof lead to, or None where they cannot fit.

    Args:
        one: Hash of the leaf.
        index: Its place, from 0.
        size: How many leaves there are.
        path: As :func:`proof` returns it.
    """
    where = sides(index, size) if 0 <= index < size else []
    if not 0 <= index < size or len(where) != len(path):
        return None
    node = one
    for side, beside in zip(where, path, strict=True):
        node = _node(beside, node) if side == "L" else _node(node, beside)
    return node


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()

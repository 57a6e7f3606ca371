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


def root_of(one: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its proof lead to, or None where they cannot fit.

    Args:
        one: Hash of the leaf.
        index: Its place, from 0.
        size: How many leaves there are.
        path: As :func:`proof` returns it.
    """
    if not 0 <= index < size:
        return None
    at, last, node = index, size - 1, one
    for beside in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            node = _node(beside, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, beside)
        at, last = at >> 1, last >> 1
    return node if last == 0 else None


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()

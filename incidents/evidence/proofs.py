"""Proofs in a customer's bundle: from one leaf of the ledger's tree to the root that is signed.

A line a level, from below: on which side of ours the other hash stands, ``L`` or ``R``, and that
hash. ``proofs/N.txt`` is of an entry that the bundle shows. ``earlier/N.txt`` is of a state of the
ledger that the customer had from us earlier, in a notice or another bundle: its entry N is not
shown, only its hash, on the first line behind an ``E``.

Source: RFC 9162, section 2.1.3.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from incidents.evidence.contents import Contents, Unreadable
from tocsin.errors import LedgerError
from tocsin.ledger import Checkpoint, merkle
from tocsin.ledger.checkpoints import Statement

_LINE = re.compile(r"([LR]) ([0-9a-f]{64})")
_EARLIER = re.compile(r"earlier/([1-9][0-9]{0,14})\.txt")
_HASH = re.compile(r"E ([0-9a-f]{64})")


def must_hold(earlier: Iterable[Checkpoint], hashes: Sequence[str]) -> None:
    """Return if a ledger still holds every state that was told outside.

    Args:
        earlier: The states.
        hashes: Of the ledger's entries, from the first.

    Raises:
        LedgerError: It does not; it was altered or cut off since.
    """
    for one in earlier:
        if hashes[one.number - 1 : one.number] != [one.entry_hash]:
            raise LedgerError(
                f"entry {one.number} is not the one that a notice or a bundle named: "
                "the ledger was altered or cut off since",
                hint="Stop the service and copy the database; compare it with a backup.",
            )


def files_of(
    tree: Sequence[bytes], shown: Iterable[int], earlier: Iterable[Checkpoint]
) -> dict[str, bytes]:
    """Return path → content.

    Args:
        tree: Hashes of the leaves, from the first entry to the checkpoint.
        shown: Numbers of the entries that the bundle shows.
        earlier: States that were told before; the checkpoint itself needs no proof.
    """
    files = {f"proofs/{number}.txt": _proof(tree, number).encode() for number in shown}
    for one in earlier:
        if one.number < len(tree):
            said = f"E {one.entry_hash}\n{_proof(tree, one.number)}"
            files[f"earlier/{one.number}.txt"] = said.encode()
    return files


def proved(files: Contents) -> dict[int, str]:
    """Return number → hash of the earlier states; :func:`faults` says whether they are proved."""
    found = dict[int, str]()
    for name in files.names:
        well = _EARLIER.fullmatch(name)
        if well is not None:
            first = _HASH.fullmatch((files.text(name).splitlines() or [""])[0])
            if first is None:
                raise Unreadable(f"{name}: does not begin with the hash of its entry")
            found[int(well[1])] = first[1]
    return found


def faults(files: Contents, said: Statement, shown: dict[int, str]) -> Iterator[str]:
    """Yield what is wrong with the proofs.

    Args:
        files: The bundle's.
        said: What the checkpoint says.
        shown: Number → hash of the entries that the bundle shows.
    """
    known = set[str]()
    for folder, of, first in (("proofs", shown, 0), ("earlier", proved(files), 1)):
        for number, entry_hash in of.items():
            name = f"{folder}/{number}.txt"
            known.add(name)
            lines = files.text(name).splitlines()[first:]
            yield from _proof_faults(name, lines, Checkpoint(number, entry_hash), said)
    here = {name for name in files.names if name.startswith(("proofs/", "earlier/"))}
    yield from (f"{name!a}: proves nothing" for name in sorted(here - known))


def _proof(tree: Sequence[bytes], number: int) -> str:
    path, sides = merkle.proof(tree, number - 1), merkle.sides(number - 1, len(tree))
    return "".join(f"{side} {beside.hex()}\n" for side, beside in zip(sides, path, strict=True))


def _proof_faults(name: str, lines: list[str], of: Checkpoint, said: Statement) -> Iterator[str]:
    sides, path = list[str](), list[bytes]()
    for line in lines:
        well = _LINE.fullmatch(line)
        if well is None:
            raise Unreadable(f"{name}: holds a line that is no side and hash")
        sides.append(well[1])
        path.append(bytes.fromhex(well[2]))
    start, index = merkle.leaf(bytes.fromhex(of.entry_hash)), of.number - 1
    root = merkle.root_of(start, index, said.number, path)
    if root is None or root.hex() != said.root:
        yield f"{name}: does not lead entry {of.number} to the checkpoint"
    elif sides != merkle.sides(index, said.number):
        yield f"{name}: the sides are wrong"

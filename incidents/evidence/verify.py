"""Re-checks a bundle of evidence, step by step; nothing in it is trusted, its paths least of all.

Links are not followed, and only files found in the folder itself are opened. Every fault names the
file or the entry.

The steps are those of VERIFY.md, and what is tedious by hand.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from incidents.evidence import lineage
from incidents.evidence.checks import Checks
from incidents.evidence.contents import KEY, Contents, Unreadable
from incidents.evidence.export import SUMS, SUMS_SIGNATURE
from tocsin.errors import LedgerError
from tocsin.ledger.entries import Checkpoint
from tocsin.ledger.keys import PublicKey

DEEPEST = 8
"""So many folders below one another are entered; a bundle has half of that."""

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)")


class Step(NamedTuple):
    """One step.

    Attributes:
        number: From 1.
        title: What holds if it passed.
        passed: Whether it did.
        faults: What is wrong, each naming file or entry.
    """

    number: int
    title: str
    passed: bool
    faults: tuple[str, ...]


class Verification(NamedTuple):
    """All steps.

    Attributes:
        steps: In their order; a step that could not be taken has not passed.
        fingerprint: Of the bundle's key, to compare with the one in the contract; "" for none.
        compared: The key was compared with one given from outside.
        remarks: What a reader has to know of the keys, though no step fails.
    """

    steps: tuple[Step, ...]
    fingerprint: str
    compared: bool
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every step has passed."""
        return all(step.passed for step in self.steps)

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is wrong."""
        return tuple(fault for step in self.steps for fault in step.faults)


def verify(
    folder: Path, public_key: bytes | None = None, checkpoint: Checkpoint | None = None
) -> Verification:
    """Verify a bundle.

    Args:
        folder: The bundle.
        public_key: The key it must be signed with, PEM, from a place other than the bundle; or one
            before it, that signed it in.
        checkpoint: One that was kept from earlier; the ledger must hold it.
    """
    found = _Folder(folder)
    key = _key(found)
    listed = dict(_listed(found))
    contents = Contents(found.read, sorted(found.files))
    rest = Checks(contents, key, checkpoint)
    steps: list[tuple[str, Callable[[], Iterable[str]]]] = [
        (_about(key, public_key), lambda: _key_faults(contents, key, public_key)),
        ("The list of files is signed by the key", lambda: _signature_faults(found, key)),
        ("Every file listed is there, and no other", lambda: _list_faults(found, listed)),
        ("Every file is as it was", lambda: _hash_faults(found, listed)),
        *rest.steps(),
    ]
    return Verification(
        tuple(_taken(number, title, step) for number, (title, step) in enumerate(steps, 1)),
        key.fingerprint if key else "",
        public_key is not None,
        tuple(lineage.remarks(contents)),
    )


def _about(key: PublicKey | None, given: bytes | None) -> str:
    if given is None:
        return "The key is a key; none was given to compare it with"
    if key is not None and key.pem.encode().strip() != given.strip():
        return "The key was signed in by the one given, or by one that was"
    return "The key is the one given"


def _taken(number: int, title: str, step: Callable[[], Iterable[str]]) -> Step:
    faults = list[str]()
    try:
        faults.extend(step())
    except Unreadable as error:
        faults.append(str(error))
    return Step(number, title, not faults, tuple(faults))


class _Folder:
    """What lies in a folder, without following anything out of it."""

    def __init__(self, path: Path) -> None:
        self.files = set[str]()
        self.odd = dict[str, str]()
        self.folders = set[str]()
        self._path = str(path)
        self._contents = dict[str, bytes]()
        self._walk()

    def read(self, name: str) -> bytes:
        """Return a file's bytes. It is read once, so all steps judge the same bytes.

        Raises:
            Unreadable: It is not there.
        """
        if name not in self._contents:
            self._contents[name] = self._read(name)
        return self._contents[name]

    def _read(self, name: str) -> bytes:
        if name not in self.files:
            raise Unreadable(f"{name}: is missing")
        try:
            handle = os.open(f"{self._path}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                return file.read()
        except OSError as error:
            raise Unreadable(f"{name}: cannot be read: {error.strerror}") from error

    def _walk(self) -> None:
        waiting = [""]
        while waiting:
            below = waiting.pop()
            try:
                with os.scandir(f"{self._path}/{below}") as found:
                    inside = list(found)
            except OSError as error:
                self.odd[below or "."] = f"cannot be listed: {error.strerror}"
                continue
            for one in inside:
                name = f"{below}/{one.name}" if below else one.name
                if one.is_dir(follow_symlinks=False):
                    if name.count("/") < DEEPEST:
                        self.folders.add(name)
                        waiting.append(name)
                    else:
                        self.odd[name] = "is deeper than a bundle goes, and was not looked into"
                elif one.is_file(follow_symlinks=False):
                    self.files.add(name)
                else:
                    self.odd[name] = "is a link or a device, not a file"


def _key(found: _Folder) -> PublicKey | None:
    try:
        return PublicKey.read(found.read(KEY))
    except (LedgerError, Unreadable):
        return None


def _key_faults(found: Contents, key: PublicKey | None, given: bytes | None) -> Iterator[str]:
    if key is None:
        yield f"{KEY}: holds no public key of Ed25519"
        return
    if found.read(KEY) != key.pem.encode():
        yield f"{KEY}: is not written as this key is"
    if given is None:
        return
    try:
        wanted = PublicKey.read(given)
    except LedgerError as error:
        yield f"the key given for comparison: {error}"
        return
    yield from lineage.descends(found, key, wanted)


def _signature_faults(found: _Folder, key: PublicKey | None) -> Iterator[str]:
    message, signature = found.read(SUMS), found.read(SUMS_SIGNATURE)
    if key is None:
        yield f"{SUMS}: no key to check its signature with"
    elif not key.signed(message, signature):
        yield f"{SUMS}: {SUMS_SIGNATURE} is no signature of it by {KEY}"


def _listed(found: _Folder) -> Iterator[tuple[str, str]]:
    """Yield path and hash of each well-formed line; the others are faults of the list's step."""
    for line in _lines(found):
        if well := _LINE.fullmatch(line):
            yield well[2], well[1]


def _lines(found: _Folder) -> list[str]:
    try:
        content = found.read(SUMS)
    except Unreadable:
        return []
    return content.decode("utf-8", "backslashreplace").split("\n")


def _list_faults(found: _Folder, listed: dict[str, str]) -> Iterator[str]:
    found.read(SUMS)
    lines = _lines(found)
    if lines.pop() != "":
        yield f"{SUMS}: its last line does not end"
    for number, line in enumerate(lines, 1):
        well = _LINE.fullmatch(line)
        if well is None or {".", ".."} & set(well[2].split("/")):
            yield f"{SUMS}: line {number} is no hash and path"
    if lines != sorted(set(lines), key=lambda line: line[66:]):
        yield f"{SUMS}: its lines are not in order, each once"
    here = found.files - {SUMS, SUMS_SIGNATURE}
    yield from (f"{name}: is missing" for name in sorted(listed.keys() - here))
    yield from (f"{shown(name)}: was added" for name in sorted(here - listed.keys()))
    yield from (f"{shown(name)}: {what}" for name, what in sorted(found.odd.items()))
    needed = {folder for name in listed for folder in _above(name)}
    yield from (f"{shown(name)}/: was added" for name in sorted(found.folders - needed))


def _hash_faults(found: _Folder, listed: dict[str, str]) -> Iterator[str]:
    if not listed:
        yield f"{SUMS}: lists nothing"
    for name, wanted in sorted(listed.items()):
        if name in found.files and sha256(found.read(name)).hexdigest() != wanted:
            yield f"{name}: was changed"


def _above(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def shown(name: str) -> str:
    """Return a file's name so that a terminal can show it."""
    return name if name.isprintable() else ascii(name)

"""What a bundle's files must be: their names, their forms, and reading them without trust.

Every reader raises ``Unreadable`` on a file that is not there or has another form; none of them
judges what a file says. That is for ``checks``.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from tocsin.errors import LedgerError
from tocsin.ledger import checkpoints
from tocsin.ledger.entries import HASHED, Entry
from tocsin.model.texts import UNREADABLE

KEY, CHECKPOINT, SIGNATURE = "key.pem", "checkpoint.json", "checkpoint.sig"
LEDGER, DECISIONS, INDEX, MANIFEST = (
    "ledger.jsonl",
    "decisions.jsonl",
    "raw/index.json",
    "MANIFEST.json",
)


class Unreadable(Exception):  # noqa: N818 - it says what the file is
    """A file of the bundle is not there or not what it must be; the text names it."""


class ListedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as the manifest lists it."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``MANIFEST.json``."""

    format: str
    incident: int
    customer: str
    made_at: str
    checkpoint: dict[str, Any]
    key: str
    events_left_out: int
    files: list[ListedFile]


class Hashed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of ``ledger.jsonl``."""

    at: str
    kind: str
    number: int
    payload_hash: str
    prev_hash: str
    principal: str

    def entry(self, entry_hash: str) -> Entry:
        """Return it as an entry without payload."""
        return Entry(**{field: getattr(self, field) for field in HASHED}, entry_hash=entry_hash)


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of ``decisions.jsonl``."""

    at: str
    kind: str
    number: int
    principal: str
    fact: dict[str, Any] | None = None
    withheld: str = ""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record in ``raw/index.json``."""

    event_id: str
    address: str
    place: int
    captured_at: str
    state: str
    why: str
    sha256: str
    size: int
    salt: str
    leaf: str
    object_sha256: str
    entry: int


class Captured(msgspec.Struct, frozen=True):
    """What an entry of ``evidence.captured`` says of its leaves."""

    leaves: str


class Contents:
    """The files of a bundle.

    Attributes:
        read: Returns a file's bytes, or raises ``Unreadable``.
        names: The files there are.
    """

    def __init__(self, read: Callable[[str], bytes], names: Sequence[str]) -> None:
        """Prepare; nothing is read yet."""
        self.read, self.names = read, names
        self._known_entries: list[Entry] | None = None
        self._known_leaves = dict[int, frozenset[str]]()

    def leaves(self, entry: int) -> frozenset[str]:
        """Return the leaves an entry of ``evidence.captured`` was written over."""
        if entry not in self._known_leaves:
            lines = self.text(f"raw/leaves/{entry}.txt").splitlines()
            self._known_leaves[entry] = frozenset(lines)
        return self._known_leaves[entry]

    def entries(self) -> list[Entry]:
        """Return the ledger's entries, without payloads, in the order of the file."""
        if self._known_entries is None:
            self._known_entries = self._entries_read()
        return self._known_entries

    def _entries_read(self) -> list[Entry]:
        found = list[Entry]()
        for line in self.read(LEDGER).splitlines():
            hashed = decoded(LEDGER, line, Hashed)
            entry = hashed.entry(sha256(line).hexdigest())
            try:
                canonical = entry.canonical()
            except ValueError:  # a number that JSON cannot hold exactly
                canonical = b""
            if canonical != line:
                raise Unreadable(f"{LEDGER}: entry {hashed.number} is not in canonical form")
            found.append(entry)
        return found

    def statement(self) -> checkpoints.Statement:
        """Return what the checkpoint says; its signature is not looked at."""
        try:
            return checkpoints.Signed(self.read(CHECKPOINT), b"").statement()
        except LedgerError as error:
            raise Unreadable(f"{CHECKPOINT}: {error}") from error

    def manifest(self) -> Manifest:
        """Return the manifest."""
        manifest: Manifest = decoded(MANIFEST, self.read(MANIFEST), Manifest)
        return manifest

    def decisions(self) -> Iterator[Decision]:
        """Yield the lines of ``decisions.jsonl``."""
        for line in self.read(DECISIONS).splitlines():
            yield decoded(DECISIONS, line, Decision)

    def rows(self) -> list[Row]:
        """Return the records that ``raw/index.json`` lists."""
        rows: list[Row] = decoded(INDEX, self.read(INDEX), list[Row])
        return rows

    def text(self, name: str) -> str:
        """Return a file as ASCII; other bytes are shown escaped."""
        return self.read(name).decode("ascii", "backslashreplace")


def decoded(name: str, content: bytes, kind: Any) -> Any:
    """Return what a file's JSON says.

    Args:
        name: Of the file, for the error.
        content: Its bytes, or a part of them.
        kind: The type it must have.

    Raises:
        Unreadable: It is no JSON, or says something else than it may.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except UNREADABLE as error:
        raise Unreadable(f"{name}: is not what it must be: {error}") from error

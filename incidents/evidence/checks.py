"""What a bundle's files say to each other: manifest, checkpoint, ledger, payloads, raw records."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from collectors.raw import BY_PLACE, event_id
from collectors.raw_lines import ids, is_made_of
from incidents.evidence import capture, lineage, proofs, queued
from incidents.evidence.contents import (
    CHECKPOINT,
    DECISIONS,
    INDEX,
    KEY,
    LEDGER,
    MANIFEST,
    SIGNATURE,
    Captured,
    Contents,
    Row,
    Unreadable,
    decoded,
)
from incidents.evidence.sections import ORIGINALS, ORIGINALS_INDEX
from tocsin.errors import LedgerError
from tocsin.ledger import checkpoints, merkle
from tocsin.ledger.entries import GENESIS, SALT_BYTES, Checkpoint, Entry
from tocsin.ledger.keys import PublicKey

_FORMAT = "tocsin evidence bundle 1"
_NOT_LISTED = frozenset({MANIFEST, "SHA256SUMS", "SHA256SUMS.sig"})
_PAYLOAD = re.compile(r"payloads/([1-9][0-9]*)\.bin")


class Checks:
    """The steps behind the files' hashes."""

    def __init__(
        self, contents: Contents, key: PublicKey | None, checkpoint: Checkpoint | None
    ) -> None:
        """Prepare.

        Args:
            contents: The files.
            key: The bundle's key.
            checkpoint: One kept from earlier.
        """
        self._files, self._key, self._earlier = contents, key, checkpoint

    def steps(self) -> list[tuple[str, Callable[[], Iterable[str]]]]:
        """Return the steps in their order."""
        earlier = ", and holds the earlier one" if self._earlier else ""
        return [
            ("The manifest describes these files", self._manifest),
            ("The checkpoint is signed by the key", self._checkpoint),
            (f"The ledger hangs on the checkpoint{earlier}", self._ledger),
            ("What the entries say is what was written down", self._payloads),
            ("The key is the last one of the ledger's history of keys", self._keys),
            ("Raw records are the ones that were captured", self._raw),
            ("Originals are the ones that were taken in with reports", self._originals),
            ("What left was queued so, and approved so, and to whom", self._messages),
        ]

    def _manifest(self) -> Iterator[str]:
        manifest, said = self._files.manifest(), self._files.statement()
        if manifest.format != _FORMAT:
            yield f"{MANIFEST}: the format is not {_FORMAT}"
        listed = {one.path: one for one in manifest.files}
        here = set(self._files.names) - _NOT_LISTED
        yield from (f"{MANIFEST}: does not know {name!a}" for name in sorted(here - set(listed)))
        for path, one in sorted(listed.items()):
            if path not in here:
                yield f"{path!a}: is missing, says {MANIFEST}"
                continue
            content = self._files.read(path)
            if (len(content), sha256(content).hexdigest()) != (one.size, one.sha256):
                yield f"{path}: is not as {MANIFEST} describes it"
        if manifest.checkpoint != {"number": said.number, "entry_hash": said.entry_hash}:
            yield f"{MANIFEST}: names another checkpoint than {CHECKPOINT}"
        if self._key is not None and manifest.key != self._key.fingerprint:
            yield f"{MANIFEST}: names another key than {KEY}"

    def _checkpoint(self) -> Iterator[str]:
        if self._key is None:
            raise Unreadable(f"{CHECKPOINT}: no key to check its signature with")
        signed = checkpoints.Signed(self._files.read(CHECKPOINT), self._files.read(SIGNATURE))
        try:
            checkpoints.check(signed, self._key)
        except LedgerError as error:
            yield f"{CHECKPOINT}, {SIGNATURE}: {error}"

    def _ledger(self) -> Iterator[str]:
        said, entries = self._files.statement(), self._files.entries()
        known = {one.number: one.entry_hash for one in entries}
        if self._files.manifest().customer:
            yield from proofs.faults(self._files, said, known)
            known |= {said.number: said.entry_hash, **proofs.proved(self._files)}
        else:
            yield from self._chain(said, entries)
        yield from self._unlike_earlier(said, known)

    def _unlike_earlier(
        self, said: checkpoints.Statement, known: Mapping[int, str]
    ) -> Iterator[str]:
        """Yield what speaks against the earlier checkpoint, if one was given."""
        if self._earlier is None or known.get(self._earlier.number) == self._earlier.entry_hash:
            return
        number = self._earlier.number
        if number in known:
            why = f"entry {number} is another than the earlier checkpoint knew: it was altered"
        elif number > said.number:
            why = (
                f"ends at entry {said.number}, the earlier checkpoint stands at entry {number}: "
                "its end was cut off, or this bundle is the older one"
            )
        elif self._files.manifest().customer:
            why = (
                f"this customer's bundle proves nothing of entry {number}, at which the earlier "
                f"checkpoint stands; of {', '.join(map(str, sorted(known)))} it does"
            )
        else:
            why = f"entry {number} is missing, at which the earlier checkpoint stands"
        yield f"{LEDGER}: {why}"

    def _chain(self, said: checkpoints.Statement, entries: list[Entry]) -> Iterator[str]:
        before = Checkpoint(0, GENESIS)
        for one in entries:
            if one.number != before.number + 1:
                yield f"{LEDGER}: entry {before.number + 1} is missing before entry {one.number}"
            elif one.prev_hash != before.entry_hash:
                yield f"{LEDGER}: entry {one.number} does not follow entry {before.number}"
            before = Checkpoint(one.number, one.entry_hash)
        if before != (said.number, said.entry_hash):
            yield f"{LEDGER}: ends at entry {before.number} and not at the checkpoint"
        leaves = (merkle.leaf(bytes.fromhex(one.entry_hash)) for one in entries)
        if merkle.root(leaves).hex() != said.root:
            yield f"{LEDGER}: its root is not the checkpoint's"

    def _payloads(self) -> Iterator[str]:
        entries = {one.number: one for one in self._files.entries()}
        facts = dict[int, Any]()
        for name in self._files.names:
            if not name.startswith("payloads/"):
                continue
            well = _PAYLOAD.fullmatch(name)
            entry = entries.get(int(well[1])) if well else None
            if entry is None:
                yield f"{name!a}: belongs to no entry of {LEDGER}"
                continue
            content = self._files.read(name)
            if sha256(content).hexdigest() != entry.payload_hash:
                yield f"{name}: is not what entry {entry.number} says"
            facts[entry.number] = decoded(name, content[SALT_BYTES:], dict[str, Any])
        told = set[int]()
        for one in self._files.decisions():
            told.add(one.number)
            of = entries.get(one.number)
            if of is None or (one.at, one.kind, one.principal) != (of.at, of.kind, of.principal):
                yield f"{DECISIONS}: entry {one.number} is not as in {LEDGER}"
            elif one.fact != facts.get(one.number) or (one.fact is None) != bool(one.withheld):
                yield f"{DECISIONS}: entry {one.number} does not say what its payload says"
        untold = sorted(facts.keys() - told)
        yield from (f"{DECISIONS}: entry {number} is missing" for number in untold)

    def _keys(self) -> Iterator[str]:
        return lineage.faults(self._files, self._key)

    def _raw(self) -> Iterator[str]:
        rows = self._files.rows()
        known = {INDEX}
        for one in rows:
            if one.sha256:
                known |= {f"raw/{one.sha256}.json", f"raw/leaves/{one.entry}.txt"}
                yield from self._record(one)
            elif one.leaf and f"raw/leaves/{one.entry}.txt" in self._files.names:
                known.add(f"raw/leaves/{one.entry}.txt")
                if one.leaf not in self._files.leaves(one.entry):
                    yield f"{INDEX}: event {one.event_id!a}: its record was not captured"
        proving = {one.entry for one in rows if f"raw/leaves/{one.entry}.txt" in known}
        for number in sorted(proving):
            name, payload = f"raw/leaves/{number}.txt", f"payloads/{number}.bin"
            said = decoded(payload, self._files.read(payload)[SALT_BYTES:], Captured)
            if sha256(self._files.read(name)).hexdigest() != said.leaves:
                yield f"{name}: is not the list entry {number} was written over"
        here = {name for name in self._files.names if name.startswith("raw/")}
        yield from (f"{name!a}: is in no line of {INDEX}" for name in sorted(here - known))

    def _originals(self) -> Iterator[str]:
        self._files.manifest()  # without one this is no bundle, and nothing has passed
        here = [name for name in self._files.names if name.startswith(ORIGINALS)]
        named = b"".join(
            self._files.read(name) for name in self._files.names if _PAYLOAD.fullmatch(name)
        )
        for name in here:
            if name == ORIGINALS_INDEX:
                continue
            digest = sha256(self._files.read(name)).hexdigest()
            if digest != name.removeprefix(ORIGINALS).partition(".")[0]:
                yield f"{name!a}: was changed: its name is its SHA-256"
            elif f'"sha256":"{digest}"'.encode() not in named:
                yield f"{name}: is named by no entry's payload"

    def _messages(self) -> Iterator[str]:
        return queued.faults(self._files)

    def _record(self, one: Row) -> Iterator[str]:
        name = f"raw/{one.sha256}.json"
        if not re.fullmatch("[0-9a-f]{64}", one.sha256):
            raise Unreadable(f"{INDEX}: event {one.event_id!a} names no SHA-256")
        content = self._files.read(name)
        if (sha256(content).hexdigest(), len(content)) != (one.sha256, one.size):
            yield f"{name}: was changed: its name is its SHA-256"
        # An id that is no UUID stands behind the name of its log.
        said = {one.event_id, one.event_id.partition(":")[2]}
        named = one.event_id == event_id(content) or bool(said & ids(content))
        if not named and BY_PLACE not in one.why and not is_made_of(one.event_id, content):
            yield f"{name}: is not the record of event {one.event_id!a}"
        try:
            made = capture.leaf(bytes.fromhex(one.salt), content)
        except ValueError:
            made = ""
        if made != one.leaf or made not in self._files.leaves(one.entry):
            yield f"{name}: was not among the records captured in entry {one.entry}"

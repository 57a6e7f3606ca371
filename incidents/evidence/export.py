"""Writes a bundle of evidence: a folder that can be verified without us.

It is complete or not there: everything is written to a folder beside the target, flushed to the
disk and moved into place. The same input gives the same bytes.
"""

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from incidents.disclosure import COLLEAGUE, CUSTOMER, Reader, pseudonymed
from incidents.evidence import capture, leaving, proving, sections
from incidents.evidence.bundle import Bundle, Item
from incidents.evidence.guide import guide
from tocsin.errors import ConfigError, Refusal
from tocsin.ledger.checkpoints import Signed, check
from tocsin.ledger.entries import stamp
from tocsin.ledger.keys import SigningKey
from tocsin.model.texts import storable
from tocsin.paths import make_private

T = TypeVar("T", bound=Item)
FORMAT = "tocsin evidence bundle 1"
SUMS, SUMS_SIGNATURE, MANIFEST = "SHA256SUMS", "SHA256SUMS.sig", "MANIFEST.json"
WITHHELD = "withheld"
NOT_THEIRS = "not theirs"
_OURS = frozenset({"VERIFY.md", "checkpoint.json", "checkpoint.sig", "key.pem"})
"""Files that say nothing of anybody: our own text, letters of chance."""

_WHY = {CUSTOMER: "it holds data of other customers too", COLLEAGUE: "it names a colleague"}


def export(
    db: Connection,
    bundle: Bundle,
    target: Path,
    *,
    evidence: Path,
    signed: Signed,
    key: SigningKey,
    customer: str = "",
    reader: Reader | None = None,
    leave_out: Collection[str] = (),
) -> Path:
    """Write a bundle.

    Args:
        db: A transaction; nothing is written to it.
        bundle: The sections.
        target: The folder to make; it must not exist.
        evidence: Where captured records are kept.
        signed: The checkpoint up to which the ledger is shown, of
            :func:`tocsin.ledger.checkpoints.sign`.
        key: The key that signed it; it signs the list of files too.
        customer: Make a bundle for this customer: nothing of others, no colleague's name.
        reader: Looks for what this customer must not read. Records and events that hold a word of
            another are left out and counted; anywhere else one is a refusal.
        leave_out: Files of the bundle that a person leaves out; the bundle says so. See
            :mod:`incidents.evidence.leaving`.

    Returns:
        The folder.

    Raises:
        Refusal: The folder is there already, or something of another customer would be in it.
        LedgerError: The ledger or a captured record was damaged, or the ledger does not hold what
            a notice or an earlier bundle named.
        ConfigError: The folder cannot be written.
    """
    if os.path.lexists(target):
        raise Refusal(
            f"{target}: there is something of this name already",
            hint="Name a new folder: a bundle is never written over another.",
        )
    said = check(signed, key.public)
    if reader is not None:
        bundle = _pseudonymed(bundle, reader)
    events = tuple(one for one in bundle.events if not (reader and reader.in_value(one.data)))
    shown, everything = proving.disclosed(db, bundle.incident, said.number, customer)
    shown = leaving.withheld(shown, leave_out)
    provable = {one.entry.number for one in shown if not one.withheld}
    originals = tuple(one for one in bundle.originals if one.entry in provable)
    kept = bundle.model_copy(update={"events": events, "originals": originals})
    files = {
        **sections.files_of(kept, customer),
        **proving.files_of(db, shown, everything, customer, bundle.earlier),
        **_raw(_held(db, kept, customer, said.number), evidence, provable, reader),
        "checkpoint.json": signed.message,
        "checkpoint.sig": signed.signature,
        "key.pem": key.public.pem.encode(),
        "VERIFY.md": guide(bundle.incident, customer=bool(customer)),
    }
    files = leaving.left_out(files, leave_out)
    if reader is not None:
        searched = {
            path: list(
                reader.all_in_letter(path, content, bundle.written)
                if _is_letter(path)
                else reader.all_in_file(path, content)
            )
            for path, content in files.items()
            if path not in _OURS
        }
        if found := {path: those for path, those in searched.items() if those}:
            raise leaving.refusal(found)
    about = {
        "format": FORMAT,
        "incident": bundle.incident,
        "customer": customer,
        "made_at": stamp(bundle.made_at),
        "checkpoint": {"number": said.number, "entry_hash": said.entry_hash},
        "key": key.public.fingerprint,
        "events_left_out": len(bundle.events) - len(sections.seen(events, customer)),
    }
    files[MANIFEST] = sections.document({**about, "files": listed(files)})
    files[SUMS] = sums(files)
    files[SUMS_SIGNATURE] = key.sign(files[SUMS])
    return _write(files, target)


def _is_letter(path: str) -> bool:
    return path.startswith("notices/")


def listed(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Return files as the manifest lists them."""
    return [
        {"path": path, "size": len(content), "sha256": sha256(content).hexdigest()}
        for path, content in sorted(files.items())
    ]


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return the list that ``sha256sum --check`` takes."""
    return "".join(
        f"{sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items())
    ).encode()


def _raw(
    held: list[capture.Held], evidence: Path, provable: Collection[int], reader: Reader | None
) -> dict[str, bytes]:
    """Return raw records, their index, and the leaves of the entries that prove them.

    Args:
        held: All that evidence knows of the incident, what the customer may not see as withheld.
        evidence: Where captured records are kept.
        provable: Entries of the ledger whose payload the bundle shows.
        reader: Looks for what the customer must not read.
    """
    batches = dict[int, list[str]]()
    for one in held:
        batches.setdefault(one.entry, []).extend([one.leaf] if one.leaf else [])
    files, index, proving_entries = dict[str, bytes](), list[dict[str, Any]](), set[int]()
    for one in held:
        if one.state == NOT_THEIRS:
            continue
        address = _address(one.address, reader)
        why, content = "", b""
        if one.sha256:
            content = capture.read(evidence, one.sha256)
            if one.entry not in provable:
                why = "the entry that proves it is not shown in this bundle"
            elif reader and (found := reader.in_file("", content)):
                why = _WHY[found.word.kind]
        row: dict[str, Any] = {
            **one._asdict(),
            "address": address,
            "captured_at": stamp(one.captured_at),
            "salt": one.salt.hex() if content and not why else "",
        }
        if why:
            leaf = one.leaf if one.entry in provable else ""
            row |= {"state": WITHHELD, "why": why, "sha256": "", "size": 0, "leaf": leaf}
        elif content:
            files[f"raw/{one.sha256}.json"] = content
        if row["leaf"]:
            proving_entries.add(one.entry)
        index.append(row)
    files["raw/index.json"] = sections.document(index)
    for entry in proving_entries:
        files[f"raw/leaves/{entry}.txt"] = capture.leaves_text(batches[entry]).encode()
    return files


def _address(address: str, reader: Reader | None) -> str:
    """Return where a record lay; a path that names another customer is not said."""
    if reader is None:
        return address
    said: str = pseudonymed(address, reader, "address")
    return "" if reader.in_value({"address": said}) else said


def _pseudonymed(bundle: Bundle, reader: Reader) -> Bundle:
    """Return the sections that we make with pseudonyms for colleagues."""

    def items(given: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(
            one.model_copy(update={"data": pseudonymed(one.data, reader)}) for one in given
        )

    timeline = tuple(
        one.model_copy(update=pseudonymed({"what": one.what, "source": one.source}, reader))
        for one in bundle.timeline
    )
    return bundle.model_copy(
        update={
            "timeline": timeline,
            "events": items(bundle.events),
            "findings": items(bundle.findings),
            "impact": items(bundle.impact),
        }
    )


def _held(db: Connection, bundle: Bundle, customer: str, until: int) -> list[capture.Held]:
    held = [one for one in capture.held(db, bundle.incident) if one.entry <= until]
    if not customer:
        return held
    theirs = {storable(str(one["id"])) for one in sections.seen(bundle.events, customer)}
    return [one if one.event_id in theirs else one._replace(state=NOT_THEIRS) for one in held]


def _write(files: Mapping[str, bytes], target: Path) -> Path:
    try:
        make_private(target.parent)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        folders = {unfinished}
        for path, content in files.items():
            place = unfinished / path
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            folders |= {place.parent, place.parent.parent} - {unfinished.parent}
            with place.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for folder in sorted(folders):
            _sync(folder)
        if os.path.lexists(target):  # rename would take an empty folder's place
            raise Refusal(f"{target}: somebody else made it meanwhile", hint="Name another folder.")
        unfinished.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _unwritable(target: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{target}: the bundle cannot be written: {error.strerror or error}",
        hint="Check the disk's free space and who may write there.",
    )


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Writes a bundle of evidence: a folder that can be verified without us.

It is complete or not there: everything is written to a folder beside the target, flushed to the
disk and moved into place. The same input gives the same bytes.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from incidents.evidence import capture, proving, sections
from incidents.evidence.bundle import Bundle
from incidents.evidence.guide import guide
from tocsin.errors import ConfigError, Refusal
from tocsin.ledger.checkpoints import Signed, check
from tocsin.ledger.entries import stamp
from tocsin.ledger.keys import SigningKey

FORMAT = "tocsin evidence bundle 1"
SUMS, SUMS_SIGNATURE, MANIFEST = "SHA256SUMS", "SHA256SUMS.sig", "MANIFEST.json"
WITHHELD = "withheld"


def export(
    db: Connection,
    bundle: Bundle,
    target: Path,
    *,
    evidence: Path,
    signed: Signed,
    key: SigningKey,
    customer: str = "",
    not_in_it: Collection[str] = (),
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
        not_in_it: Names, ids and numbers of the other customers. Records and events that hold one
            are left out and counted; anywhere else one is a refusal.

    Returns:
        The folder.

    Raises:
        Refusal: The folder is there already, or something of another customer would be in it.
        LedgerError: The ledger or a captured record was damaged.
        ConfigError: The folder cannot be written.
    """
    if os.path.lexists(target):
        raise Refusal(
            f"{target}: there is something of this name already",
            hint="Name a new folder: a bundle is never written over another.",
        )
    said = check(signed, key.public)
    others = _Others(not_in_it if customer else ())
    events = tuple(one for one in bundle.events if not others.in_json(one.data))
    kept = bundle.model_copy(update={"events": events})
    shown, everything = proving.disclosed(db, bundle.incident, said.number, customer)
    files = {
        **sections.files_of(kept, customer),
        **proving.files_of(db, shown, everything, customer),
        **_raw(db, kept, evidence, customer, others, said.number),
        "checkpoint.json": signed.message,
        "checkpoint.sig": signed.signature,
        "key.pem": key.public.pem.encode(),
        "VERIFY.md": guide(bundle.incident, customer=bool(customer)),
    }
    for path, content in files.items():
        if others.in_bytes(content):
            raise Refusal(
                f"{path}: it holds a name, an id or a number of another customer",
                hint="Look at what was given for this file; nothing was written.",
            )
    about = {
        "format": FORMAT,
        "incident": bundle.incident,
        "customer": customer,
        "made_at": stamp(bundle.made_at),
        "checkpoint": {"number": said.number, "entry_hash": said.entry_hash},
        "key": key.public.fingerprint,
        "events_left_out": len(bundle.events) - len(events) if customer else 0,
    }
    files[MANIFEST] = sections.document({**about, "files": listed(files)})
    files[SUMS] = sums(files)
    files[SUMS_SIGNATURE] = key.sign(files[SUMS])
    return _write(files, target)


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
    db: Connection, bundle: Bundle, evidence: Path, customer: str, others: "_Others", until: int
) -> dict[str, bytes]:
    held = [one for one in capture.held(db, bundle.incident) if one.entry <= until]
    batches = dict[int, list[str]]()
    for one in held:
        batches.setdefault(one.entry, []).extend([one.leaf] if one.leaf else [])
    if customer:
        theirs = {str(data.get("id")) for data in sections.seen(bundle.events, customer)}
        held = [one for one in held if one.event_id in theirs]
    files, index = dict[str, bytes](), list[dict[str, Any]]()
    for one in held:
        row: dict[str, Any] = {
            **one._asdict(),
            "captured_at": stamp(one.captured_at),
            "salt": one.salt.hex(),
        }
        if one.sha256:
            content = capture.read(evidence, one.sha256)
            if others.in_bytes(content):
                why = "it holds data of other customers too"
                row |= {"state": WITHHELD, "why": why, "salt": "", "sha256": "", "size": 0}
            else:
                files[f"raw/{one.sha256}.json"] = content
        if not row["sha256"]:
            row["salt"] = ""
        index.append(row)
    files["raw/index.json"] = sections.document(index)
    for entry in sorted({one.entry for one in held}):
        files[f"raw/leaves/{entry}.txt"] = capture.leaves_text(batches[entry]).encode()
    return files


class _Others:
    """Looks for words of other customers."""

    def __init__(self, words: Iterable[str]) -> None:
        found = sorted({word.casefold() for word in words if word.strip()}, key=len, reverse=True)
        one = "|".join(map(re.escape, found))
        self._found = re.compile(rf"(?<!\w)(?:{one})(?!\w)") if found else None

    def in_bytes(self, content: bytes) -> bool:
        if self._found is None:
            return False
        return self._found.search(content.decode("utf-8", "replace").casefold()) is not None

    def in_json(self, value: Any) -> bool:
        return self.in_bytes(sections.document(value))


def _write(files: Mapping[str, bytes], target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
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

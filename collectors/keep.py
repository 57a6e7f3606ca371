"""Copies of stored bytes, for sources that do not keep their records.

A copy is named by the SHA-256 of what it holds, so the same bytes are kept once, and it is whole or
not there at all: written aside, flushed to the disk, then moved into place.
"""

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from tocsin.errors import CollectError
from tocsin.paths import make_private


def keep(stored: bytes, folder: Path) -> Path:
    """Write a copy of ``stored`` below ``folder`` and return where it lies.

    Raises:
        CollectError: The folder cannot be written to; nothing is left behind in it.
    """
    digest = sha256(stored).hexdigest()
    path = folder / digest[:2] / f"{digest}.raw"
    if path.exists():
        return path
    try:
        make_private(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                file.write(stored)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        _sync_folder(path.parent)
    except OSError as error:
        raise CollectError(
            f"cannot keep a copy of raw records in {folder}: {error.strerror}",
            hint="Give the service a folder it may write to, with room, as keep_raw.",
        ) from error
    return path


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

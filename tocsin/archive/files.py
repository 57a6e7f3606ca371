"""Files that appear whole or not at all, and stay after the power is lost."""

import os
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path

from tocsin.errors import ArchiveError

UNFINISHED = ".tmp"
"""Ending of a file that is still being written; nothing ever reads one."""


def put(path: Path, content: bytes | bytearray, *, durable: bool = True) -> None:
    """Write a new file under a temporary name and give it its own when it is complete.

    Args:
        path: Must not exist yet; its folder is made.
        content: All of it.
        durable: Wait until file and folder are on the disk. Not for a folder that dies with
            its process.

    Raises:
        ArchiveError: The file is there already, or the disk refuses; no file of this name was
            made or changed.
    """
    if path.exists():
        raise ArchiveError(
            f"{path}: a file of this name is there already",
            hint="A segment is never written twice: this is a fault of ours, please report it.",
        )
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        _make_folder(path.parent, durable=durable)
        with unfinished.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        unfinished.rename(path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise ArchiveError(
            f"{path}: cannot be written: {error.strerror or error}",
            hint="Check the disk's free space and who may write there.",
        ) from error


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def day_folder(day: date) -> str:
    """Return the name of the folder of one day."""
    return day.isoformat()


def _make_folder(folder: Path, *, durable: bool) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent, durable=durable)
    folder.mkdir(exist_ok=True, mode=0o700)
    if durable:
        sync_folder(folder.parent)


def sweep_folder(folder: Path, named: Collection[str], before: datetime) -> list[Path]:
    """Remove the files of the days' folders that nothing names.

    Args:
        folder: Where the days' folders lie.
        named: Paths relative to it that stay.
        before: Files written at or after this stay.

    Returns:
        What was removed.
    """
    removed = []
    for path in sorted(folder.glob("[0-9]*-[0-9][0-9]-[0-9][0-9]/*")):
        if path.relative_to(folder).as_posix() in named:
            continue
        if path.stat().st_mtime < before.timestamp():
            path.unlink()
            removed.append(path)
    return removed

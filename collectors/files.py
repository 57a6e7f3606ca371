"""Log files on this machine: single ones, folders with all below them, patterns."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from glob import glob, has_magic
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from collectors.base import Batch, Known, Needs, SourceObject
from collectors.keep import keep
from collectors.mapping import Mapping_, mapping_of
from collectors.reading import SKIPPED, Fetched, Reader, Trouble, no_events, over_cap, within_memory
from collectors.unpack import CAP_BYTES
from tocsin.errors import CollectError
from tocsin.geo import Geo
from tocsin.model.rows import Match
from tocsin.paths import LocalPath

PAGE = 1_000


class FilesSettings(BaseModel):
    """A source of files.

    Attributes:
        name: What the source is called.
        paths: Files, folders (read with all below them) and patterns (``/var/log/*.json``).
        mappings: Descriptions of application logs that may lie there, or names of presets.
        max_object_bytes: How large a file may be once inflated.
        keep_raw: Folder for copies of every file read, for places that do not keep them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)] = "files"
    paths: Annotated[tuple[LocalPath, ...], Field(min_length=1)]
    mappings: tuple[Annotated[Mapping_, BeforeValidator(mapping_of)], ...] = ()
    max_object_bytes: Annotated[int, Field(gt=0)] = CAP_BYTES
    keep_raw: LocalPath | None = None


class Files:
    """Reads files; see :class:`collectors.base.Collector`."""

    def __init__(self, settings: FilesSettings, needs: Needs, geo: Geo) -> None:
        self.settings, self.name = settings, settings.name
        self._reader = Reader(needs, geo, settings.mappings, settings.max_object_bytes)

    def find(self, known: Known) -> Iterator[list[SourceObject]]:
        """Yield what is new, in the order of names, a page at a time.

        Raises:
            CollectError: A path of the settings is not there.
        """
        found = _found(self.settings.paths)
        while page := list(islice(found, PAGE)):
            yield list(known.unseen(page))

    def read(self, objects: Sequence[SourceObject], match: Match) -> Batch:
        """Read, decode and match these files."""
        return self._reader.batch(map(partial(within_memory, self._fetch), objects), match)

    def confirm(self, batch: Batch) -> None:
        """Do nothing: files are not told."""

    def _fetch(self, found: SourceObject) -> Fetched:
        if no_events(found.address):
            return Fetched(found, SKIPPED)
        fetched, folder = fetch(found, self.settings.max_object_bytes), self.settings.keep_raw
        if folder is None or isinstance(fetched.stored, Trouble):
            return fetched
        return fetched._replace(raw=str(keep(fetched.stored, folder)))


def fetch(found: SourceObject, max_bytes: int) -> Fetched:
    """Return a file's bytes, or why there are none."""
    try:
        # Without a file object: there may be thousands of small ones. Nor is waited for whoever
        # writes into a pipe.
        handle = os.open(found.address, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status = os.fstat(handle)
            size = status.st_size
            if not stat.S_ISREG(status.st_mode):
                return Fetched(found, FOLDER if stat.S_ISDIR(status.st_mode) else NO_FILE)
            if size > max_bytes and (too_large := over_cap(found._replace(size=size), max_bytes)):
                return Fetched(found, too_large)
            return Fetched(found, _all_of(handle, size))
        finally:
            os.close(handle)
    except OSError as error:
        return Fetched(found, _trouble(error))


def _all_of(handle: int, size: int) -> bytes:
    """Return a file's bytes, of which it has so many or, if it is still written, some more."""
    content = os.read(handle, size + 1)
    if len(content) == size:
        return content
    parts = [content]
    while further := os.read(handle, _FURTHER_BYTES):
        parts.append(further)
    return b"".join(parts)


_FURTHER_BYTES = 1 << 20


NO_FILE = Trouble("broken", "no regular file; save what it gives to a file first")
FOLDER = Trouble("broken", "it is a folder; name a file in it")


def _trouble(error: OSError) -> Trouble:
    if isinstance(error, FileNotFoundError):
        return Trouble("missing", "no such file: it was moved or removed, if it was ever there")
    if isinstance(error, PermissionError):
        return Trouble("denied", "no permission to read it; let the service's user read the file")
    return Trouble("broken", f"cannot be read: {error.strerror or error}")


def _found(paths: Iterable[Path]) -> Iterator[SourceObject]:
    seen = set[tuple[int, int]]()
    for given in paths:
        text = str(given.expanduser())
        is_pattern = has_magic(text) and not os.path.lexists(text)  # a name may look like one
        matches = sorted(glob(text, recursive=True)) if is_pattern else [text]  # noqa: PTH207 - absolute patterns too
        if not matches:
            raise CollectError(f"{given}: nothing matches", hint="Check the pattern in paths.")
        for match in matches:
            if not os.path.lexists(match):
                raise CollectError(
                    f"{match}: not there",
                    hint="Check the path; a file or folder must exist to be read.",
                )
            yield from _below(match, seen)


def _below(top: str, seen: set[tuple[int, int]]) -> Iterator[SourceObject]:
    """Yield a file, or every file below a folder; each once, whatever links lead to it.

    Names that begin with a dot are left out below folders: they belong to programs.
    """
    paths = [top]
    while paths:
        path = paths.pop()
        try:
            status = os.stat(path)  # noqa: PTH116 - a plain text is what addresses are
            key = (status.st_dev, status.st_ino)
            if key in seen:
                continue
            seen.add(key)
            is_folder = stat.S_ISDIR(status.st_mode)
            names = sorted(os.listdir(path), reverse=True) if is_folder else ()  # noqa: PTH208 - see above
        except OSError as error:  # gone meanwhile, a link that leads nowhere: reading it says so
            yield SourceObject(path, f"unreadable {error.errno}")
            continue
        if stat.S_ISREG(status.st_mode) or (path == top and not is_folder):
            yield SourceObject(path, f"{status.st_size}-{status.st_mtime_ns}", status.st_size)
        paths += [os.path.join(path, name) for name in names if not name.startswith(".")]  # noqa: PTH118 - see above

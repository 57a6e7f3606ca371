"""What sources hold, on disk: a bucket may have more objects than memory has room for."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from tocsin.model.sources import SourceObject


class Listing:
    """Objects of one source, in the order in which they were found.

    Attributes:
        count: How many.
        bytes: As stored, of those whose size is known.
    """

    def __init__(self, path: Path) -> None:
        """Begin a new file."""
        self._path = path
        self.count, self.bytes = 0, 0

    def write(self, pages: Iterable[Sequence[SourceObject]]) -> Iterator[int]:
        """Take in what a collector finds; yield how many objects there are so far."""
        encode = msgspec.json.Encoder().encode_lines
        with self._path.open("wb") as file:
            for page in pages:
                # As bytes: a file's name need not be UTF-8.
                rows = [(os.fsencode(one.address), one.version, one.size) for one in page]
                file.write(encode(rows))
                self.bytes += sum(one.size for one in page)
                self.count += len(page)
                yield self.count

    def __iter__(self) -> Iterator[SourceObject]:
        decoder = msgspec.json.Decoder(tuple[bytes, str, int])
        with self._path.open("rb") as file:
            for line in file:
                address, version, size = decoder.decode(line)
                yield SourceObject(os.fsdecode(address), version, size)

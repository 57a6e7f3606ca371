"""Findings on disk, each in its latest form: a finding that comes again replaces itself."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from tocsin.model.findings import Finding


class FindingSpool:
    """Findings in a file that is only added to, and where in it the latest form of each lies.

    Going over it yields findings in the order in which they could be said first.
    """

    def __init__(self, path: Path) -> None:
        """Begin a new file."""
        self._file: IO[bytes] = path.open("w+b")
        self._at: dict[bytes, tuple[int, int, int]] = {}
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Finding)
        self._end = 0

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings in."""
        self._file.seek(self._end)
        for finding in findings:
            written = self._encoder.encode(finding)
            self._at[bytes.fromhex(finding.id)] = (finding.since, self._end, len(written))
            self._file.write(written)
            self._end += len(written)

    def __len__(self) -> int:
        return len(self._at)

    def __iter__(self) -> Iterator[Finding]:
        order = sorted(self._at.items(), key=lambda item: (item[1][0], item[0]))
        return (self._read(*place) for _, (_, *place) in order)

    def get(self, ids: Iterable[str]) -> list[Finding]:
        """Return the findings with these ids, in their order; an unknown id has none."""
        places = (self._at.get(bytes.fromhex(one)) for one in ids)
        return [self._read(*place[1:]) for place in places if place is not None]

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _read(self, start: int, length: int) -> Finding:
        self._file.seek(start)
        return self._decoder.decode(self._file.read(length))

"""What a scan says, on disk: there may be more of it than memory has room for."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from tocsin.model.findings import Finding
from tocsin.model.sources import Reject
from tocsin.model.texts import storable


class RejectSpool:
    """Everything that could not be read, in the order in which it was met."""

    def __init__(self, path: Path) -> None:
        """Begin; there is no file while there is nothing."""
        self._path = path

    def add(self, rejects: Iterable[Reject]) -> None:
        """Take rejects in."""
        encode = msgspec.json.Encoder().encode
        lines = [encode(tuple(map(storable, one))) + b"\n" for one in rejects]
        if lines:
            with self._path.open("ab") as file:
                file.writelines(lines)

    def __iter__(self) -> Iterator[Reject]:
        if self._path.exists():
            decode = msgspec.json.Decoder(Reject).decode
            with self._path.open("rb") as file:
                yield from map(decode, file)


class FindingSpool:
    """Findings, each in its latest form: one that comes again replaces itself.

    A file that is only added to, and where in it the latest form of each lies. Going over it yields
    findings in the order in which they could be said first.
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

"""``--output FILE.jsonl``: one JSON object a line, for programs.

    {"kind":"finding","id","rule","title","level","at","actor","event_ids":[…],"why"}
    {"kind":"incident","id","title","level","opened_at","finding_ids":[…],"event_ids":[…],"actors":[…]}
    {"kind":"summary","records","events","duplicates","rejected","files","seconds"}

``--rejects FILE.jsonl``: what could not be read, all of it:

    {"kind":"reject","address","place","reason","sample"}

Findings come in the order of event time, incidents most urgent first, the summary last. Instants
are UTC, RFC 3339 with microseconds. The file holds every level: a program chooses by itself. It
appears whole or not at all.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from tocsin.app.engine.result import Summary
from tocsin.errors import ConfigError
from tocsin.model.findings import Finding, Incident
from tocsin.model.instants import from_us
from tocsin.model.sources import Reject

STDOUT = "-"
_LOOK_BYTES = 32
_OURS = tuple(
    f'{{"kind":"{kind}"'.encode() for kind in ("finding", "incident", "summary", "reject")
)


class FindingLine(msgspec.Struct, tag_field="kind", tag="finding"):
    """A finding as a line."""

    id: str
    rule: str
    title: str
    level: str
    at: str
    actor: str
    event_ids: tuple[str, ...]
    why: str


class IncidentLine(msgspec.Struct, tag_field="kind", tag="incident"):
    """An incident as a line."""

    id: str
    title: str
    level: str
    opened_at: str
    finding_ids: tuple[str, ...]
    event_ids: tuple[str, ...]
    actors: tuple[str, ...]


class SummaryLine(msgspec.Struct, tag_field="kind", tag="summary"):
    """What was read, as a line."""

    records: int
    events: int
    duplicates: int
    rejected: int
    files: int
    seconds: float


class RejectLine(msgspec.Struct, tag_field="kind", tag="reject"):
    """What could not be read, as a line."""

    address: str
    place: str
    reason: str
    sample: str


Line = FindingLine | IncidentLine | SummaryLine
OUTPUT, REJECTS = "--output", "--rejects"


def write(
    path: Path, findings: Iterable[Finding], incidents: Iterable[Incident], summary: Summary
) -> None:
    """Write the file, or standard output when the path is ``-``.

    Args:
        path: Where to; an older file there is replaced at the end.
        findings: In the order of event time.
        incidents: Most urgent first.
        summary: What was read.

    Raises:
        ConfigError: It cannot be written there; an older file there is untouched.
    """
    _write(OUTPUT, path, _lines(findings, incidents, summary))


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write what could not be read; see :func:`write`."""
    _write(REJECTS, path, (RejectLine(*one) for one in rejects))


def _write(option: str, path: Path, lines: Iterable[Line | RejectLine]) -> None:
    encoder = msgspec.json.Encoder()
    with _opened(option, path) as file:
        for line in lines:
            file.write(encoder.encode(line) + b"\n")


def check_writable(output: Path | None, rejects: Path | None) -> None:
    """Raise early what writing would raise after the work was done.

    Args:
        output: Where :func:`write` is to write; None for nowhere.
        rejects: Where :func:`write_rejects` is to; None for nowhere.

    Raises:
        ConfigError: There is no such folder, the path is one, a file of another kind is there (a
            slip of the hand must not cost a log), or both are the same.
    """
    for option, path in ((OUTPUT, output), (REJECTS, rejects)):
        if path is not None and str(path) != STDOUT:
            _check_writable(option, path)
    if output is None or rejects is None or (output.exists() and not output.is_file()):
        return
    if output.resolve() == rejects.resolve():
        raise ConfigError(
            f"{OUTPUT} and {REJECTS} are both {output}: the one would replace the other",
            hint="Name two files.",
        )


def _check_writable(option: str, path: Path) -> None:
    if path.is_dir():
        raise ConfigError(f"{option} {path} is a folder", hint="Name a file in it.")
    if path.exists() and not _is_ours(path):
        raise ConfigError(
            f"{option} {path} is there and no output of a scan: it is not overwritten",
            hint="Name another file, or move that one away.",
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError(
            f"{option} {path} cannot be written: its folder is missing or closed to us",
            hint="Make the folder first, or name another.",
        )


def _is_ours(path: Path) -> bool:
    """Return whether a file is empty, no file (``/dev/null``), or was written by :func:`write`."""
    if not path.is_file():
        return True
    try:
        with path.open("rb") as file:
            start = file.read(_LOOK_BYTES)
    except OSError:
        return False
    return not start or start.startswith(_OURS)


def instant(at_us: int) -> str:
    """Return µs since 1970 UTC as RFC 3339 text."""
    at = from_us(at_us)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond:06d}Z"


def _lines(
    findings: Iterable[Finding], incidents: Iterable[Incident], summary: Summary
) -> Iterator[Line]:
    for finding in findings:
        yield FindingLine(
            id=finding.id,
            rule=finding.rule,
            title=finding.title,
            level=str(finding.level),
            at=instant(finding.at),
            actor=finding.actor,
            event_ids=finding.event_ids,
            why=finding.why,
        )
    for incident in incidents:
        yield IncidentLine(
            id=incident.id,
            title=incident.title,
            level=str(incident.level),
            opened_at=instant(incident.opened_at),
            finding_ids=incident.finding_ids,
            event_ids=incident.event_ids,
            actors=incident.actors,
        )
    yield SummaryLine(
        records=summary.records,
        events=summary.events,
        duplicates=summary.duplicates,
        rejected=summary.rejected,
        files=summary.files,
        seconds=round(summary.seconds, 3),
    )


@contextmanager
def _opened(option: str, path: Path) -> Iterator[IO[bytes]]:
    if str(path) == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(option, path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        raise _unwritable(option, path, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(option: str, path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{option} {path} cannot be written: {error.strerror or error}")

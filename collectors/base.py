"""What a collector is.

A collector reads one source and owns no state. It does three things, at three moments:

    find      list what the source has and the ledger does not know     one process
    read      fetch, decode, match a handful of objects into a batch    any process, any order
    confirm   tell the source that a batch is ours                      after the commit

Its caller takes each batch in steps:

    1. write the segment files          nobody sees them yet
    2. in one transaction: the manifest rows, ``rejects``, and ``objects`` (the object ledger)
    3. ``confirm``                      only now is the source told

A crash after any step re-reads a little and loses nothing: what was read twice has the same
event ids, and a file without a manifest row does not exist.

To add one: a module here with a settings class and a collector class, one line in
``tocsin.app.sources``'s table, one recorded or generated sample in the tests, one test;
docs/COMPONENTS.md says what it MUST do.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tocsin.model.columns import Columns
from tocsin.model.findings import Hit
from tocsin.model.rows import Match
from tocsin.model.sources import Reject, SourceObject

__all__ = ["Batch", "Collector", "Known", "Needs", "Reject", "SourceObject"]


class Needs(NamedTuple):
    """What rules ask for beside the normalised fields.

    Attributes:
        roots: Names at the top of raw records.
        whole: Some rule searches whole raw records.
    """

    roots: frozenset[str] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What one read brought.

    Attributes:
        columns: The events, in the order of objects and records.
        hits: What the rules on single events said, asked while the records were decoded.
        rejects: What could not be read.
        objects: The objects that were taken, each with its state: ``read``, ``skipped`` (not
            events, e.g. a digest), ``broken``, ``missing``, ``denied``.
        records: How many records the objects held, events and rejects.
        faults: Rules that raised: rule id → what happened.
        unmapped: Words of outcomes that no mapping knows, each behind its source; some of them.
        says_outcome: Source → whether any of its records so far said its outcome; only sources
            whose records without one mean nothing yet.
    """

    columns: Columns
    hits: tuple[Hit, ...]
    rejects: tuple[Reject, ...]
    objects: tuple[tuple[SourceObject, str], ...]
    records: int
    faults: dict[str, str] = field(default_factory=dict)
    unmapped: frozenset[str] = frozenset()
    says_outcome: dict[str, bool] = field(default_factory=dict)


class Known(Protocol):
    """What the object ledger knows of one source."""

    def unseen(self, found: Sequence[SourceObject]) -> Collection[SourceObject]:
        """Return those of ``found`` that were not taken yet in this version, in their order."""
        ...


class Collector(Protocol):
    """Reads one source."""

    name: str

    def find(self, known: Known) -> Iterator[list[SourceObject]]:
        """Yield what is new, a page at a time.

        Raises:
            CollectError: The source cannot be listed; pages already yielded stand.
        """
        ...

    def read(self, objects: Sequence[SourceObject], match: Match) -> Batch:
        """Fetch, decode and match these objects.

        An object that cannot be read becomes a reject with a state, never an exception.

        Raises:
            CollectError: The source as a whole cannot be reached.
        """
        ...

    def confirm(self, batch: Batch) -> None:
        """Tell the source that a batch is ours. Called after the commit, perhaps twice.

        Raises:
            CollectError: The source cannot be told; it will offer the batch again.
        """
        ...

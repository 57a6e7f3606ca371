"""A batch of decoded records as MATCH sees it: few distinct values, many rows.

Real logs repeat: millions of events have some thousand distinct identities, addresses and
actions. A decoder therefore puts the fields of a record into three **groups** and numbers the
distinct values of each; a rule is decided once per value (or per combination of values) and not
once per event. What differs in nearly every record stays with the row.

    group     CloudTrail's fields in it                               ``event.*`` in it
    action    eventSource eventName errorCode eventType readOnly …    service action outcome …
    who       userIdentity                                            actor actor_kind …
    context   sourceIPAddress userAgent                               ip user_agent country …
    (row)     requestParameters responseElements and all the rest     resource object count …

A value is a plain nested mapping with the record's own names at its top, and its normalised
fields under the key ``EVENT`` (not a legal JSON name, so no record can have it).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.model.findings import Hit

Fields = Mapping[str, Any]
"""Part of a record: names to decoded JSON values, and normalised fields under ``EVENT``."""

EVENT = "\0event"
"""Key of the normalised fields of a value: ``fields[EVENT]["actor"]`` is ``event.actor``."""

GROUPS = ("action", "who", "context")
"""The groups, in the order in which they decide: the most selective first."""

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which field lies where. Fields named in neither table lie with the row.

    Attributes:
        roots: Top-level name in the raw record → group.
        event: Normalised name without ``event.`` → group.
    """

    roots: Mapping[str, str]
    event: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Undecoded:
    """What gives a part of the record by row, and decodes it each time it is asked.

    Attributes:
        json: Per row the JSON, as the record has it; empty where the record has none.
        decode: What decodes it.
    """

    json: Sequence[bytes | msgspec.Raw]
    decode: Callable[[bytes | msgspec.Raw], Any]

    def __call__(self, row: int) -> Any:
        """Return the part's value in a row; None where the record has none."""
        return self.decode(self.json[row])


@dataclass(frozen=True, slots=True)
class Rows:
    """One batch.

    Attributes:
        size: Number of rows.
        source: ``cloudtrail`` or the name of an application log.
        logsource: What a rule's ``logsource`` is compared with: CloudTrail is product ``aws``,
            service ``cloudtrail``; an application log is category ``application``, product and
            service its configured name. A rule applies if all it names is equal.
        layout: Which field lies in which group.
        codes: Per group, the number of each row's value.
        values: Per group, the values by number. The list only grows; a decoder that starts
            over makes a new list, and whoever remembers something by number keeps the list
            beside it and compares by identity.
        row: The fields that lie with a row, decoded when asked.
        whole: The whole raw record of a row, decoded when asked; keyword rules search it.
        numbers: Numbers of the row's normalised fields, (size,) int64 by field, negative where
            a row has none; a field that is not here is asked of ``row``.
        decoded: By top-level name of the raw record, what gives its value in a row without putting
            the row together: what is not in it need not be looked for. An :class:`Undecoded`
            can be looked for words in before.
    """

    size: int
    source: str
    logsource: Mapping[str, str]
    layout: Layout
    codes: Mapping[str, Codes]
    values: Mapping[str, Sequence[Fields]]
    row: Callable[[int], Fields]
    whole: Callable[[int], Fields]
    numbers: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    decoded: Mapping[str, Callable[[int], Any]] = field(default_factory=dict)


class Match(Protocol):
    """Judges a batch: what a collector is given, so that it need not know about rules."""

    def __call__(self, rows: Rows) -> list[Hit]:
        """Return what the rules on single events say, in the order of rows."""
        ...


def no_rules(rows: Rows) -> list[Hit]:  # noqa: ARG001 - a Match that judges nothing
    """Return nothing: a match without rules."""
    return []


def single(record: Fields, event: Fields, *, source: str, logsource: Mapping[str, str]) -> Rows:
    """Return a batch of one record with everything in the row, for a rule's own tests.

    Args:
        record: The raw record, decoded; ``{}`` when a test gives normalised fields only.
        event: Its normalised fields, by name without ``event.``.
        source: See :class:`Rows`.
        logsource: See :class:`Rows`.
    """
    fields = {**record, EVENT: event}
    codes = np.zeros(1, np.int32)
    return Rows(
        size=1,
        source=source,
        logsource=logsource,
        layout=Layout({}, {}),
        codes=dict.fromkeys(GROUPS, codes),
        values={group: [{EVENT: {}}] for group in GROUPS},
        row=lambda _: fields,
        whole=lambda _: record,
    )

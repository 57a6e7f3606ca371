"""How the first records of a file would be read: what an operator looks at before trusting us.

Pure but for reading the file: the same reader as in earnest, and beside each field of each event
the field of the record it was taken from, where one field decides it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from collectors.base import Needs, Reject, SourceObject
from collectors.files import fetch
from collectors.mapping import Mapping_
from collectors.reading import Fetched, Reader, Trouble
from collectors.recognise import CLOUDTRAIL, Format, recognise
from collectors.unpack import CAP_BYTES, Unreadable, unpack
from tocsin.geo import Geo
from tocsin.model.columns import Columns
from tocsin.model.events import NUMBERS, WORDS, Event
from tocsin.model.rows import no_rules

CLOUDTRAIL_FIELDS = {
    "id": "eventID",
    "at": "eventTime",
    "service": "eventSource",
    "action": "eventName",
    "outcome": "errorCode, errorMessage, responseElements",
    "reason": "errorCode, errorMessage, responseElements",
    "actor": "userIdentity",
    "actor_kind": "userIdentity",
    "credential": "userIdentity.accessKeyId",
    "session": "userIdentity.arn",
    "ip": "sourceIPAddress",
    "user_agent": "userAgent",
    "region": "awsRegion",
    "account": "recipientAccountId, userIdentity.accountId",
    "resource": "requestParameters",
    "object": "requestParameters",
    "copied_from": "requestParameters.x-amz-copy-source",
    "issued": "responseElements, requestParameters",
    "bytes": "additionalEventData.bytesTransferredIn, .bytesTransferredOut",
}
"""Where each field of an event comes from in a CloudTrail record."""


class Sample(NamedTuple):
    """What a file's first records become.

    Attributes:
        format: What the file was recognised as, and why.
        state: What the object ledger would say of the file.
        records: How many records the file holds.
        events: The first of them, normalised.
        fields: Field of an event → the record's field or fields it is taken from; those that
            are taken from none are left out.
        filled: Field of an event → in how many of ``events`` it says something.
        rejects: The first of what could not be read.
        rejected: How many could not be read.
        unmapped: Words of outcomes that the mapping does not know, each behind its source.
        mute: Sources none of whose records says its outcome, and nobody said what that means.
        repeated: Ids that stand at several instants, so that two events are taken for one; the
            first of them.
    """

    format: Format
    state: str
    records: int
    events: tuple[Event, ...]
    fields: dict[str, str]
    filled: dict[str, int]
    rejects: tuple[Reject, ...]
    rejected: int
    unmapped: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()
    repeated: tuple[str, ...] = ()


def sample_file(
    path: Path,
    mappings: Sequence[Mapping_] = (),
    *,
    first: int = 10,
    max_bytes: int = CAP_BYTES,
    geo: Geo | None = None,
) -> Sample:
    """Return how a file would be read.

    Args:
        path: The file.
        mappings: Application logs the operator has described.
        first: How many events and rejects to show.
        max_bytes: Cap on the text.
        geo: Where addresses are.
    """
    fetched = fetch(SourceObject(str(path), ""), max_bytes)
    batch = Reader(Needs(), geo or Geo(), mappings, max_bytes).batch([fetched], no_rules)
    events = tuple(batch.columns.event(row) for row in range(min(first, len(batch.columns))))
    form = _format(fetched, mappings, max_bytes)
    return Sample(
        format=form,
        state=batch.objects[0][1],
        records=batch.records,
        events=events,
        fields=_fields(form),
        filled={
            name: sum(getattr(event, name) not in ("", None, "unknown") for event in events)
            for name in (*WORDS, *NUMBERS)
        },
        rejects=batch.rejects[:first],
        rejected=len(batch.rejects),
        unmapped=batch.unmapped,
        mute=frozenset(name for name, says in batch.says_outcome.items() if not says),
        repeated=_repeated(batch.columns)[:first],
    )


def _repeated(events: Columns) -> tuple[str, ...]:
    order = np.lexsort((events.at, events.id["lo"], events.id["hi"]))
    ids, at = events.id[order], events.at[order]
    again = order[1:][(ids[1:] == ids[:-1]) & (at[1:] != at[:-1])]
    return tuple(dict.fromkeys(events.event_id(row) for row in sorted(again.tolist())))


def _format(fetched: Fetched, mappings: Sequence[Mapping_], max_bytes: int) -> Format:
    if isinstance(fetched.stored, Trouble):
        return Format(None, fetched.stored.reason)
    try:
        return recognise(unpack(fetched.stored, max_bytes), mappings)
    except Unreadable as error:
        return recognise(error.text, mappings)


def _fields(form: Format) -> dict[str, str]:
    if form.source == CLOUDTRAIL:
        return CLOUDTRAIL_FIELDS
    if form.mapping is None:
        return {}
    fields = {name: " or ".join(paths) for name, paths in form.mapping.paths().items()}
    if "time" in fields:
        fields["at"] = fields.pop("time")
    if "outcome" in fields:
        fields["reason"] = fields["outcome"]
    return fields

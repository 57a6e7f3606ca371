"""The facts as data: the union of what authorities ask, each answer with source and confidence.

A key is a path of the schema, a value is JSON, a text says the same to people. What only the
controller can answer has no value and no suggestion.

Source: EDPB common template (keys and codes); RFC 8785 for the bytes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import rfc8785

from incidents.documents import edpb
from incidents.documents.fact import Source
from incidents.documents.facts import NoticeFacts

SCHEMA = f"tocsin-union-1+{edpb.VERSION}"


class Entry(NamedTuple):
    """One answer.

    Attributes:
        value: As JSON; None where nothing is known.
        text: For people, in the language of the document.
        source: Where from; None where we know nothing.
        confidence: How sure: ``suggested`` is ours to suggest and the controller's to decide;
            ``possible`` may not be so.
        confirm: Who must still confirm it.
        confirmed_at: When a person here did.
    """

    value: Any
    text: str = ""
    source: Source | None = None
    confidence: Literal["certain", "range", "possible", "suggested", "not_yet"] = "certain"
    confirm: Literal["nobody", "controller"] = "nobody"
    confirmed_at: datetime | None = None


def to_json(facts: NoticeFacts, answers: Mapping[str, Entry]) -> bytes:
    """Return the dossier as canonical JSON."""
    return rfc8785.dumps(
        {
            "schema_version": SCHEMA,
            "incident_id": facts.reference,
            "notice": {
                "kind": facts.kind,
                "status": facts.status,
                "version": facts.version,
                "prepared_at": stamp(facts.prepared_at),
                "exercise": facts.exercise,
                "language": facts.customer.language,
                "customer": facts.customer.id,
            },
            "entries": {key: _plain(entry) for key, entry in answers.items()},
        }
    )


def stamp(at: datetime) -> str:
    """Return an instant in UTC, to the microsecond, as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plain(entry: Entry) -> dict[str, Any]:
    source = entry.source
    return {
        "value": entry.value,
        "text": entry.text,
        "source": source
        and {
            "kind": source.kind,
            "reference": source.reference,
            "at": stamp(source.at) if source.at else None,
        },
        "confidence": entry.confidence,
        "confirm": entry.confirm,
        "confirmed_at": stamp(entry.confirmed_at) if entry.confirmed_at else None,
    }

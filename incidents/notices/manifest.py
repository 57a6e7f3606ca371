"""A manifest: many notices of one incident as one thing to say yes to.

It names for each customer to whom the notice goes and the SHA-256 of each file. Its canonical JSON
has one SHA-256 of its own; whoever approves that approves every byte and every recipient.

Source: RFC 8785 (JSON Canonicalization Scheme).
"""

import hashlib
import json
from typing import Any, NamedTuple, Self

import rfc8785

from incidents.documents import Facts

SCHEMA = "tocsin-manifest-1"


class Addressed(NamedTuple):
    """One customer's facts, and who gets the notice.

    Attributes:
        facts: Of one customer.
        to: E-mail addresses of its breach contacts.
        phones: Their phones: whom to call where there is no address.
    """

    facts: Facts
    to: tuple[str, ...]
    phones: tuple[str, ...] = ()


class Listed(NamedTuple):
    """One notice in a manifest.

    Attributes:
        customer: Id.
        version: Number of the notice.
        language: In which it is.
        to: Sorted addresses.
        files: SHA-256 by name.
    """

    customer: str
    version: int
    language: str
    to: tuple[str, ...]
    files: dict[str, str]


class Manifest(NamedTuple):
    """The notices of one preview.

    Attributes:
        incident: Number.
        notices: By customer.
    """

    incident: int
    notices: tuple[Listed, ...]

    @property
    def body(self) -> bytes:
        """Canonical JSON."""
        return rfc8785.dumps(
            {
                "schema": SCHEMA,
                "incident": self.incident,
                "notices": [{**each._asdict(), "to": list(each.to)} for each in self.notices],
            }
        )

    @property
    def sha256(self) -> str:
        """What is approved."""
        return hashlib.sha256(self.body).hexdigest()

    @classmethod
    def parse(cls, body: str) -> Self:
        """Return the manifest that canonical JSON holds."""
        read: dict[str, Any] = json.loads(body)
        notices = (Listed(**{**each, "to": tuple(each["to"])}) for each in read["notices"])
        return cls(read["incident"], tuple(notices))

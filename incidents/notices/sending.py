"""From approved bytes to letters for the outbox.

The caller puts the letters into the outbox in the same transaction, so that the decision to send
and what is sent stand or fall together.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, update

from incidents.notices.approval import approvals, current
from incidents.notices.manifest import Addressed, Listed, Manifest
from incidents.notices.preview import file_of
from incidents.notices.tables import notice
from incidents.notices.unchanged import unchanged
from tocsin.errors import Refusal
from tocsin.model.instants import to_us


class Letter(NamedTuple):
    """One message to one recipient, as the outbox takes it.

    Attributes:
        key: The same letter has the same key, for ever.
        to: E-mail address.
        subject: Nothing personal is in it.
        body_text: As approved.
        body_html: As approved.
        attachments: Name, media type and bytes, as approved.
        language: Of the text.
        incident: Number.
        customer: Id.
    """

    key: str
    to: str
    subject: str
    body_text: str
    body_html: str
    attachments: tuple[tuple[str, str, bytes], ...]
    language: Literal["fr", "en"]
    incident: int
    customer: str


def send_plan(
    db: Connection,
    sha256: str,
    letters: Sequence[Addressed],
    *,
    now: datetime,
    approvers: int = 1,
) -> list[Letter]:
    """Return the letters of an approved manifest and note that they were handed over.

    Args:
        db: The transaction that puts them into the outbox.
        sha256: Of the manifest.
        letters: The facts and recipients as they are now: what changed since the preview was
            not approved.
        now: When.
        approvers: How many different people have to have approved; 2 for four eyes.

    Raises:
        Refusal: An exercise, not approved by enough people, altered, changed or rendered again
            since, handed over already, or late without a reason; nothing was changed.
    """
    made = current(db, sha256)
    given = approvals(db, sha256)
    if len(given) < approvers:
        raise Refusal(
            f"{len(given)} of {approvers} approvals of {sha256} were given",
            hint=f"tocsin notice approve {sha256}",
        )
    if any(each.facts.exercise for each in letters):
        raise Refusal(
            "these are notices of an exercise; no customer gets one",
            hint="An exercise ends with the approval.",
        )
    unchanged(db, made, letters, now=now)
    plan = []
    for listed in made.notices:
        files = {name: file_of(db, digest) for name, digest in listed.files.items()}
        plan += [_letter(made, listed, to, files) for to in listed.to]
        _hand_over(db, made, listed, now)
    return plan


def _letter(made: Manifest, listed: Listed, to: str, files: Mapping[str, bytes]) -> Letter:
    text = {name: files[name].decode() for name in ("subject.txt", "body.txt", "body.html")}
    told = f"{made.incident}\0{listed.customer}\0{listed.version}\0{to}"
    return Letter(
        key=f"notice-{hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}",
        to=to,
        subject=text["subject.txt"],
        body_text=text["body.txt"],
        body_html=text["body.html"],
        attachments=tuple(
            (name, "application/pdf", content)
            for name, content in files.items()
            if name.endswith(".pdf")
        ),
        language="fr" if listed.language == "fr" else "en",
        incident=made.incident,
        customer=listed.customer,
    )


def _hand_over(db: Connection, made: Manifest, listed: Listed, now: datetime) -> None:
    n = notice.c
    db.execute(
        update(notice)
        .where(n.incident == made.incident, n.customer == listed.customer)
        .where(n.version == listed.version, n.manifest == made.sha256)
        .values(handed_over_at=to_us(now))
    )

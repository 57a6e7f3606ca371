"""Before anything leaves: it is what was queued, byte for byte, and to whom.

A message is approved by the hash of its bytes, and lies in the store until it leaves, perhaps for
hours. Whoever can write there could put another recipient or another text into it. What was queued
is said by the ledger, whose entries hang on each other and are signed: a message that is not that
leaves nobody.
"""

import hashlib
import json

from sqlalchemy import Connection, RowMapping, select

from notifiers.tables import content
from tocsin import ledger

ALTERED = "nothing was sent: "
"""How the reason begins for which such a message fails."""

HINT = (
    "Find out who can write to the store; then put its backup in place, or take this message back "
    "and prepare the notice anew."
)


def altered(db: Connection, row: RowMapping) -> str:
    """Return how a row of the outbox differs from what was queued, and what to do; "" if it is it.

    Attachments are looked at too. Nothing of the row is trusted before.
    """
    entry = ledger.find(
        db, "message.queued", f'"message":{json.dumps(row["key"])}', about=row["incident"]
    )
    said = entry.says() if entry is not None else None
    if entry is None or said is None:
        return f"{ALTERED}the ledger says no more what was queued. {HINT}"
    stored = row["message"].encode()
    if hashlib.sha256(stored).hexdigest() != said["sha256"]:
        what = "text or recipient is"
    elif not all(_is_whole(db, one["sha256"]) for one in json.loads(stored)["attachments"]):
        what = "an attachment is"
    else:
        return ""
    return f"{ALTERED}{what} not as it was queued (ledger entry {entry.number}). {HINT}"


def _is_whole(db: Connection, digest: str) -> bool:
    body = db.scalar(select(content.c.body).where(content.c.sha256 == digest))
    return body is not None and hashlib.sha256(bytes(body)).hexdigest() == digest

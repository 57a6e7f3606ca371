"""Messages and their bytes as the outbox keeps them: each attachment and each mail once."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import NoResultFound

from notifiers.base import Attachment, Message
from notifiers.tables import content
from tocsin.errors import DeliveryError


def about(message: Message) -> dict[str, Any]:
    """Return what every ledger entry about a message says of it; no address."""
    return {
        "message": message.key,
        "channel": message.channel,
        "purpose": message.purpose,
        "incident": message.incident,
        "customer": message.customer,
    }


def about_row(row: RowMapping) -> dict[str, Any]:
    """Return the same of a row of the outbox, whose message may be altered and is not read."""
    known = {name: row[name] for name in ("channel", "purpose", "incident", "customer")}
    return {"message": row["key"], **known}


def store_message(db: Connection, message: Message) -> tuple[str, str]:
    """Store a message's attachments; return the rest as JSON, and the SHA-256 of all of it."""
    fields = message.model_dump(mode="json", exclude={"attachments"})
    fields["attachments"] = [
        {
            "name": one.name,
            "media_type": one.media_type,
            "sha256": store_content(db, one.content),
        }
        for one in message.attachments
    ]
    body = msgspec.json.encode(fields, order="sorted")
    return body.decode(), hashlib.sha256(body).hexdigest()


def load_message(db: Connection, stored: str) -> Message:
    """Return a message as it was put.

    Raises:
        DeliveryError: It was altered so that it can be read no more.
    """
    try:
        fields = msgspec.json.decode(stored, type=dict[str, Any])
        fields["attachments"] = tuple(
            Attachment(
                name=one["name"],
                media_type=one["media_type"],
                content=load_content(db, one["sha256"]),
            )
            for one in fields["attachments"]
        )
        return Message.model_validate(fields)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError, NoResultFound) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else type(error).__name__
        raise DeliveryError(
            f"a message in the outbox cannot be read any more: {what}",
            hint="It was altered in the store: put the store's backup in place, and find out who "
            "can write there.",
        ) from error


def recipient(stored: str) -> str:
    """Return to whom a stored message goes, without reading its attachments.

    What was altered so that it can be read no more goes to nobody: it never leaves.
    """
    try:
        return msgspec.json.decode(stored, type=_To).to
    except msgspec.MsgspecError:
        return "nobody: it cannot be read any more"


class _To(msgspec.Struct):
    to: str


def store_content(db: Connection, body: bytes) -> str:
    """Store bytes, once; return their SHA-256."""
    digest = hashlib.sha256(body).hexdigest()
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    db.execute(dialect.insert(content).values(sha256=digest, body=body).on_conflict_do_nothing())
    return digest


def load_content(db: Connection, digest: str | None) -> bytes:
    """Return stored bytes; empty where there are none."""
    if digest is None:
        return b""
    return bytes(db.execute(select(content.c.body).where(content.c.sha256 == digest)).scalar_one())

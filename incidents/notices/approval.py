"""A person's yes to exactly these bytes and these recipients."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from incidents.notices.manifest import Listed, Manifest
from incidents.notices.preview import file_of
from incidents.notices.tables import approval, manifest, notice
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import Principal


class Approval(NamedTuple):
    """A yes.

    Attributes:
        manifest: SHA-256 of what was approved.
        principal: Who, as ``shell:alice``.
        at: When.
    """

    manifest: str
    principal: str
    at: datetime


def approve(db: Connection, sha256: str, *, principal: Principal, now: datetime) -> Approval:
    """Record a yes to a manifest: to each byte of its files, to each recipient.

    Args:
        db: A transaction.
        sha256: Of the manifest, whole, as the preview showed it.
        principal: A person.
        now: When.

    Raises:
        Refusal: The manifest is unknown, does not count any more, its bytes were altered, the
            principal is no person or has approved it already; nothing was changed.
    """
    if principal.way == "service":
        raise Refusal(f"{principal} is no person; notices are approved by one")
    made = current(db, sha256)
    before = [one.principal for one in approvals(db, made.sha256)]
    if any(map(principal.is_same_person, before)):
        raise Refusal(
            f"{sha256} was approved by {', '.join(before)} already; {principal} may be the same",
            hint=f"A second approval is a second person's. {principal.second_person('give it')}",
        )
    db.execute(
        insert(approval).values(manifest=made.sha256, principal=str(principal), at=to_us(now))
    )
    fact = {"incident": made.incident, "manifest": sha256, "notices": len(made.notices)}
    ledger.append(db, "approval.given", fact, principal=principal, at=now)
    return Approval(sha256, str(principal), now)


def approvals(db: Connection, sha256: str) -> list[Approval]:
    """Return who said yes to a manifest, in order of time."""
    a = approval.c
    rows = db.execute(select(approval).where(a.manifest == sha256).order_by(a.at, a.principal))
    return [Approval(row.manifest, row.principal, from_us(row.at)) for row in rows]


def current(db: Connection, sha256: str) -> Manifest:
    """Return a manifest that still counts, its bytes read back and hashed.

    Raises:
        Refusal: It is unknown, was altered, or one of its notices was rendered again since.
    """
    body = db.scalar(select(manifest.c.body).where(manifest.c.sha256 == sha256))
    if body is None:
        raise Refusal(
            f"no manifest has the SHA-256 {sha256!r}",
            hint="Give all 64 digits, as `tocsin notice preview` showed them.",
        )
    made = Manifest.parse(body)
    if made.sha256 != sha256:
        raise Refusal(f"the manifest {sha256} was altered in the database", hint="Preview again.")
    for listed in made.notices:
        _counts(db, made, listed)
        for digest in listed.files.values():
            file_of(db, digest)
    return made


def _counts(db: Connection, made: Manifest, listed: Listed) -> None:
    n = notice.c
    mine = n.incident == made.incident, n.customer == listed.customer
    version = db.scalar(select(func.max(n.version)).where(*mine))
    newest = db.execute(
        select(n.manifest).where(*mine, n.version == version).order_by(n.render.desc()).limit(1)
    ).scalar_one_or_none()
    if version != listed.version or newest != made.sha256:
        raise Refusal(
            f"the notice to customer {listed.customer} was rendered again since",
            hint="Look at the newest preview and approve that one.",
        )

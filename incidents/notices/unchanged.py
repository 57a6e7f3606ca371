"""Whether what was rendered still holds: else nobody says yes to it, and nobody sends it.

What was sent already and holds no more is a reason for an update.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from incidents.documents import Facts, NoticeFacts, WithdrawalFacts, check, read
from incidents.notices.manifest import Addressed, Listed, Manifest
from incidents.notices.tables import notice
from tocsin.errors import Refusal

TOLD = (
    "status",
    "standing",
    "period",
    "nature",
    "narrative",
    "systems",
    "affected",
    "subject_categories",
    "possible_subjects",
    "subjects",
    "records",
    "coverage",
    "negative_findings",
    "consequences",
    "severity",
    "measures",
    "actions",
    "open_points",
    "parties",
    "timeline",
)
"""What a notice says of the breach itself, and what is done about it.

Source: GDPR Art. 33(3) and (4): what is learned later follows without undue further delay.
"""


def changed(said: NoticeFacts, now: NoticeFacts) -> list[str]:
    """Return the names of the facts of the breach that a notice says otherwise than they are now.

    Args:
        said: The facts of the notice, as it was handed over.
        now: The facts as they are; what they are made of may be newer, and say the same.
    """
    # Who said it, when again, and on which day a store was counted is nothing new.
    drop = {*_OF_RUNS, "possible_run", "source", "confirmed_at", "as_of"}
    found = [name for name in TOLD if _values(said, name, drop) != _values(now, name, drop)]
    return [*found, *(["aware_at"] if _aware_at(said) != _aware_at(now) else [])]


def _aware_at(facts: NoticeFacts) -> datetime | None:
    return facts.clock.value.aware_at if facts.clock.state == "known" else None


def unchanged(
    db: Connection, made: Manifest, letters: Sequence[Addressed], *, now: datetime
) -> None:
    """Refuse a manifest if anything changed since it was rendered.

    Args:
        db: Any transaction.
        made: What was rendered.
        letters: The facts and recipients as they are now, of each customer of it.
        now: When.

    Raises:
        Refusal: Other customers stand to be told, facts or recipients are others, a notice was
            handed over already, or it is late by now without a reason.
    """
    present = {each.facts.customer.id: each for each in letters}
    if present.keys() != {listed.customer for listed in made.notices}:
        raise Refusal(
            f"{made.sha256} was rendered for other customers than stand to be told now",
            hint="Preview and approve again.",
        )
    for listed in made.notices:
        _compare(db, made, listed, present[listed.customer], now)


def _compare(
    db: Connection, made: Manifest, listed: Listed, letter: Addressed, now: datetime
) -> None:
    n = notice.c
    row = db.execute(
        select(n.facts, n.handed_over_at)
        .where(n.incident == made.incident, n.customer == listed.customer)
        .where(n.version == listed.version, n.manifest == made.sha256)
        .order_by(n.render.desc())
        .limit(1)
    ).one()
    what = f"notice {listed.version} to customer {listed.customer}"
    if row.handed_over_at is not None:
        raise Refusal(
            f"{what} was handed over already",
            hint=f"`tocsin run` sends what waits; see `tocsin notice status {made.incident}`.",
        )
    try:
        rendered = read(row.facts)
    except ValidationError:
        raise Refusal(
            f"{what} was rendered under another version of this program",
            hint="Preview and approve again.",
        ) from None
    # The moment of preparing is part of the bytes, and each entry moves the ledger on.
    same = {"prepared_at": rendered.prepared_at, "checkpoint": rendered.checkpoint}
    if type(letter.facts) is not type(rendered):
        raise Refusal(
            f"{what} was rendered as one of kind {rendered.kind}; it would be one of kind "
            f"{letter.facts.kind} now",
            hint="Preview and approve again.",
        )
    changed = sorted(
        name
        for name in type(rendered).model_fields
        if getattr(letter.facts.model_copy(update=same), name) != getattr(rendered, name)
    )
    rerun = ""
    if changed and all(_values(letter.facts, one) == _values(rendered, one) for one in changed):
        changed = []
        rerun = (
            f"{what} names impact run {_run(rendered)}; impact run {_run(letter.facts)} is newer, "
            "and its numbers are the same"
        )
    again = changed
    changed = [one for one in changed if _said(letter.facts, one) != _said(rendered, one)]
    if tuple(sorted(set(letter.to))) != listed.to:
        changed.append("recipients")
    if changed:
        raise Refusal(
            f"{what} was rendered with other facts than hold now: {', '.join(changed)}",
            hint="Preview and approve again.",
        )
    if again and not rerun:
        raise Refusal(
            f"{what} says what holds now, but facts of it were given again since: "
            f"{', '.join(again)}",
            hint="Preview and approve again: the documents say from when each is.",
        )
    if rerun:
        raise Refusal(rerun, hint="Preview and approve again: the documents name the run.")
    check(rendered.model_copy(update={"prepared_at": now}), rendered.customer.language)


_OF_RUNS = frozenset({"run", "first_shown_at"})
_OF_SAYING = _OF_RUNS | {"source", "confirmed_at"}


def _values(facts: Facts, name: str, drop: Collection[str] = _OF_RUNS) -> Any:
    """Return what a fact says, without the impact run that says it."""

    def strip(part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: strip(value)
                for key, value in part.items()
                if key not in drop
                and not (isinstance(value, dict) and value.get("kind") == "impact")
            }
        return [strip(each) for each in part] if isinstance(part, list) else part

    return strip(facts.model_dump(mode="json", include={name})[name])


def _said(facts: Facts, name: str) -> Any:
    """Return what a fact says, whoever says it and when."""
    return _values(facts, name, _OF_SAYING)


def _run(facts: Facts) -> int | str:
    if isinstance(facts, WithdrawalFacts):
        return "none"
    return facts.versions.run if facts.versions else "none"

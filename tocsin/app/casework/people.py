"""What people say about a breach: read from a file, kept in the ledger, version by version.

Software counts; what kind of breach it is, what may follow and what is done about it are people's
words. They write them into a TOML file, so that they can be reviewed before they count:

    not_yet = ["period"]                    # said by a person: this is being looked into
    [nature]                                # effects, incident_type, cause, exfiltration …
    [narrative]                             # fr = "…", en = "…"
    [consequences]                          # impacts = ["a", "d"]
    [[measures]]                            # kind, at, done
    [[actions]]                             # kind
    next_update_at = 2026-11-25T17:00:00+01:00

A later file replaces the facts it names and leaves the others.
"""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection

from incidents.documents.breach import Nature, Period
from incidents.documents.fact import Words
from incidents.documents.facts import Party
from incidents.documents.response import (
    Action,
    Consequences,
    Measure,
    OpenPoint,
    Severity,
    TimelineEntry,
)
from incidents.documents.speech import same_minute
from tocsin import ledger
from tocsin.app.faults import faults
from tocsin.errors import ConfigError, Refusal
from tocsin.model.principals import Principal

KIND = "facts.given"

WORDS = "docs/NOTICES.md shows every fact and its words."

LATER = ("period", "systems", "subjects", "records", "severity", "measures_before")
"""Facts of which a person may say that they are not known yet."""


class PeoplesFacts(BaseModel):
    """One file; see the module. What is None or empty says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_yet: tuple[str, ...] = ()
    nature: Nature | None = None
    narrative: Words | None = None
    period: Period | None = None
    consequences: Consequences | None = None
    severity: Severity | None = None
    measures: tuple[Measure, ...] = ()
    actions: tuple[Action, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()
    parties: tuple[Party, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    next_update_at: AwareDatetime | None = None
    late_reason: Words | None = None
    changes: Words | None = None
    withdrawal: Words | None = None


def read(path: Path) -> PeoplesFacts:
    """Return what a file says.

    Raises:
        ConfigError: It cannot be read or says what cannot be; every fault is named with its place.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        facts = PeoplesFacts.model_validate(data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is no TOML: {error}") from error
    except ValidationError as error:
        found = faults(PeoplesFacts, error, show=True)
        raise ConfigError("\n".join(f"{path}: {fault}" for fault in found), hint=WORDS) from None
    if unsaid := list(_unsaid(facts)):
        raise ConfigError("\n".join(f"{path}: {fault}" for fault in unsaid), hint=WORDS)
    unknown = [name for name in facts.not_yet if name not in LATER]
    if unknown:
        raise ConfigError(
            f"{path}: not_yet: {', '.join(unknown)} cannot wait",
            hint=f"Only {', '.join(LATER)} can be given later.",
        )
    return facts


def _unsaid(facts: PeoplesFacts) -> Iterator[str]:
    """Yield each ``other`` that no note describes: no document could say what it is."""
    for name in ("measures", "actions", "open_points"):
        for number, one in enumerate(getattr(facts, name), 1):
            if one.kind == "other" and not (one.note.fr or one.note.en):
                note = 'note = { fr = "…", en = "…" }'
                yield f"{name}.{number}.note: other is described by a note, {note}"
    follows = facts.consequences
    if follows is not None and "n" in follows.impacts and not (follows.note.fr or follows.note.en):
        note = 'note = { fr = "…", en = "…" }'
        yield f"consequences.note: n, another consequence, is described by a note, {note}"


def _impossible(facts: PeoplesFacts, begun: datetime | None, now: datetime) -> Iterator[str]:
    """Yield instants that cannot be: done before it began or to come, contained in time to come."""
    past = {
        f"measures.{number}.at: done,": one.at
        for number, one in enumerate(facts.measures, 1)
        if one.done
    }
    past |= {f"timeline.{number}.at:": one.at for number, one in enumerate(facts.timeline, 1)}
    if facts.nature is not None and facts.nature.contained_at is not None:
        past["nature.contained_at:"] = facts.nature.contained_at
    if facts.period is not None:
        begun, ended = facts.period.begun_at, facts.period.ended_at
        past["period.begun_at:"] = begun
        if ended is not None:
            past["period.ended_at:"] = ended
            if ended < begun:
                yield f"period.ended_at: {ended.isoformat()} is before begun_at"
    for where, at in past.items():
        if at > now:
            yield f"{where} {at.isoformat()} is still to come"
    for number, one in enumerate(facts.measures, 1):
        if begun is not None and one.done and one.at < begun:
            yield (
                f"measures.{number}.at: done, {one.at.isoformat()} is before it began, "
                f"{begun.isoformat()}; correct it, or say in [period] when it began"
            )
    following = facts.next_update_at
    if following is not None and following <= now:
        yield f"next_update_at: {following.isoformat()} is over already"


def contained(said: Nature, recorded: datetime | None, number: int) -> datetime | None:
    """Return when access was stopped, as the facts say or else as was recorded of the incident.

    Raises:
        Refusal: They say different minutes.
    """
    at = said.contained_at
    if at is not None and recorded is not None and not same_minute(at, recorded):
        raise Refusal(
            f"incident {number}: nature.contained_at is {at.isoformat()}, and it was recorded as "
            f"contained since {recorded.isoformat()}",
            hint="Leave contained_at out of the facts: what was recorded is taken then. Or correct "
            f"what was recorded: tocsin incident contain {number} --at … --why …",
        )
    return at or recorded


def give(
    db: Connection,
    number: int,
    facts: PeoplesFacts,
    *,
    seen_at: datetime | None = None,
    principal: Principal,
    now: datetime,
) -> None:
    """Keep what a person says about an incident.

    Args:
        db: A transaction of ``Store.begin``.
        number: Of the incident.
        facts: What is said.
        seen_at: When the first thing of it was found, in event time: it began then where nobody
            says when; None where nothing was.
        principal: Who.
        now: When.

    Raises:
        Refusal: An instant cannot be; all are named, and nothing was changed.
    """
    period = facts.period or given(db, number).facts.period
    if wrong := list(_impossible(facts, period.begun_at if period else seen_at, now)):
        raise Refusal(
            "\n".join(f"incident {number}: {fault}" for fault in wrong),
            hint=f"It is {now:%Y-%m-%d %H:%M} UTC. Correct the file, its zones too; assess again.",
        )
    body = facts.model_dump(mode="json", exclude_defaults=True)
    ledger.append(db, KIND, {"incident": number, "facts": body}, principal=principal, at=now)


class Given(msgspec.Struct, frozen=True):
    """All that people have said, when it was said last, what is new, and why it is taken back."""

    facts: PeoplesFacts
    at: datetime | None
    changes_at: datetime | None
    withdrawal_at: datetime | None = None


def given(db: Connection, number: int) -> Given:
    """Return what people said about an incident, later words over earlier ones."""
    merged, at, changes_at, withdrawal_at = dict[str, Any](), None, None, None
    for entry in ledger.entries(db, about=number):
        if entry.kind == KIND and entry.body is not None:
            said = msgspec.json.decode(entry.body)["facts"]
            merged |= said
            at = datetime.fromisoformat(entry.at)
            changes_at = at if "changes" in said else changes_at
            withdrawal_at = at if "withdrawal" in said else withdrawal_at
    return Given(PeoplesFacts.model_validate(merged), at, changes_at, withdrawal_at)

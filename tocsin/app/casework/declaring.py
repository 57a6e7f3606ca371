"""What a person states of whose data an incident touched: read from a file, kept as a run.

For what no event tells: a mail sent to the wrong customer, a laptop left on a train, a supplier's
breach, a customer that only a person knows. docs/NOTICES.md shows a file. A later one replaces the
whole of the one before.
Who is named counts from awareness, whenever it is typed in; ``known_at`` says otherwise.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Connection

from incidents import assessment, impact, obligations
from incidents.assessment.entries import entries
from incidents.impact import (
    CategoryImpact,
    CustomerImpact,
    ImpactRun,
    Named,
    Range,
    Standing,
    counting,
)
from incidents.impact.runs import NOT_KEPT
from incidents.obligations import Shown
from tocsin import datamap
from tocsin.app.casework import beside, impacts
from tocsin.app.casework.counted import PEOPLE
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import detected
from tocsin.app.faults import faults
from tocsin.datamap import Store
from tocsin.errors import ConfigError, Refusal
from tocsin.model.categories import Category
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal

Natural = Annotated[int, Field(ge=0, strict=True)]
Count = Natural | tuple[Natural, Natural]
"""So many, or at least and at most."""

UNKNOWN = "not known"
Some = Annotated[str, Field(min_length=1)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Said):
    """What was touched of one category.

    Attributes:
        category: In the contract's words.
        stores: Where it lay: stores of the data map, or in words.
        effects: What happened to it.
        records: How many; None: not known.
        subjects: How many people are in them; None: not known.
        people: Whose data it is; () for what the data map says of the stores.
        basis: How the numbers are known.
    """

    category: Category
    stores: Annotated[tuple[Some, ...], Field(min_length=1)]
    effects: Annotated[
        tuple[Literal["confidentiality", "integrity", "availability"], ...], Field(min_length=1)
    ]
    records: Count | None = None
    subjects: Count | None = None
    people: tuple[str, ...] = ()
    basis: str = "stated by a person"


class OfCustomer(_Said):
    """What was touched of one customer.

    Attributes:
        id: In the register.
        standing: Confirmed, possible or excluded.
        why: On what ground, in a sentence.
        known_at: Since when we know of this customer, where it was found after awareness; None:
            with the awareness.
        begun_at: When it began, with its zone; None: not known.
        ended_at: When it ended; None: not known.
        subjects: How many people in all; None: what the categories allow.
        data: Category by category; () only beside excluded.
    """

    id: str
    standing: Standing
    why: str
    known_at: AwareDatetime | None = None
    begun_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    subjects: Count | None = None
    data: tuple[Data, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.ended_at and (self.begun_at is None or self.begun_at > self.ended_at):
            raise ValueError("begun_at: expected an instant not after ended_at")
        if len({one.category for one in self.data}) < len(self.data):
            raise ValueError("data: expected each category once")
        return self


class Statement(_Said):
    """One file; see the module."""

    customer: tuple[OfCustomer, ...]


def read(path: Path) -> Statement:
    """Return what a file says.

    Raises:
        ConfigError: It cannot be read or says what cannot be; every fault is named with its place.
    """
    data = dict[str, Any]()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Statement.model_validate(data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is no TOML: {error}") from error
    except ValidationError as error:
        found = faults(Statement, error, show=True, data=data)
        raise ConfigError(
            "\n".join(f"{path}: {fault}" for fault in found),
            hint="docs/NOTICES.md shows such a file and its words.",
        ) from None


def declare(
    desk: Desk, number: int, said: Statement, *, principal: Principal, now: datetime
) -> impacts.Impacted:
    """Keep what a person states as an impact run, and start the clocks of who is named.

    Of an incident that was detected, it is kept beside what its events tell; where they cannot be
    counted, the warnings say why.

    Raises:
        Refusal: There is no such incident, events tell as much of a customer, what is said cannot
            be kept, all faults named, or others kept runs of it faster than it could be computed;
            nothing was changed.
    """
    for _ in range(impacts.TRIES):
        with desk.store.read() as db:
            assessment.show(db, number)
            found, last = detected(db, number), impact.last(db, number)
            counted = beside.Counted(None)
            if found:
                counted = beside.counted(desk, db, found, number, principal=principal, now=now)
        with desk.store.begin() as db:
            before = impact.last(db, number)
            if not impacts.is_same(last, before):
                continue  # what it would be kept over may know more
            told = counted.run
            lost = impact.watching(db, desk.archive, found) if found and told is None else None
            made = _kept(db, number, said, told, before, lost=lost, principal=principal, now=now)
            # Whom a file takes back, or calls possible, only events confirm: since their run.
            sure = [one for one in said.customer if one.standing is Standing.CONFIRMED]
            since = {one.id: one.known_at for one in sure}
            taken = impacts.take(desk, db, made, before, stated=since, principal=principal, now=now)
            return taken._replace(warnings=(*counted.warnings, *taken.warnings))
    raise impacts.outrun(number)


def _kept(
    db: Connection,
    number: int,
    said: Statement,
    told: ImpactRun | None,
    before: ImpactRun | None,
    *,
    lost: impact.Query | None,
    principal: Principal,
    now: datetime,
) -> ImpactRun:
    """Keep what a person states, beside what events tell where they tell anything.

    ``lost``: what is watched where the incident was detected and its logs were lost since.
    """
    case = assessment.show(db, number).case
    stores = datamap.load(db).datamap.store
    faults = [*_faults(said, stores, beside.stated(before), now)]
    known = obligations.touched(entries(db, number))
    faults += [
        fault
        for one in said.customer
        if (fault := obligations.since_fault(case, known.get(one.id), _since(one, now), now))
    ]
    people = {one.name: one.people for one in stores}
    named = [_named(one, people) for one in said.customer]
    if not faults:
        stated = impact.stated(db, named)
        faults += beside.faults(told, stated, before)
    if faults:
        raise Refusal("\n".join(faults), hint="Correct the file and declare it again.")
    if told is None:
        return impact.declare(db, number, named, query=lost, principal=principal, now=now)
    return impact.keep(db, beside.together(told, stated), principal=principal, now=now)


def _since(one: OfCustomer, now: datetime) -> Shown:
    """Return what is said of since when a customer is known."""
    standing: Literal["confirmed", "possible"] = (
        "confirmed" if one.standing is Standing.CONFIRMED else "possible"
    )
    return Shown(one.id, standing, now, NOT_KEPT, stated=True, known_at=one.known_at)


def _faults(
    said: Statement, stores: Iterable[Store], before: Iterable[CustomerImpact], now: datetime
) -> Iterator[str]:
    people = {one.name: one.people for one in stores}
    for one in said.customer:
        for at in (one.begun_at, one.ended_at):
            if at is not None and at > now:
                yield f"customer {one.id}: {at.isoformat()} is still to come"
        for data in one.data:
            whose = _people(data, people)
            if not whose or not set(whose) <= PEOPLE.keys():
                unknown = [store for store in data.stores if store not in people]
                because = (
                    f"the data map has no store {', '.join(map(repr, unknown))}, so it does not "
                    "say whose data lies there; name them as people, "
                    if unknown and not data.people
                    else ""
                )
                yield (
                    f"customer {one.id}, {data.category}, people: {because}expected some of "
                    f"{', '.join(PEOPLE)}"
                )
        for name, count in _counts(one):
            if isinstance(count, tuple) and count[0] > count[1]:
                yield f"customer {one.id}, {name}: expected at least and at most, got {count}"
        in_all = _range(one.subjects, "").max
        for data in one.data:
            if in_all is not None and _range(data.subjects, "").min > in_all:
                yield f"customer {one.id}, subjects: fewer people in all than of {data.category}"
    here = {one.id for one in said.customer}
    for old in before:
        if old.standing is not Standing.EXCLUDED and old.customer not in here:
            yield (
                f"customer {old.customer}: named before and not now; name it again, as excluded "
                "where nothing of it was touched"
            )


def _counts(one: OfCustomer) -> Iterator[tuple[str, Count | None]]:
    yield "subjects", one.subjects
    for data in one.data:
        yield f"{data.category}, records", data.records
        yield f"{data.category}, subjects", data.subjects


def _named(one: OfCustomer, people: Mapping[str, tuple[str, ...]]) -> Named:
    categories = tuple(
        CategoryImpact(
            category=data.category,
            records=_range(data.records, data.basis),
            subjects=_range(data.subjects, data.basis),
            confidentiality="confidentiality" in data.effects,
            integrity="integrity" in data.effects,
            availability="availability" in data.effects,
            stores=data.stores,
            people=_people(data, people),
        )
        for data in one.data
    )
    each = [category.subjects for category in categories]
    subjects = counting.together(each, distinct=False)
    if one.subjects is not None:
        subjects = _range(one.subjects, "; ".join(dict.fromkeys(data.basis for data in one.data)))
    return Named(
        customer=one.id,
        standing=one.standing,
        why=one.why,
        categories=categories,
        subjects=subjects,
        first_at=None if one.begun_at is None else to_us(one.begun_at),
        last_at=None if one.ended_at is None else to_us(one.ended_at),
    )


def _people(data: Data, people: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found = (who for store in data.stores for who in people.get(store, ()))
    return data.people or tuple(dict.fromkeys(found))


def _range(count: Count | None, basis: str) -> Range:
    if count is None:
        return Range(0, None, None, UNKNOWN)
    if isinstance(count, tuple):
        return Range(count[0], None, count[1], basis)
    return Range(count, count, count, basis)

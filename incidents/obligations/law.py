"""Law and contract as dated configuration: what is owed, to whom, within what.

``law.toml`` ships with the package; an operator's own file replaces or adds rules by their id.
Each version of a rule holds from its day on. What is not confirmed ships switched off: as a
running clock it would create duties that may not exist.

Source: see ``source`` of each rule.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from incidents.obligations.clock import H, utc
from incidents.obligations.periods import days_after, end_of, hours_after, months_after
from tocsin.errors import ConfigError, Refusal

NOTICE = "notice-to-customer"
OWN_FILING = "own-filing"
POSSIBLE = "decision-on-possible-customer"
DECISION = "decision-on-incident"
STRICT = "notice-by-strict-reading"
IMPACT = "impact-of-breach"

OF_CASES = frozenset({NOTICE, OWN_FILING, POSSIBLE, DECISION, STRICT, IMPACT})
"""Duties the clocks of cases are made of: they are counted in hours."""


class LegalRule(BaseModel):
    """One version of one duty.

    Attributes:
        id: Of the duty.
        title: What is to be done.
        to: To whom it is owed.
        starts: What starts it.
        hours: Elapsed hours, or
        days: days after the day it starts, or
        months: months after it. Exactly one of the three, or none: at once.
        basis: Clause or article.
        source: Where that was read.
        version: Of the text.
        valid_from: First day.
        checked_on: When somebody compared it with the source last.
        confirmed: Read in the official text, or the contract's own.
        on: Whether clocks run by it. No shipped rule is on that is not confirmed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    to: Literal["customer", "authority", "people", "team", "other"]
    starts: Literal[
        "awareness", "detection", "shown", "receipt", "incident", "contract end", "classification"
    ]
    hours: int | None = Field(default=None, gt=0)
    days: int | None = Field(default=None, gt=0)
    months: int | None = Field(default=None, gt=0)
    basis: str
    source: str
    version: str
    valid_from: date
    checked_on: date
    confirmed: bool
    on: bool = False

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.hours, self.days, self.months)) > 1:
            raise ValueError("hours, days and months exclude each other")
        if self.id in OF_CASES and self.hours is None:
            raise ValueError("this duty is counted in hours")
        return self

    @property
    def window(self) -> timedelta:
        """The elapsed time it allows.

        Raises:
            ValueError: It is not counted in hours.
        """
        if self.hours is None:
            raise ValueError(f"{self.id} is not counted in hours")
        return self.hours * H

    def due_at(self, start: datetime, zone: tzinfo) -> datetime:
        """Return when it is due.

        Args:
            start: What started it, with a time zone.
            zone: Of the party to whom it is owed; days end there.
        """
        day = start.astimezone(zone).date()
        if self.days is not None:
            return end_of(days_after(day, self.days), zone)
        if self.months is not None:
            return end_of(months_after(day, self.months), zone)
        return hours_after(start, self.hours or 0)


class Law(NamedTuple):
    """All versions of all duties."""

    rules: tuple[LegalRule, ...]

    def at(self, day: date) -> Mapping[str, LegalRule]:
        """Return the version of each duty that holds on a day, by id; switched off ones too."""
        held = sorted(
            (rule for rule in self.rules if rule.valid_from <= day), key=lambda r: r.valid_from
        )
        return {rule.id: rule for rule in held}

    def of_case(self, clause: str, day: date) -> LegalRule | None:
        """Return the version by which a case's clock runs; None where it is switched off.

        On a day before the first version it is the first one: for its date alone no clock is left
        out. That such a day is given at all is refused by :meth:`must_hold`.
        """
        versions = [rule for rule in self.rules if rule.id == clause]
        first = min(versions, key=lambda rule: rule.valid_from, default=None)
        rule = self.at(day).get(clause, first)
        return rule if rule is not None and rule.on else None

    def must_hold(self, at: datetime, *, what: str = "aware") -> None:
        """Return if there was law on the day of an awareness, or of a report's receipt.

        Args:
            at: When.
            what: Which of the two, in a word.

        Raises:
            Refusal: There is none that says what would be owed from then on.
        """
        day, first = utc(at).date(), {NOTICE: date.max, OWN_FILING: date.max}
        for rule in self.rules:
            if rule.id in first:
                first[rule.id] = min(first[rule.id], rule.valid_from)
        if missing := [clause for clause, since in first.items() if day < since]:
            raise Refusal(
                f"{what} on {day}: no version of {' or '.join(missing)} holds on that day; "
                f"the first is of {max(first.values())}",
                hint="Give the right instant: the year may be mistyped. What was known before that "
                "day is owed by no law that this program knows; ask counsel.",
            )

    def running(self, day: date) -> Mapping[str, LegalRule]:
        """Return those by which clocks run on a day, by id."""
        return {id_: rule for id_, rule in self.at(day).items() if rule.on}


def load_law(own: Path | None = None) -> Law:
    """Return the law shipped with this version, with the operator's own rules in front of it.

    Args:
        own: A TOML file of the same form; a rule with the id and day of a shipped one replaces it.

    Raises:
        ConfigError: The file cannot be read, or a rule in it cannot work; file and rule are named.
    """
    shipped = files("incidents.obligations").joinpath("law.toml").read_text(encoding="utf-8")
    rules = _read(shipped, "law.toml")
    if own is not None:
        try:
            text = own.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{own}: cannot be read: {error}", hint="Check `law` in `[obligations]`."
            ) from error
        rules |= _read(text, str(own))
    return Law(tuple(rules.values()))


def _read(text: str, where: str) -> dict[tuple[str, date], LegalRule]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}", hint="It is no TOML; correct the line.") from error
    tables = content.get("rule", [])
    if not isinstance(tables, list) or content.keys() - {"rule"}:
        raise ConfigError(
            f"{where}: expected [[rule]] tables and nothing else, got {', '.join(content)}",
            hint="law.toml of the package shows the form.",
        )
    rules = {}
    for number, table in enumerate(tables, 1):
        try:
            rule = LegalRule.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "rule"
            name = table.get("id", f"number {number}") if isinstance(table, dict) else number
            raise ConfigError(
                f"{where}, rule {name}, {place}: {first['msg']}",
                hint="law.toml of the package shows the form.",
            ) from error
        if (rule.id, rule.valid_from) in rules:
            raise ConfigError(
                f"{where}, rule {rule.id}: twice from {rule.valid_from}",
                hint="Keep one of them, or give the newer one its own valid_from.",
            )
        rules[rule.id, rule.valid_from] = rule
    return rules

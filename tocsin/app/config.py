"""config.toml: what the operator sets. Every part has a default; ``scan`` needs no file at all.

    [source.NAME]   what is read: type = "files" or "s3", and that collector's own settings
    [contract]      what the contract names; switches on the rules about it
    [geo]           where addresses are
    [rules]         which rules are asked
    [follow]        how events are put in order, how long an actor is learned
    [grouping]      when findings are an incident
    [store]         the state
    [archive]       the events
    [run]           the service
    [operator]      us, as documents name us
    [team]          who is told of incidents
    [notifiers]     the channels
    [obligations]   what we owe besides the contracts
    [reminders]     when clocks are reminded of
    [evidence]      captured records, and the key that signs

An unknown key is an error that names file, key and the nearest key there is: a word misspelt must
not switch something off silently. Secrets have no place in it. Relative paths count from the folder
the command runs in.

Source: TOML v1.0.0.
"""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from collectors.mapping import Mapping_
from detectors import follow
from incidents.grouping import GroupingSettings
from incidents.obligations.clock import Reminders
from incidents.obligations.owed import ObligationSettings
from tocsin.app.casework.settings import (
    EvidenceSettings,
    NotifierSettings,
    OperatorSettings,
    TeamSettings,
)
from tocsin.app.faults import faults
from tocsin.app.sources import SOURCES, SourceSettings
from tocsin.errors import ConfigError
from tocsin.paths import LocalPath

Model = TypeVar("Model", bound=BaseModel)


class Table(BaseModel, extra="forbid", frozen=True):
    """A table of config.toml."""


class ContractSettings(Table, frozen=True):
    """What the contract names; a part that is empty switches nothing on.

    Attributes:
        regions: AWS regions in which data may be processed.
        countries: Countries (ISO 3166) from which people of ours may work with it.
    """

    regions: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")], ...] = ()
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """Return the parts by name."""
        return {"regions": self.regions, "countries": self.countries}


class GeoSettings(Table, frozen=True):
    """Where addresses are.

    Attributes:
        mmdb: The operator's own MaxMind DB file with country or ASN records; without one,
            countries are unknown.
    """

    mmdb: LocalPath | None = None


class RuleSettings(Table, frozen=True):
    """Which rules are asked.

    Attributes:
        own: Whether the rules we ship are.
        directories: Further files and folders of Sigma rules.
        placeholders: Values for ``%name%`` in those.
    """

    own: bool = True
    directories: tuple[LocalPath, ...] = ()
    placeholders: dict[str, tuple[str, ...]] = {}


class FollowSettings(Table, frozen=True):
    """How events are put in order, and how long an actor is learned.

    Attributes:
        lateness: How far judging stays behind the newest event, so that others can arrive.
        quiet_after: A source without events for so long holds judging up no more.
        learning_days: Days since an actor was first seen before something is new to it.
        active_days: Days on which it was active before.
    """

    lateness: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(minutes=15)
    quiet_after: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(hours=1)
    learning_days: Annotated[int, Field(ge=0)] = follow.Settings().learning_days
    active_days: Annotated[int, Field(ge=0)] = follow.Settings().active_days

    @property
    def learned(self) -> follow.Settings:
        """Return what FOLLOW itself needs."""
        return follow.Settings(learning_days=self.learning_days, active_days=self.active_days)


class StoreSettings(Table, frozen=True):
    """The state: what was read, what was found, how far it came.

    Attributes:
        path: A SQLite file, made if it is not there, or the URL of a PostgreSQL database.
    """

    path: str = "tocsin-state/state.sqlite"


class ArchiveSettings(Table, frozen=True):
    """The events.

    Attributes:
        path: A folder on a local disk.
    """

    path: LocalPath = Path("tocsin-state/archive")


class RunSettings(Table, frozen=True):
    """The service.

    Attributes:
        every: Time from the beginning of one pass over the sources to that of the next.
    """

    every: Annotated[timedelta, Field(ge=timedelta(seconds=1))] = timedelta(minutes=1)


class Config(Table, frozen=True):
    """All of config.toml; see the module."""

    source: dict[str, SourceSettings] = {}
    contract: ContractSettings = ContractSettings()
    geo: GeoSettings = GeoSettings()
    rules: RuleSettings = RuleSettings()
    follow: FollowSettings = FollowSettings()
    grouping: GroupingSettings = GroupingSettings()
    store: StoreSettings = StoreSettings()
    archive: ArchiveSettings = ArchiveSettings()
    run: RunSettings = RunSettings()
    operator: OperatorSettings = OperatorSettings()
    team: TeamSettings = TeamSettings()
    notifiers: NotifierSettings = NotifierSettings()
    obligations: ObligationSettings = ObligationSettings()
    reminders: Reminders = Reminders()
    evidence: EvidenceSettings = EvidenceSettings()


def load(path: Path | None) -> Config:
    """Return what a file says; the defaults when there is none.

    Raises:
        ConfigError: The file cannot be read, or a setting cannot work.
    """
    if path is None:
        return Config()
    try:
        tables = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror or error}",
            hint="Go where it lies, or give its path as --config.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is no TOML: {error}") from error
    sources = tables.pop("source", {})
    if not isinstance(sources, dict) or not all(isinstance(s, dict) for s in sources.values()):
        raise ConfigError(f"{path}: source: each source is a table of its own, [source.NAME]")
    read = {name: _source(path, name, table) for name, table in sources.items()}
    _told_apart(path, read)
    return _checked(path, Config, {**tables, "source": read}, ())


def _told_apart(path: Path, sources: Mapping[str, SourceSettings]) -> None:
    """Refuse two descriptions of one name: what is called by it could not be told apart."""
    known = dict[str, tuple[str, Mapping_]]()
    for name, source in sources.items():
        for mapping in source.mappings:
            first, other = known.setdefault(mapping.name, (name, mapping))
            if other != mapping:
                raise ConfigError(
                    f"{path}: source.{name}.mappings: {mapping.name!r} is described otherwise "
                    f"under source.{first}",
                    hint="Give one of them another name.",
                )


def _source(path: Path, name: str, table: dict[str, Any]) -> SourceSettings:
    kind = table.get("type")
    if not isinstance(kind, str) or kind not in SOURCES:
        raise ConfigError(
            f"{path}: source.{name}.type: got {kind!r}, expected one of {', '.join(SOURCES)}",
            hint='Write type = "files" or type = "s3".',
        )
    rest = {key: value for key, value in table.items() if key != "type"}
    return _checked(path, SOURCES[kind], {"name": name, **rest}, ("source", name))


def _checked(path: Path, model: type[Model], data: dict[str, Any], under: tuple[str, ...]) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = faults(model, error, under, show=False)
        raise ConfigError(
            "\n".join(f"{path}: {fault}" for fault in found),
            hint="config.toml in the repository shows every setting there is.",
        ) from None

"""Every command, as one function each. Command line, pages and API only call these.

Each takes a principal (who asks, and how we know) and ``now``, and loads what it alone needs: a
scan knows nothing of cases.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.files import FilesSettings
from collectors.mapping import Mapping_
from collectors.s3 import S3Settings, parse_s3_url
from collectors.sampling import Sample, sample_file
from collectors.unpack import CAP_BYTES
from detectors.sigma.load import RulePack
from tocsin.app import output
from tocsin.app.config import Config
from tocsin.app.config import load as load_config
from tocsin.app.engine.choosing import choose
from tocsin.app.engine.result import ScanResult
from tocsin.app.engine.scanning import Progress
from tocsin.app.engine.scanning import scan as scan_sources
from tocsin.app.engine.workers import cores
from tocsin.app.sources import SourceSettings
from tocsin.errors import ConfigError
from tocsin.geo import Geo
from tocsin.model.principals import Principal
from tocsin.paths import is_address

if TYPE_CHECKING:
    from rich.console import Console

    from tocsin.app.checking import Answer
    from tocsin.app.ruling import Tested

S3 = "s3://"


def quietly(what: str, done: int, total: int) -> None:
    """Take news of progress and do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """What a scan is asked.

    Attributes:
        paths: Files, folders, patterns, ``s3://`` addresses.
        config: Settings; None for none.
        rules: Further files and folders of rules.
        own_rules: Whether our own are asked.
        since: No event before this is judged; aware.
        until: None at or after this is.
        output: Where JSON lines go; None for nowhere.
        rejects: Where all that could not be read is named; None for nowhere.
        processes: How many at most; None for one per core.
    """

    paths: tuple[str, ...]
    config: Path | None = None
    rules: tuple[Path, ...] = ()
    own_rules: bool = True
    since: datetime | None = None
    until: datetime | None = None
    output: Path | None = None
    rejects: Path | None = None
    processes: int | None = None


@contextmanager
def scan(
    asked: ScanRequest,
    *,
    principal: Principal,  # noqa: ARG001 - a scan keeps nothing, so there is nobody to write down
    now: datetime,  # noqa: ARG001 - a scan judges by the events' own time
    progress: Progress = quietly,
) -> Iterator[ScanResult]:
    """Scan, write the output if one is asked for, and yield the result.

    Raises:
        ConfigError: An option or setting cannot work; nothing was read.
        CollectError: A path is not there, or a bucket cannot be reached; nothing was written.
    """
    if asked.since is not None and asked.until is not None and asked.since >= asked.until:
        raise ConfigError(
            f"--since {asked.since.isoformat()} is not before --until {asked.until.isoformat()}"
        )
    output.check_writable(asked.output, asked.rejects)
    config = with_rules(load_config(asked.config), asked.rules, own=asked.own_rules)
    with scan_sources(
        sources_of(asked.paths, config),
        config,
        since=asked.since,
        until=asked.until,
        processes=asked.processes,
        progress=progress,
    ) as result:
        if asked.output is not None:
            output.write(asked.output, result.findings, result.incidents, result.summary)
        if asked.rejects is not None:
            output.write_rejects(asked.rejects, result.rejects)
        yield result


def run(
    config: Path,
    *,
    principal: Principal,  # noqa: ARG001 - what it does it does as the service
    clock: Callable[[], datetime],
    once: bool = False,
    processes: int | None = None,
) -> None:
    """Run the service until it is stopped, or for one pass.

    Args:
        config: Settings.
        principal: Who started it.
        clock: Says what time it is; asked at the beginning of each pass.
        once: One pass, then stop.
        processes: How many at most; None for one per core.

    Raises:
        ConfigError: A setting cannot work, or another service runs on the same archive.
    """
    from tocsin.app import schedule  # noqa: PLC0415 - start-up

    schedule.serve(load_config(config), clock=clock, once=once, processes=processes or cores())


def check(
    config: Path | None,
    *,
    principal: Principal,  # noqa: ARG001 - asking changes nothing
    now: datetime,
) -> "list[Answer]":
    """Ask every part of a configuration whether it can work, and the registers what they lack."""
    from tocsin.app import checking  # noqa: PLC0415 - start-up

    asked = f"{config}" if config else "none: the defaults; there is no config.toml in this folder"
    hint = "" if config else "Name one with --config."
    named = checking.Answer("configuration", True, asked, hint, lacks=config is None)
    return [named, *checking.ask(load_config(config), now)]


def check_sample(
    path: Path,
    config: Path | None,
    *,
    principal: Principal,  # noqa: ARG001 - asking changes nothing
    now: datetime,  # noqa: ARG001 - the same
) -> Sample:
    """Return how a file would be read."""
    settings = load_config(config)
    geo = Geo(settings.geo.mmdb)
    return sample_file(path, mappings_of(settings), max_bytes=_cap(settings), geo=geo)


def demo(
    out: Path,
    *,
    console: "Console",
    principal: Principal,  # noqa: ARG001 - everything in it is simulated
    now: datetime,  # noqa: ARG001 - the same
    quiet_month: bool = False,
    seed: int = 1,
    processes: int | None = None,
    progress: Progress = quietly,
) -> None:
    """Generate a month, scan it, and print what was found beside the truth."""
    from tocsin.app import showing  # noqa: PLC0415 - start-up

    showing.demo(
        out,
        console=console,
        quiet_month=quiet_month,
        seed=seed,
        processes=processes,
        progress=progress,
    )


def rule_list(
    config: Path | None,
    rules: tuple[Path, ...],
    *,
    own: bool,
    principal: Principal,  # noqa: ARG001 - asking changes nothing
    now: datetime,  # noqa: ARG001 - the same
) -> RulePack:
    """Return the rules there are."""
    return choose(with_rules(load_config(config), rules, own=own)).load()


def rule_test(
    config: Path | None,
    rules: tuple[Path, ...],
    *,
    own: bool,
    principal: Principal,  # noqa: ARG001 - asking changes nothing
    now: datetime,  # noqa: ARG001 - the same
) -> "Tested":
    """Run the tests that rules carry."""
    from tocsin.app import ruling  # noqa: PLC0415 - start-up

    return ruling.test(choose(with_rules(load_config(config), rules, own=own)))


def with_rules(config: Config, rules: tuple[Path, ...], *, own: bool) -> Config:
    """Return the configuration with further rules, and perhaps without ours.

    Raises:
        ConfigError: A path of rules is not there.
    """
    for path in (*rules, *config.rules.directories):
        if not path.exists():
            raise ConfigError(f"rules {path}: not there", hint="Check --rules or [rules].")
    chosen = config.rules.model_copy(
        update={
            "own": config.rules.own and own,
            "directories": (*config.rules.directories, *rules),
        }
    )
    return config.model_copy(update={"rules": chosen})


def mappings_of(config: Config) -> tuple[Mapping_, ...]:
    """Return the descriptions of application logs of all sources."""
    found = {m.name: m for source in config.source.values() for m in source.mappings}
    return tuple(found.values())


def _cap(config: Config) -> int:
    """Return how large a file may be: the most that a source of files allows."""
    caps = [s.max_object_bytes for s in config.source.values() if isinstance(s, FilesSettings)]
    return max(caps, default=CAP_BYTES)


def sources_of(paths: tuple[str, ...], config: Config) -> list[SourceSettings]:
    """Return the sources that paths name; buckets of the configuration keep their settings.

    Raises:
        ConfigError: An address is none that can be read.
    """
    mappings = mappings_of(config)
    for path in paths:
        if not path.startswith(S3) and is_address(path):
            raise ConfigError(
                f"{path}: neither a path on this machine nor a bucket",
                hint="Write s3://BUCKET/PREFIX to read a bucket, in small letters.",
            )
    files = tuple(Path(path) for path in paths if not path.startswith(S3))
    sources: list[SourceSettings] = []
    if files:
        cap = _cap(config)
        sources.append(FilesSettings(paths=files, mappings=mappings, max_object_bytes=cap))
    for url in (path for path in paths if path.startswith(S3)):
        bucket, prefix = parse_s3_url(url)
        known = next(
            (s for s in config.source.values() if isinstance(s, S3Settings) and s.bucket == bucket),
            S3Settings(bucket=bucket),
        )
        update = {"name": url, "prefix": prefix, "mappings": mappings}
        sources.append(known.model_copy(update=update))
    return sources

"""``tocsin check``: is this configuration able to work? Every part is asked, none is changed."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from collectors.base import Needs
from collectors.sampling import Sample
from tocsin.app import owning
from tocsin.app.casework import books, naming, unregistered
from tocsin.app.casework.desk import Desk, configured, opened
from tocsin.app.config import Config
from tocsin.app.engine.choosing import choose
from tocsin.app.engine.scanning import Everything
from tocsin.app.remarks import AHEAD, JUDGED_LATER
from tocsin.app.rendering import SAY_MISSING, instant, many, safe
from tocsin.app.sources import SourceSettings, collector
from tocsin.archive.archive import Archive
from tocsin.errors import ConfigError, TocsinError
from tocsin.geo import Geo
from tocsin.ledger import rotation
from tocsin.ledger.standing import look_over
from tocsin.model.events import NUMBERS, WORDS
from tocsin.model.instants import to_us
from tocsin.store import Store
from tocsin.store.objects import set_aside
from tocsin.store.progress import faults


class Answer(NamedTuple):
    """What one part said.

    Attributes:
        part: Which one.
        works: Whether it can work.
        said: What it said.
        hint: What to do, or "".
        lacks: It works, but something a breach will need is missing or old.
    """

    part: str
    works: bool
    said: str
    hint: str = ""
    lacks: bool = False


SHOWN = 5
"""So many lines of one kind; a register of thousands may lack as much."""

_RENAME = (
    "No customer's notice or bundle says these: call the store otherwise in the data map, or allow "
    "the word for one incident, `tocsin notice preview N --allow WORD --why TEXT`."
)

FAULTS = 50
"""So many faults of the ledger."""


def ask(config: Config, now: datetime) -> list[Answer]:
    """Return what every part of a configuration says, and what the registers lack."""
    answers = [
        _asked(f"source.{name}", _source, settings) for name, settings in config.source.items()
    ]
    if not config.source:
        # What people report can still be served, where something carries messages.
        serves, said = bool(configured(config.notifiers)), "none is configured: nothing is detected"
        answers.append(Answer("source", serves, said, "Add a [source.NAME].", lacks=serves))
    answers.append(_asked("geo", _geo, config))
    answers += _channels(config)
    answers.append(_asked("archive", _folder, config.archive.path))
    answers += _store(config, now)
    answers += _rules(config)
    answers += _packages()
    return answers


def _packages() -> Iterator[Answer]:
    for name, others in owning.strangers().items():
        said = f"{name} is a package of {', '.join(others)} too: which one is loaded is chance"
        hint = "Install Tocsin into a virtual environment of its own."
        yield Answer("packages", False, said, hint)


def show_answers(out: Console, answers: Sequence[Answer]) -> None:
    """Print the answers."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for answer in answers:
        said = Text("\n".join(map(safe, answer.said.splitlines())))
        if answer.hint:
            said.append(f"\n{safe(answer.hint)}", "dim")
        table.add_row(_verdict(answer), Text(answer.part), said)
    out.print(table)


def show_sample(out: Console, path: Path, sample: Sample) -> None:
    """Print how the first records of a file would be read."""
    form = sample.format.source or "nothing we know"
    why = f" ({sample.format.why})" if sample.format.why else ""
    out.print(Text(safe(f"{path}: read as {form}{why}")))
    counted = f"{many(sample.records, 'record')}, {sample.rejected:,} rejected"
    out.print(Text(f"{counted}; the file is {sample.state}"))
    shown = len(sample.events)
    if shown:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("field", no_wrap=True)
        table.add_column("taken from", overflow="fold")
        table.add_column(f"filled in {shown}", justify="right")
        table.add_column("first", overflow="fold")
        first = sample.events[0]
        for name in ("id", "at", *WORDS, *NUMBERS):
            value = first.at.astimezone(UTC).isoformat() if name == "at" else getattr(first, name)
            table.add_row(
                name,
                Text(safe(sample.fields.get(name, "-"))),
                str(sample.filled.get(name, shown)),
                Text("" if value is None else safe(str(value))),
            )
        out.print(table)
    if sample.unmapped:
        words = safe(", ".join(sorted(sample.unmapped)))
        said = "say under outcomes whether each is success or failure"
        out.print(Text(f"outcomes without a meaning: {words}; {said}", "yellow"))
    if sample.mute:
        names = safe(", ".join(sorted(sample.mute)))
        said = "rules that ask for success match none of them"
        out.print(Text(f"no record of {names} says its outcome: {said}. {SAY_MISSING}", "yellow"))
    if sample.repeated:
        ids = safe(", ".join(sample.repeated))
        out.print(
            Text(
                f"ids at several instants: {ids}; events of one id count as one in findings and "
                "evidence: name a field under id that never repeats, or leave id out",
                "yellow",
            )
        )
    for reject in sample.rejects:
        place = f", {reject.place}" if reject.place else ""
        out.print(Text(safe(f"rejected{place}: {reject.reason}"), "red"))


def _verdict(answer: Answer) -> Text:
    if not answer.works:
        return Text("FAILS", "bold red")
    return Text("lacks", "yellow") if answer.lacks else Text("works", "green")


def _asked(part: str, question: Callable[..., str], *of: object) -> Answer:
    try:
        return Answer(part, True, question(*of))
    except TocsinError as error:
        return Answer(part, False, str(error), error.hint)


def _source(settings: SourceSettings) -> str:
    first = next(iter(collector(settings, Needs(), Geo()).find(Everything())), [])
    found = f"{many(len(first), 'object')} or more" if first else "nothing there yet"
    return f"reachable; {found}"


def _channels(config: Config) -> Iterator[Answer]:
    found = configured(config.notifiers)
    for name, notifier in found.items():
        yield _asked(f"notifiers.{name}", notifier.check)
    if not found:
        hint = "Add [notifiers.email], or [notifiers.files] for a folder."
        yield Answer("notifiers", True, "none: nobody is told anything", hint, lacks=True)


def _geo(config: Config) -> str:
    known = Geo(config.geo.mmdb).knows_countries
    return "countries are known" if known else "no MMDB file: countries are unknown"


def _folder(path: Path) -> str:
    there = path.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise TocsinError(
            f"{there} cannot be written to", hint="Let the service's user write there."
        )
    return f"{path} can be written" if path.exists() else f"{path} will be made"


def _store(config: Config, now: datetime) -> Iterator[Answer]:
    where = config.store.path
    if "://" not in where and not Path(where).exists():
        yield _asked("store", _folder, Path(where).absolute().parent)
        return
    try:
        store = Store(where)
    except TocsinError as error:
        yield Answer("store", False, str(error), error.hint)
        return
    with store.read() as db:
        raised, aside, of_ledger = faults(db), set_aside(db), _ledger(db)
        of_key = _asked("key", _key, config, db)
        ahead = list(_ahead(config, db, now))
    store.close()
    yield Answer("store", True, f"{store.name} opens")
    yield of_ledger
    yield of_key
    yield from ahead
    for rule, what in raised.items():
        yield Answer(f"rule {rule}", False, what, "It raised on some records; mend or remove it.")
    if aside.records or aside.objects:
        said = f"{aside.records:,} set aside, could not be read; whole files: {aside.objects:,}"
        first = f"{aside.place}: {aside.reason}" if aside.place else ""
        hint = "`tocsin check --sample FILE` shows how a file is read."
        yield Answer("rejects", True, f"{said}\n{first}".strip(), hint, lacks=True)
    yield from _registers(config, now)


def _ahead(config: Config, db: Connection, now: datetime) -> Iterator[Answer]:
    """Say whose events lie beyond the clock."""
    try:
        found = Archive(config.archive.path / "segments").ahead(db, to_us(now + AHEAD))
    except TocsinError as error:
        yield Answer("archive", False, str(error), error.hint)
        return
    for name, its in sorted(found.items()):
        said = f"{many(its.events, 'event')} dated ahead of the clock, the newest "
        said += instant(its.last_at)
        yield Answer(f"source.{name}", True, said, JUDGED_LATER, lacks=True)


def _ledger(db: Connection) -> Answer:
    """Return whether the record holds: every entry and every checkpoint is verified."""
    found = look_over(db)
    if found.faults:
        hint = "Stop the service, keep a copy of the database, and compare it with a backup."
        return Answer("ledger", False, _some([str(one) for one in found.faults], FAULTS), hint)
    signed = f", the last signed at {found.signed_at}" if found.signed_at else ""
    said = f"verified, {found.entries:,} entries, {many(found.checkpoints, 'checkpoint')}{signed}"
    if found.unsigned:
        said += f"; not signed yet: {found.unsigned:,}"
    said = "\n".join([said, *found.unvouched])
    return Answer("ledger", True, said)


def _key(config: Config, db: Connection) -> str:
    """Return whose key it is; one that is lost, another or open to others is raised."""
    waiting = rotation.waiting(db)
    try:
        key = rotation.look(db, config.evidence.key)
    except ConfigError as error:
        if waiting is None:
            raise
        how = f"a second person agrees: tocsin evidence rotate-key --agree {waiting.entry}"
        hint = f"{waiting.principal} said in entry {waiting.entry} that it is lost; {how}"
        raise ConfigError(str(error), hint=hint) from error
    if key is None:
        return f"{config.evidence.key} will be made on first use"
    return f"{key.public.fingerprint}, in {config.evidence.key}"


def _some(texts: Sequence[str], most: int) -> str:
    more = [f"… and {len(texts) - most:,} more"] if len(texts) > most else []
    return "\n".join([*texts[:most], *more])


def _registers(config: Config, now: datetime) -> Iterator[Answer]:
    """What a breach will need and the registers lack; nothing before there is a register."""
    by_kind: dict[tuple[str, str], list[str]] = {}
    try:
        with opened(config) as desk:
            known, missing = len(books.customers(desk)), books.missing(desk)
            for gap in books.gaps(desk, now) if known else ():
                by_kind.setdefault((gap.kind, gap.hint), []).append(gap.text)
            for told in _telling(desk) if known else ():
                by_kind.setdefault(("labels", _RENAME), []).append(told)
    except TocsinError as error:
        yield Answer("registers", False, str(error), error.hint)
        return
    if known:
        yield Answer("registers", True, many(known, "customer"))
    if missing:
        said = f"{', '.join(missing)}: something is owed about it, and no register knows it"
        yield Answer("registers", False, said, f"Import it again: {unregistered.IMPORT}")
    for (kind, hint), texts in by_kind.items():
        yield Answer(kind, True, _some(texts, SHOWN), hint, lacks=True)


def _telling(desk: Desk) -> Iterator[str]:
    """Yield what we call stores and sources, where that tells every customer of somebody."""
    with desk.store.read() as db:
        for one in naming.telling_labels(desk, db):
            yield f'"{one.where}" holds {one.of}'


def _rules(config: Config) -> Iterator[Answer]:
    pack = choose(config).load()
    silent = f", {len(pack.silent)} silent for want of a contract" if pack.silent else ""
    yield Answer("rules", bool(pack.rules), f"{len(pack.rules)} loaded{silent}")
    for error in pack.errors:
        yield Answer("rules", False, str(error), error.hint)

"""The generated company, read as a service would: an archive, its state, registers, incidents."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from collectors.base import Needs
from collectors.files import Files, FilesSettings
from collectors.mapping import Mapping_
from detectors.follow import Follow
from detectors.sigma.load import OWN_RULES, load
from detectors.sigma.match import Matcher
from detectors.sigma.rule import Rule
from incidents.grouping import Grouping
from tocsin import datamap, registers
from tocsin.app.demo import registers as demo_registers
from tocsin.app.demo.applog import MAPPING
from tocsin.app.demo.company import CONTRACT_COUNTRIES, CONTRACT_REGIONS, Company
from tocsin.app.demo.generate import START, World, generate
from tocsin.app.demo.identities import PROD, VAULT
from tocsin.archive.archive import Archive
from tocsin.geo import Geo
from tocsin.model.columns import in_order
from tocsin.model.events import DAY_US
from tocsin.model.findings import Incident
from tocsin.model.principals import Principal
from tocsin.model.sources import SourceObject
from tocsin.store import Store

ALICE = Principal("shell", "alice")
HANDFUL = 400
TAKEN = datetime(2026, 4, 8, 6, tzinfo=UTC)


class Everything:
    """A ledger that knows nothing yet."""

    def unseen(self, found: Sequence[SourceObject]) -> Sequence[SourceObject]:
        return found


class Month(NamedTuple):
    """A world that was read."""

    world: World
    company: Company
    store: Store
    archive: Archive
    incidents: list[Incident]


def read_month(out: Path, *, seed: int = 1, days: int = 30, scale: float = 1.0) -> Month:
    """Generate a month below ``out`` and read it."""
    world = generate(out / "world", seed=seed, days=days, scale=scale)
    company = Company(seed, START, days, scale)
    store, archive = Store(out / "state.db"), Archive(out / "archive")
    contract = {"regions": CONTRACT_REGIONS, "countries": CONTRACT_COUNTRIES}
    rules = load(
        (OWN_RULES,),
        placeholders={
            **{f"contract_{name}": words for name, words in contract.items()},
            "own_accounts": (PROD, VAULT),
        },
        contract=tuple(contract),
    ).rules
    match, geo = Matcher(rules), Geo()
    settings = FilesSettings(
        name="logs", paths=(world.logs,), mappings=(Mapping_.model_validate(MAPPING),)
    )
    source = Files(settings, Needs(match.roots(), match.needs_whole), geo)
    objects = [one for page in source.find(Everything()) for one in page]
    objects.sort(key=_arrival)
    for at in range(0, len(objects), HANDFUL):
        batch = source.read(objects[at : at + HANDFUL], match)
        assert not batch.faults
        files = archive.write(batch.columns, batch.hits)
        with store.begin() as db:
            archive.add(db, "logs", files, TAKEN)
    incidents = _followed(store, archive, rules, geo)
    _take_registers(out, store, company)
    return Month(world, company, store, archive, incidents)


def _arrival(one: SourceObject) -> str:
    """Order files by their day, so that each batch has few segments."""
    found = re.search(r"20\d\d-?\d\d-?\d\d", Path(one.address).name)
    return found[0].replace("-", "") if found else ""


def _followed(store: Store, archive: Archive, rules: Sequence[Rule], geo: Geo) -> list[Incident]:
    follow, grouping = Follow(rules, geo), Grouping()
    state, groups, found = follow.start(), grouping.start(), dict[str, Incident]()
    with store.read() as db:
        rows = archive.segments(db)
    for day in range(
        min(r.first_at for r in rows) // DAY_US, max(r.last_at for r in rows) // DAY_US + 1
    ):
        of_day = [r for r in rows if r.first_at // DAY_US == day]
        if not of_day:
            continue
        columns, hits = archive.read(of_day)
        order, _ = in_order(columns.at, columns.id)
        place = np.full(len(columns), -1)
        place[order] = np.arange(len(order))
        kept = [h._replace(row=int(place[h.row])) for h in hits if place[h.row] >= 0]
        findings, state = follow.step(state, columns.take(order), sorted(kept, key=lambda h: h.row))
        changed, groups = grouping.step(groups, findings)
        for incident in changed:
            found[incident.id] = incident
            for gone in incident.merged:
                found.pop(gone, None)
    return sorted(found.values(), key=lambda i: (i.opened_at, i.id))


def _take_registers(out: Path, store: Store, company: Company) -> None:
    folder = demo_registers.write(out, company)
    now = TAKEN
    with store.begin() as db:
        diff = registers.plan_import(db, folder)
        registers.take_import(db, diff, principal=ALICE, now=now)
        change = datamap.plan(db, folder / "datamap.toml")
        datamap.take(db, change, principal=ALICE, now=now)

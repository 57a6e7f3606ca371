"""The registers and the data map: imported after a look at the difference, and what they lack."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from incidents import obligations
from incidents.impact import checks as impact_checks
from incidents.obligations import NOTICE, POSSIBLE
from tocsin import datamap, ledger, registers
from tocsin.app.casework import catching_up, excepting, unregistered
from tocsin.app.casework.desk import Desk
from tocsin.datamap import MapDiff
from tocsin.errors import Refusal
from tocsin.model.principals import Principal
from tocsin.registers import Customer, Diff, ExceptionEntry
from tocsin.registers import checks as register_checks
from tocsin.registers.checks import Gap

DATA_MAP = "datamap.toml"


def plans(desk: Desk, path: Path, now: datetime) -> list[Diff | MapDiff]:
    """Return what importing a file, or a folder of them, would change at ``now``.

    Raises:
        ConfigError: Files have faults; all are named, and nothing was changed.
    """
    with desk.store.read() as db:
        if path.name == DATA_MAP:
            return [datamap.plan(db, path)]
        found: list[Diff | MapDiff] = [registers.plan_import(db, path, now)]
        if path.is_dir() and (path / DATA_MAP).exists():
            found.append(datamap.plan(db, path / DATA_MAP))
        return found


def warnings(desk: Desk, diff: Diff | MapDiff) -> list[str]:
    """Return what a person should know before an import is taken, a line each.

    Who would be gone while something is owed to it, and exceptions that are about no rule.
    """
    if not isinstance(diff, Diff):
        return []
    held = (one for one in diff.contents.get("exception", ()) if isinstance(one, ExceptionEntry))
    idle = [f"! {one.text}. {one.hint}" for one in excepting.unknown(desk.config, held)]
    gone = {one.key for one in diff.changes if (one.register, one.what) == ("customer", "removed")}
    with desk.store.read() as db:
        return idle + [
            f"! customer {one.customer} would be gone while its clock runs: {one.clause}, incident "
            f"{one.incident}, due {one.due_at:%Y-%m-%d %H:%M} UTC. Nobody could be told without "
            "its entry: leave it in until the incident is closed."
            for one in (obligations.open_obligations(db) if gone else ())
            if one.customer in gone
        ]


def take(desk: Desk, diff: Diff | MapDiff, *, principal: Principal, now: datetime) -> int:
    """Make a version of what was shown, and write so into the ledger; return its number.

    Raises:
        Refusal: Another import came in between; nothing was changed.
    """
    with desk.store.begin() as db:
        if isinstance(diff, Diff):
            number = registers.take_import(db, diff, principal=principal, now=now)
            kind, counts = "register.imported", {"entries": _sizes(diff)}
            catching_up.catch_up(desk, db, principal=principal, now=now)
            obligations.follow_registered(db, desk.duties(db), principal=principal, now=now)
        else:
            number = datamap.take(db, diff, principal=principal, now=now)
            kind, counts = "datamap.imported", {}
        if number != diff.base:
            fact = {
                "version": number,
                "before": diff.base,
                "sha256": diff.sha256,
                "changes": len(diff.changes),
                **counts,
            }
            ledger.append(db, kind, fact, principal=principal, at=now)
        return number


def _sizes(diff: Diff) -> dict[str, int]:
    return {register: len(found) for register, found in diff.contents.items()}


def customers(desk: Desk) -> Mapping[str, Customer]:
    """Return all customers by id."""
    with desk.store.read() as db:
        return registers.customers(db)


def customer(desk: Desk, customer_id: str) -> Customer:
    """Return one customer.

    Raises:
        Refusal: The register has none of this id.
    """
    found = customers(desk).get(customer_id)
    if found is None:
        raise Refusal(
            f"no customer {customer_id} in the register",
            hint="`tocsin customer list` shows those there are.",
        )
    return found


def faults(desk: Desk, now: datetime) -> list[str]:
    """Return what is missing, old or unknown: each one line with its remedy."""
    return [f"{one.text}. {one.hint}" for one in gaps(desk, now)]


def missing(desk: Desk) -> list[str]:
    """Return customers about whom something is owed, and whom no register knows by now."""
    with desk.store.read() as db:
        owed = [*obligations.of_clause(db, NOTICE), *obligations.of_clause(db, POSSIBLE)]
        return unregistered.missing(owed, registers.customers(db))


def gaps(desk: Desk, now: datetime) -> list[Gap]:
    """Return what is missing, old or unknown in the registers and the data map."""
    with desk.store.read() as db:
        return [
            *register_checks.gaps(db, now=now),
            *excepting.unknown(desk.config, registers.exceptions(db).values()),
            *impact_checks.unmapped(db, desk.archive),
            *impact_checks.strangers(db, desk.archive),
            *impact_checks.uncounted(db),
            *impact_checks.left_out(db, now=now),
            *impact_checks.mislaid(db),
        ]

"""Cases on the terminal: what was found, decided, owed and sent. Texts from logs are made safe."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from incidents.impact import Standing
from tocsin.app.rendering import console, safe
from tocsin.model.instants import from_us

if TYPE_CHECKING:
    from incidents.assessment import Case
    from incidents.evidence.verify import Verification
    from incidents.notices import Manifest
    from incidents.obligations import Obligation
    from notifiers.standing import Standing as MessageStanding
    from tocsin.app.casework.acts import Overview
    from tocsin.app.casework.impacts import Impacted
    from tocsin.registers import Customer
    from tocsin.store.cases import StoredIncident


def show_list(found: "Sequence[tuple[StoredIncident, Case | None]]") -> None:
    """Print all incidents."""
    out, table = console(), _table("#", "level", "opened (UTC)", "what", "assessment")
    for stored, case in found:
        one = stored.incident
        state = str(case.assessment) if case else "not taken up yet"
        table.add_row(
            str(stored.number), str(one.level), _at(from_us(one.opened_at)), safe(one.title), state
        )
    out.print(table if found else Text("no incident"))


def show_one(shown: "Overview", now: datetime) -> None:
    """Print one incident."""
    out, case = console(), shown.history.case
    out.print(Text(f"Incident {case.number}: {safe(case.title)}", style="bold"))
    out.print(Text(f"{case.level}, {case.assessment}, known since {_at(case.known_at)}"))
    if case.owner:
        out.print(Text(f"taken by {safe(case.owner)}"))
    if case.awareness is not None:
        aware = case.awareness
        out.print(Text(f"aware at {_at(aware.aware_at)}, by {aware.principal}: {safe(aware.why)}"))
    for one in case.corrections:
        to = _at(one.aware_at) if one.aware_at else "void"
        out.print(Text(f"corrected from {_at(one.former_at)} to {to}: {safe(one.why)}"))
    for fact in case.facts:
        out.print(Text(f"{fact.what} since {_at(fact.at)}: {safe(fact.why)}"))
    entries = _table("entry", "at (UTC)", "what", "by")
    for entry in shown.history.entries:
        entries.add_row(str(entry.number), _at(entry.at), entry.kind, safe(str(entry.principal)))
    out.print(entries)
    if shown.run is not None:
        out.print(Text(_counted(shown.run.customers)))
    show_owed(shown.owed, now)
    for said in _reasons(shown.owed):
        out.print(Text(safe(said)))
    for name in shown.runbooks:
        out.print(Text(f"What to do now: tocsin incident runbook {name}"))
    if shown.messages:
        show_messages(shown.messages)


def show_owed(owed: "Sequence[Obligation]", now: datetime) -> None:
    """Print what is owed, with both readings of each clock."""
    table = _table("what", "to", "due by contract", "strict reading", "left", "standing")
    for one in sorted(owed, key=lambda one: (one.strict_due_at, one.customer)):
        if one.is_void:
            continue
        left = one.strict_due_at - now
        table.add_row(
            one.clause,
            one.customer or "the team",
            _at(one.due_at),
            _at(one.strict_due_at),
            _span(left) if one.is_open else "",
            str(one.standing(now)),
        )
    console().print(table if owed else Text("nothing is owed"))


def show_impact(made: "Impacted") -> None:
    """Print whose data was touched."""
    out, run = console(), made.run
    out.print(Text(f"Impact run {run.number}: {_counted(run.customers)}", style="bold"))
    table = _table("customer", "standing", "category", "records", "people", "why")
    for one in run.customers:
        if one.standing is Standing.EXCLUDED:
            continue
        said = ""
        for place, category in enumerate(one.categories or (None,)):
            first = place == 0
            why, said = said, (category.why if category else "") or one.why
            standing = category.standing(one.standing) if category else one.standing
            table.add_row(
                one.customer if first else "",
                str(standing) if first or standing is not one.standing else "",
                category.category if category else "",
                _range(category.records) if category else "",
                _range(category.subjects) if category else "",
                safe(said) if said != why else "",
            )
    out.print(table)
    for source in run.coverage.sources:
        held = source.covered + source.quiet
        out.print(Text(f"{source.source}: {held} of {source.hours} hours of the window held"))
    for change in made.changes:
        out.print(Text(f"differs from before: {change}"))


def show_manifest(made: "Manifest", folder: Path | None, warnings: Sequence[str] = ()) -> None:
    """Print what is to be approved."""
    out, table = console(), _table("customer", "notice", "language", "to", "files")
    for one in made.notices:
        table.add_row(
            one.customer, str(one.version), one.language, ", ".join(one.to), ", ".join(one.files)
        )
    out.print(table)
    for warning in warnings:
        out.print(Text(warning))
    if folder is not None:
        out.print(Text(f"The files lie in {folder}. Look at them."))
    out.print(Text(f"To approve exactly these:\n  tocsin notice approve {made.sha256}"))


def show_messages(found: "Sequence[MessageStanding]") -> None:
    """Print how messages stand."""
    table = _table("message", "for", "by", "standing", "since (UTC)", "attempts", "why")
    for one in found:
        table.add_row(
            one.key,
            one.customer or "the team",
            str(one.channel),
            one.word,
            _at(one.at),
            str(one.attempts),
            safe(one.why),
        )
    console().print(table)


def show_customers(found: "Mapping[str, Customer]", faults: Sequence[str]) -> None:
    """Print the customers, and what is missing in the registers."""
    out, table = console(), _table("id", "name", "language", "hours", "contacts")
    for one in found.values():
        table.add_row(
            one.id, safe(one.name), one.language, str(one.contract.hours), str(len(one.contacts))
        )
    out.print(table if found else Text("no customer; import a register"))
    for fault in faults:
        out.print(Text(f"! {safe(fault)}"))


def show_contacts(one: "Customer") -> None:
    """Print whom a notice goes to."""
    table = _table("role", "name", "e-mail", "phone", "language", "verified on")
    for contact in one.contacts:
        table.add_row(
            contact.role,
            safe(contact.name),
            contact.email,
            contact.phone,
            contact.language,
            str(contact.verified_on or "never"),
        )
    console().print(table)


def show_verification(verified: "Verification") -> None:
    """Print the steps of a verification."""
    out = console()
    for step in verified.steps:
        out.print(Text(f"{step.number:>2}. {'passed' if step.passed else 'FAILED'}  {step.title}"))
        for fault in step.faults:
            out.print(Text(f"      {safe(fault)}"))
    out.print(Text(f"key {verified.fingerprint or 'none'}"))
    if not verified.compared:
        out.print(Text("Compare it with the one in the contract, or give it with --key."))


def _reasons(owed: "Sequence[Obligation]") -> Iterator[str]:
    """Yield what people said of what is owed: waived, late, filed."""
    for one in owed:
        of = f"{one.clause} to {one.customer or 'the team'}"
        if one.waived and not one.is_void:
            yield f"{of} is waived: {one.waived}"
        if one.late_reason and not one.is_void:
            yield f"{of} is late: {one.late_reason}"
        if one.met_by is not None and one.met_by.kind == "filed":
            yield f"{of} was filed at {_at(one.met_by.at)}: {one.met_by.proof}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _counted(customers: Sequence[object]) -> str:
    words = [str(getattr(one, "standing", "")) for one in customers]
    return ", ".join(f"{words.count(word)} {word}" for word in map(str, Standing))


def _range(found: object) -> str:
    least, best, most = (getattr(found, name) for name in ("min", "best", "max"))
    shown = "?" if most is None else f"{most:,}"
    return (
        f"{least:,}"
        if least == most
        else f"{least:,} to {shown}"
        + (f", likely {best:,}" if best not in (None, least, most) else "")
    )


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _span(left: timedelta) -> str:
    late, minutes = left < timedelta(0), abs(left) // timedelta(minutes=1)
    text = f"{minutes // 60} h {minutes % 60:02} min"
    return f"over by {text}" if late else text

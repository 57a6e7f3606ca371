"""Cases on the terminal: what was found, decided, owed and sent. Texts from logs are made safe."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from incidents.impact import Standing
from notifiers.holding import HELD
from tocsin.app.casework import following, impact_view, unregistered
from tocsin.app.rendering import console, many, safe
from tocsin.model.instants import from_us

if TYPE_CHECKING:
    from incidents.assessment import Case
    from incidents.evidence.verify import Verification
    from incidents.impact import CustomerImpact
    from incidents.notices import Manifest
    from incidents.obligations import Obligation
    from notifiers.standing import Standing as MessageStanding
    from tocsin.app.casework.calling import Calls
    from tocsin.app.casework.impacts import Impacted
    from tocsin.app.casework.overview import Overview
    from tocsin.registers import Customer
    from tocsin.store.cases import StoredIncident


def show_list(found: "Sequence[tuple[StoredIncident, Case | None]]") -> None:
    """Print all incidents: when the first of each happened, and when we came to know of it."""
    out = console()
    table = plain_table("#", "level", "began (UTC)", "known (UTC)", "what", "assessment")
    for stored, case in found:
        one = stored.incident
        # Of a report it is not known when what it tells of began.
        began = f"{from_us(one.opened_at):%Y-%m-%d %H:%M}" if one.finding_ids else "-"
        known = f"{case.known_at if case else stored.first_seen_at:%Y-%m-%d %H:%M}"
        state = str(case.assessment) if case else "not taken up yet"
        table.add_row(str(stored.number), str(one.level), began, known, safe(one.title), state)
    out.print(table if found else Text("no incident"))


def show_owed(owed: "Sequence[Obligation]", now: datetime) -> None:
    """Print what is owed, with both readings of each clock."""
    table = plain_table(
        "what",
        "to",
        "due by contract (UTC)",
        "by strict reading (UTC)",
        "left by strict reading",
        "standing by contract",
    )
    for one in sorted(owed, key=lambda one: (one.strict_due_at, one.customer)):
        if one.is_void:
            continue
        left = one.strict_due_at - now
        table.add_row(
            one.clause,
            one.customer or "the team",
            at_second(one.due_at),
            at_second(one.strict_due_at),
            span(left) if one.is_open else "",
            str(one.standing(now)),
        )
    console().print(table if owed else Text("nothing is owed"))
    warn(unregistered.of_owed(owed))


def show_opened(shown: "Overview", now: datetime) -> None:
    """Print what a report started, and what to do next."""
    out, number = console(), shown.history.case.number
    out.print(Text(f"incident {number} is open"))
    for one in shown.owed:
        left = one.strict_due_at - now
        clock = span(left) if left < timedelta(0) else f"{span(left)} left"
        to = one.customer or "the team"
        out.print(
            Text(f"started: {one.clause} to {to}, due {at_second(one.strict_due_at)} UTC, {clock}")
        )
    for command in islice(following.commands(shown), 1):
        out.print(Text(f"next: {command}"), soft_wrap=True)  # to be copied


def show_impact(made: "Impacted", *, again: bool = False) -> None:
    """Print whose data was touched.

    Args:
        made: The run.
        again: It was made just now: where it says the same as the one before, so much is said.
    """
    out, run = console(), made.run
    out.print(Text(f"Impact run {run.number}: {counted(run.customers)}", style="bold"))
    if again and made.before is not None and not made.changes:
        whole = f"tocsin incident impact {run.incident} --show"
        out.print(Text(f"The same as run {made.before}. All of it: {whole}"), soft_wrap=True)
    else:
        out.print(impact_table(run.customers))
    for line in impact_view.looked(run):
        out.print(Text(line))
    for source in run.coverage.sources:
        out.print(Text(impact_view.coverage(source)))
    for line in impact_view.unmapped(run):
        out.print(Text(line, "yellow"), soft_wrap=True)
    for change in made.changes:
        out.print(Text(f"differs from before: {change}"))
    warn(made.warnings)


def warn(lines: Iterable[str]) -> None:
    """Print what a person must not miss; names in it may come from logs."""
    for line in lines:
        console().print(Text(safe(line), "bold red"), soft_wrap=True)  # to be copied


def impact_table(customers: "Iterable[CustomerImpact]") -> Table:
    """Return what was touched of each customer; those that are excluded are left out."""
    table = plain_table("customer", "standing", "category", "records", "people", "why")
    for one in customers:
        if one.standing is Standing.EXCLUDED:
            continue
        said = ""
        sure_first = sorted(one.categories, key=lambda c: c.standing(one.standing) != one.standing)
        for place, category in enumerate(sure_first or (None,)):
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
    return table


def show_manifest(
    made: "Manifest", calls: "Calls", folder: Path | None, warnings: Sequence[str] = ()
) -> None:
    """Print what is to be approved, and the calls that go with it."""
    out, table = console(), plain_table("customer", "notice", "language", "to", "calls")
    for one in made.notices:
        numbers = ", ".join(calls.numbers.get(one.customer, ())) or "none"
        table.add_row(one.customer, str(one.version), one.language, ", ".join(one.to), numbers)
    out.print(table)
    # Each file's name begins with the notice's own reference; what follows is the same for all.
    parts = dict.fromkeys(name.rpartition("-")[2] for one in made.notices for name in one.files)
    out.print(Text(f"In each: {', '.join(parts)}"))
    for language, said in calls.said.items():
        out.print(Text(f"Calls say ({language}): {said}"))
        out.print(Text(f"Where no mail has left by then: {calls.ahead[language]}"))
    for warning in warnings:
        out.print(Text(warning))
    if folder is not None:
        out.print(Text(f"The files lie in {folder}. Look at them."))
    approve = f"To approve exactly these:\n  tocsin notice approve {made.sha256}"
    out.print(Text(approve), soft_wrap=True)  # to be copied


def show_messages(found: "Sequence[MessageStanding]") -> None:
    """Print how messages stand: each key on a line of its own, so that it can be copied whole."""
    out = console()
    for one in found:
        out.print(Text.assemble(one.key, "  ", (one.word, "bold")), soft_wrap=True)
        tried = many(one.attempts, "attempt")
        latest = " at the latest" if one.why == HELD else ""
        due = f", next at {at_second(one.due_at)} UTC{latest}" if one.due_at is not None else ""
        whom = f"by {one.channel} to {safe(one.to)} ({one.customer or 'the team'})"
        out.print(_under(f"{whom}, since {at_second(one.at)} UTC, {tried}{due}"))
        if one.why:
            out.print(_under(one.why))
    if not found:
        out.print(Text("no message"))


def show_customers(found: "Mapping[str, Customer]", faults: Sequence[str]) -> None:
    """Print the customers, and what is missing in the registers."""
    out, table = console(), plain_table("id", "name", "language", "hours", "contacts")
    for one in found.values():
        table.add_row(
            one.id, safe(one.name), one.language, str(one.contract.hours), str(len(one.contacts))
        )
    out.print(table if found else Text("no customer; import a register"))
    for fault in faults:
        out.print(Text(f"! {safe(fault)}"))


def show_contacts(one: "Customer") -> None:
    """Print whom a notice goes to."""
    if not one.contacts:
        said = f"customer {one.id} has no contact: nobody would get a notice"
        how = f"Add {one.id} to contacts.csv (docs/REGISTERS.md) and `tocsin customer import` it."
        console().print(Text(f"{said}\n{how}"), soft_wrap=True)
        return
    table = plain_table("role", "name", "e-mail", "phone", "language", "verified on")
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
    for remark in verified.remarks:
        out.print(Text(f"! {safe(remark)}"))
    if not verified.compared:
        out.print(Text("Compare it with the one in the contract, or give it with --key."))


def reasons(owed: "Iterable[Obligation]") -> Iterator[str]:
    """Yield what people said of what is owed: waived, late, filed."""
    for one in owed:
        of = f"{one.clause} to {one.customer or 'the team'}"
        if one.waived and not one.is_void:
            yield f"{of} is waived: {one.waived}"
        if one.was_waived and one.is_open:
            yield f"{of} was waived, and is owed again since a run says more: {one.was_waived}"
        if one.late_reason and not one.is_void:
            yield f"{of} is late: {one.late_reason}"
        if one.met_by is not None and one.met_by.kind == "filed":
            yield f"{of} was filed at {at_second(one.met_by.at)} UTC: {one.met_by.proof}"


def _under(text: str) -> Padding:
    return Padding(Text(safe(text)), (0, 0, 0, 4))


def plain_table(*columns: str, header: bool = True) -> Table:
    """Return a table without lines; columns share the width."""
    table = Table(box=None, pad_edge=False, show_header=header)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def counted(customers: Sequence[object]) -> str:
    """Return how many customers stand how."""
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


def at_second(at: datetime) -> str:
    """Return an instant as a person reads it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def span(left: timedelta) -> str:
    """Return how long is left, or by how much it is over."""
    late, minutes = left < timedelta(0), abs(left) // timedelta(minutes=1)
    text = f"{minutes // 60} h {minutes % 60:02} min"
    return f"over by {text}" if late else text

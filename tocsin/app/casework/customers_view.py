"""The customers of one incident on the terminal: how each stands and why, excluded ones as well.

With what people decided on them, and what the logs can say of stores that nothing is known to have
touched: what a customer that asks is answered from.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from incidents.obligations.customers import DECIDED, Decided
from tocsin.app.casework.views import at_second, counted, plain_table
from tocsin.app.rendering import console, instant, safe

if TYPE_CHECKING:
    from incidents.impact import Negative
    from tocsin.app.casework.overview import Overview


def show_customers(shown: "Overview") -> None:
    """Print every customer of the newest impact run."""
    out, run, number = console(), shown.run, shown.history.case.number
    if run is None:
        out.print(
            Text(f"incident {number}: nobody has computed or stated yet whose data it touched")
        )
        return
    head = f"Impact run {run.number}, {instant(run.at)} UTC: {counted(run.customers)}"
    out.print(Text(head, style="bold"))
    table = plain_table("customer", "standing", "why")
    for one in run.customers:
        why = [one.why, *map(_negative, one.negatives)]
        table.add_row(safe(one.customer), str(one.standing), Text("\n".join(map(safe, why))))
    out.print(table)
    if decisions := list(_decisions(shown)):
        out.print(Text("\nWhat was decided on possible ones", style="bold"))
        for line in decisions:
            out.print(Text(f"  {safe(line)}"))


def _negative(one: "Negative") -> str:
    said = "not accessed" if one.accessed is False else "whether it was accessed is not known"
    return f"{one.store}: {said}; {one.basis}"


def _decisions(shown: "Overview") -> Iterator[str]:
    """Yield every decision, those that a later one replaced too."""
    for entry in shown.history.entries:
        if entry.kind == DECIDED:
            said = msgspec.json.decode(entry.body, type=Decided)
            until = f" until {at_second(said.until)} UTC" if said.until else ""
            by = f"by {entry.principal} at {at_second(entry.at)} UTC"
            yield f"{said.customer}: {said.answer}{until}, {by}. Why: {said.why}"

"""``tocsin customer``: the registers that are imported, and the customers in them."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import desk_of, now, principal
from tocsin.app.commands.options import HERE, Config


def customer_import(
    path: Annotated[Path, typer.Argument(help="A file, or a folder: CSV, TOML, datamap.toml.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Take what is shown without asking.")] = False,
    config: Config = HERE,
) -> None:
    """Show what files would change, and take it.

    A file replaces its register whole; docs/REGISTERS.md has every column.
    """
    from tocsin.app.casework import books  # noqa: PLC0415 - start-up

    with desk_of(config, begins=True) as desk:
        for diff in books.plans(desk, path, now()):
            typer.echo(str(diff))
            typer.echo("".join(f"{one}\n" for one in books.warnings(desk, diff)), nl=False)
            if not diff.changes:
                typer.echo("nothing changes")
            elif yes or typer.confirm("Take it?"):
                number = books.take(desk, diff, principal=principal(), now=now())
                typer.echo(f"version {number} holds")


def customer_list(*, config: Config = HERE) -> None:
    """List the customers, and what is missing or old."""
    from tocsin.app.casework import books, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_customers(books.customers(desk), books.faults(desk, now()))


def customer_contacts(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Its id.")],
    *,
    config: Config = HERE,
) -> None:
    """Show whom a notice to a customer goes to."""
    from tocsin.app.casework import books, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_contacts(books.customer(desk, customer_id))

"""``tocsin incident``, ``notice``, ``customer``, ``evidence``: each command is one act."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.app.cli_base import FOUND, UNREADABLE, instant, now, principal
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.app.casework.desk import Desk

incident = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Cases and decisions.")
notice = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Notices to customers.")
customer = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The registers.")
evidence = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Proof.")

Config = Annotated[Path, typer.Option("--config", metavar="FILE", help="Settings.")]
Number = Annotated[int, typer.Argument(metavar="INCIDENT", help="Its number.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="Reasons; they are written down.")]
Folder = Annotated[Path | None, typer.Option(metavar="DIR", help="Where files are written.")]
HERE = Path("config.toml")


At = Annotated[
    datetime,
    typer.Option(parser=instant, metavar="WHEN", help="With its zone: 2026-…T10:15+01:00."),
]


@contextmanager
def _desk(config: Path) -> "Iterator[Desk]":
    from tocsin.app.casework.desk import opened  # noqa: PLC0415 - start-up
    from tocsin.app.config import load  # noqa: PLC0415 - start-up

    with opened(load(config)) as desk:
        yield desk


@incident.command("list")
def incident_list(*, config: Config = HERE) -> None:
    """List all incidents and how they stand."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        views.show_list(acts.listed(desk))


@incident.command("show")
def incident_show(
    number: Number,
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="WHEN", help="As it was known at this instant."),
    ] = None,
    config: Config = HERE,
) -> None:
    """Show one incident: what was found, decided, owed and sent."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        views.show_one(acts.show(desk, number, as_of=as_of), as_of or now())


@incident.command("open")
def incident_open(
    *,
    what: Annotated[str, typer.Option(help="What was reported.")],
    received_at: At,
    reporter: Annotated[
        str, typer.Option(help="person, customer, supplier, researcher, authority or press.")
    ],
    channel: Annotated[str, typer.Option(help="email, phone, letter, portal, in person or other.")],
    title: Annotated[str, typer.Option(help="In a few words; else the report's first.")] = "",
    name: Annotated[str, typer.Option(help="Who reported it; else what the reporter is.")] = "",
    establishes: Annotated[
        bool, typer.Option("--establishes", help="It says itself that personal data were breached.")
    ] = False,
    original: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Attached as it came. Repeatable.")
    ] = None,
    config: Config = HERE,
) -> None:
    """Open an incident because somebody told us. Receipt starts the clock, not typing."""
    from tocsin.app.casework import acts, reporting  # noqa: PLC0415 - start-up

    told = reporting.told(
        title=title,
        what=what,
        received_at=received_at,
        reporter=reporter,
        name=name,
        channel=channel,
        establishes=establishes,
        originals=original or [],
    )
    with _desk(config) as desk:
        case = acts.report(desk, told, principal=principal(), now=now())
    typer.echo(f"incident {case.number} is open")


@incident.command("confirm")
def incident_confirm(
    number: Number,
    *,
    aware_at: At,
    why: Why,
    customers: Annotated[
        list[str] | None,
        typer.Option("--customer", metavar="ID", help="Known to be affected. Repeatable."),
    ] = None,
    later_because: Annotated[str, typer.Option(help="Why not from a report's receipt.")] = "",
    config: Config = HERE,
) -> None:
    """Record that an incident is a breach, and when we became aware: the clocks start."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        owed = acts.confirm(
            desk,
            number,
            aware_at=aware_at,
            why=why,
            customers=customers or (),
            later_because=later_because,
            principal=principal(),
            now=now(),
        )
    views.show_owed(owed, now())


@incident.command("dismiss")
def incident_dismiss(number: Number, *, why: Why, config: Config = HERE) -> None:
    """Record that an incident is no breach."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        acts.dismiss(desk, number, why=why, principal=principal(), now=now())
    typer.echo(f"incident {number} is no breach")


@incident.command("correct")
def incident_correct(
    number: Number,
    *,
    why: Why,
    aware_at: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="WHEN", help="The right instant; left out: void."),
    ] = None,
    config: Config = HERE,
) -> None:
    """Put awareness at another instant: earlier by one person, later or void by two."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        owed = acts.correct(
            desk, number, aware_at=aware_at, why=why, principal=principal(), now=now()
        )
    views.show_owed(owed, now())


@incident.command("agree")
def incident_agree(
    number: Number,
    entry: Annotated[int, typer.Argument(help="Number of the entry that asks for it.")],
    *,
    config: Config = HERE,
) -> None:
    """Agree, as the second person, to a correction."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        owed = acts.agree(desk, number, entry=entry, principal=principal(), now=now())
    views.show_owed(owed, now())


@incident.command("note")
def incident_note(
    number: Number,
    *,
    text: Annotated[str, typer.Option(help="What it says.")],
    kind: Annotated[str, typer.Option(help="fact, working or privileged.")] = "working",
    config: Config = HERE,
) -> None:
    """Take a note. Only facts leave the house."""
    from tocsin.app.casework import acts, reporting  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        note = reporting.note_class(kind)
        acts.note(desk, number, text=text, kind=note, principal=principal(), now=now())


@incident.command("contain")
def incident_contain(
    number: Number,
    *,
    at: At,
    why: Why,
    where: Annotated[str, typer.Option(help="Which part, where there are several.")] = "",
    config: Config = HERE,
) -> None:
    """Record that an incident is contained since an instant."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        acts.contain(desk, number, at=at, where=where, why=why, principal=principal(), now=now())


@incident.command("impact")
def incident_impact(number: Number, *, config: Config = HERE) -> None:
    """Compute whose data an incident touched, keep it, and show what differs from before."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        views.show_impact(acts.measure(desk, number, principal=principal(), now=now()))


@incident.command("assess")
def incident_assess(
    number: Number,
    *,
    facts: Annotated[Path, typer.Option(metavar="FILE.toml", help="See docs/NOTICES.md.")],
    config: Config = HERE,
) -> None:
    """Say what kind of breach it is, what may follow, what is done: from a file."""
    from tocsin.app.casework import acts, people  # noqa: PLC0415 - start-up

    said = people.read(facts)
    with _desk(config) as desk:
        acts.assess(desk, number, said, principal=principal(), now=now())


@incident.command("close")
def incident_close(number: Number, *, why: Why, config: Config = HERE) -> None:
    """Record that nothing is left to do, as a second person."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        acts.close(desk, number, why=why, principal=principal(), now=now())
    typer.echo(f"incident {number} is closed")


@incident.command("runbook")
def incident_runbook(
    name: Annotated[str, typer.Argument(help="Its name, as `incident show` says it.")] = "",
) -> None:
    """Print a runbook: the steps of the first hour. Without a name: which there are."""
    import runbooks  # noqa: PLC0415 - start-up

    if name and name not in runbooks.names():
        raise ConfigError(f"no runbook {name}; there are {', '.join(runbooks.names())}")
    typer.echo(runbooks.text(name) if name else "\n".join(runbooks.names()))


@notice.command("preview")
def notice_preview(
    number: Number,
    *,
    out: Folder = None,
    customers: Annotated[
        list[str] | None, typer.Option("--customer", metavar="ID", help="Only these.")
    ] = None,
    config: Config = HERE,
) -> None:
    """Render the notices of an incident to be looked at, and show what is to be approved."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        made = acts.preview(
            desk, number, out, customers=customers or (), principal=principal(), now=now()
        )
    views.show_manifest(made, out)


@notice.command("approve")
def notice_approve(
    sha256: Annotated[str, typer.Argument(help="All 64 digits, as the preview showed them.")],
    *,
    config: Config = HERE,
) -> None:
    """Say yes to exactly these bytes and recipients."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        given = acts.approve(desk, sha256, principal=principal(), now=now())
    typer.echo(f"approved by {given.principal}")


@notice.command("send")
def notice_send(
    sha256: Annotated[str, typer.Argument(help="Of the approved manifest.")],
    *,
    config: Config = HERE,
) -> None:
    """Queue approved notices and try to deliver them at once; the service goes on trying."""
    from tocsin.app.casework import acts, ticking  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        keys = acts.send(desk, sha256, principal=principal(), now=now())
        accepted = ticking.deliver(desk, now())
    typer.echo(f"{len(keys)} messages queued, {accepted} accepted")


@notice.command("status")
def notice_status(number: Number, *, config: Config = HERE) -> None:
    """Show how the messages of an incident stand. Accepted is not delivered."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        views.show_messages(acts.standings(desk, number))


@customer.command("import")
def customer_import(
    path: Annotated[Path, typer.Argument(help="A register's file, a folder of them, a data map.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Take what is shown without asking.")] = False,
    config: Config = HERE,
) -> None:
    """Show what importing registers or a data map would change, and take it."""
    from tocsin.app.casework import books  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        for diff in books.plans(desk, path):
            typer.echo(str(diff) or "nothing changes")
            if yes or typer.confirm("Take it?"):
                number = books.take(desk, diff, principal=principal(), now=now())
                typer.echo(f"version {number} holds")


@customer.command("list")
def customer_list(*, config: Config = HERE) -> None:
    """List the customers, their hours, and what is missing in the registers."""
    from tocsin.app.casework import books, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        views.show_customers(books.customers(desk), books.faults(desk, now()))


@customer.command("contacts")
def customer_contacts(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER")], *, config: Config = HERE
) -> None:
    """Show whom a notice to a customer goes to."""
    from tocsin.app.casework import books, views  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        views.show_contacts(books.customer(desk, customer_id))


@evidence.command("export")
def evidence_export(
    number: Number,
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    *,
    customer_id: Annotated[
        str, typer.Option("--customer", metavar="ID", help="Only what this customer may see.")
    ] = "",
    config: Config = HERE,
) -> None:
    """Write everything about an incident as a bundle that can be verified without us."""
    from tocsin.app.casework import bundling  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        made = bundling.export(
            desk, number, out, customer=customer_id, principal=principal(), now=now()
        )
    typer.echo(f"{made}\nVERIFY.md in it says how to verify it with sha256sum and openssl.")


@evidence.command("verify")
def evidence_verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="The public key, from the contract.")
    ] = None,
) -> None:
    """Verify a bundle step by step. Exit code 1 when a step fails."""
    from tocsin.app.casework import bundling, views  # noqa: PLC0415 - start-up

    verified = bundling.verify(folder, key)
    views.show_verification(verified)
    raise typer.Exit(0 if verified.passed else FOUND)


__all__ = ["UNREADABLE", "customer", "evidence", "incident", "notice"]

"""``tocsin incident``, ``notice``, ``customer``, ``evidence``: each command is one act."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.app.cli_base import FOUND, UNREADABLE, instant, now, principal
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.app.casework.desk import Desk

incident = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Incidents: look, count, decide, close."
)
notice = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Notices to customers: look, approve, send."
)
customer = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Customers, contracts, contacts; the data map.",
)
evidence = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Proof: write it out, verify it."
)

Config = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="Settings; see config.toml.")
]
Number = Annotated[
    int, typer.Argument(metavar="INCIDENT", help="Its number; `incident list` shows it.")
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="Your reasons; they stay on record.")]
Folder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the files there, to be looked at.")
]
HERE = Path("config.toml")


def exact(text: str) -> datetime:
    """Return the instant a person typed; it names its zone, as an hour counts."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no instant; write it like 2026-11-24T10:15+01:00"
        ) from None
    if at.tzinfo is None:
        raise typer.BadParameter(
            f"{text}: in which zone? Write it like 2026-11-24T10:15+01:00, or with Z in UTC"
        )
    return at.astimezone(UTC)


def _when(about: str) -> Any:
    return typer.Option(parser=exact, metavar="WHEN", help=about)


@contextmanager
def desk_of(config: Path) -> "Iterator[Desk]":
    """Yield the desk of a configuration."""
    from tocsin.app.casework.desk import opened  # noqa: PLC0415 - start-up
    from tocsin.app.config import load  # noqa: PLC0415 - start-up

    with opened(load(config)) as desk:
        yield desk


@incident.command("list")
def incident_list(*, config: Config = HERE) -> None:
    """List all incidents and how they stand."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_list(acts.listed(desk))


@incident.command("show")
def incident_show(
    number: Number,
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=instant, metavar="WHEN", help="As it was known then; UTC without a zone."
        ),
    ] = None,
    config: Config = HERE,
) -> None:
    """Show one incident: found, decided, owed, sent.

    With its clocks, the runbooks for it, and how its messages stand.
    """
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_one(acts.show(desk, number, as_of=as_of), as_of or now())


@incident.command("open")
def incident_open(
    *,
    what: Annotated[str, typer.Option(help="What was reported.")],
    received_at: Annotated[
        datetime, _when("When it reached us, with its zone: 2026-11-24T10:15+01:00.")
    ],
    reporter: Annotated[
        str, typer.Option(help="person, customer, supplier, researcher, authority or press.")
    ],
    channel: Annotated[str, typer.Option(help="email, phone, letter, portal, in person or other.")],
    title: Annotated[str, typer.Option(help="In a few words; else the report's first.")] = "",
    name: Annotated[str, typer.Option(help="Who reported it; else what the reporter is.")] = "",
    establishes: Annotated[
        bool,
        typer.Option(
            "--establishes",
            help="It says itself that personal data were breached: we are aware from its receipt.",
        ),
    ] = False,
    original: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Attached as it came. Repeatable.")
    ] = None,
    config: Config = HERE,
) -> None:
    """Open an incident because somebody told us.

    Its clocks count from the receipt, not from the typing.
    """
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
    with desk_of(config) as desk:
        case = acts.report(desk, told, principal=principal(), now=now())
    typer.echo(f"incident {case.number} is open")


@incident.command("confirm")
def incident_confirm(
    number: Number,
    *,
    aware_at: Annotated[
        datetime, _when("When we became aware, with its zone: 2026-11-24T10:15+01:00.")
    ],
    why: Why,
    customers: Annotated[
        list[str] | None,
        typer.Option(
            "--customer",
            metavar="ID",
            help="Known to be affected, whatever the logs say. Repeatable.",
        ),
    ] = None,
    later_because: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Why we were not aware from the receipt of a report that established it.",
        ),
    ] = "",
    config: Config = HERE,
) -> None:
    """Judge it a breach: the clocks of its customers start.

    Shows what is owed to whom by when. An error in it is put right with `incident correct`.
    """
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
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
    """Judge it no breach. Further findings open it again."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        acts.dismiss(desk, number, why=why, principal=principal(), now=now())
    typer.echo(f"incident {number} is no breach")


@incident.command("correct")
def incident_correct(
    number: Number,
    *,
    why: Why,
    aware_at: Annotated[
        datetime | None, _when("The right instant, with its zone: 2026-11-24T10:15+01:00.")
    ] = None,
    void: Annotated[
        bool, typer.Option("--void", help="There was no breach: awareness is withdrawn.")
    ] = False,
    config: Config = HERE,
) -> None:
    """Put awareness at another instant, or withdraw it.

    Earlier takes effect at once. Later, and --void, wait until a second person agrees. Documents
    show both instants.
    """
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    if (aware_at is None) != void:
        raise ConfigError("one of --aware-at and --void is needed, and only one")
    with desk_of(config) as desk:
        owed = acts.correct(
            desk, number, aware_at=aware_at, why=why, principal=principal(), now=now()
        )
        waiting = acts.show(desk, number).history.case.proposals
    views.show_owed(owed, now())
    for one in waiting:
        typer.echo(f"A second person has to agree: tocsin incident agree {number} {one.entry}")


@incident.command("agree")
def incident_agree(
    number: Number,
    entry: Annotated[
        int, typer.Argument(help="Number of the entry that asks for it, as `correct` said.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """Agree, as the second person, to a correction.

    It takes effect at once.
    """
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = acts.agree(desk, number, entry=entry, principal=principal(), now=now())
    views.show_owed(owed, now())


@incident.command("note")
def incident_note(
    number: Number,
    *,
    text: Annotated[str, typer.Option(help="What it says.")],
    kind: Annotated[
        str,
        typer.Option(
            help="fact: may leave the house; working: ours alone; privileged: for our lawyers."
        ),
    ] = "working",
    config: Config = HERE,
) -> None:
    """Take a note at an incident."""
    from tocsin.app.casework import acts, reporting  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        note = reporting.note_class(kind)
        acts.note(desk, number, text=text, kind=note, principal=principal(), now=now())
    typer.echo(f"noted at incident {number}: {kind}")


@incident.command("contain")
def incident_contain(
    number: Number,
    *,
    at: Annotated[datetime, _when("Since when, with its zone: 2026-11-24T10:15+01:00.")],
    why: Why,
    where: Annotated[str, typer.Option(metavar="TEXT", help="Only this part of it.")] = "",
    config: Config = HERE,
) -> None:
    """Record since when it is contained; its clocks run on."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        acts.contain(desk, number, at=at, where=where, why=why, principal=principal(), now=now())
    typer.echo(f"incident {number} is contained since {at:%Y-%m-%d %H:%M} UTC")


@incident.command("impact")
def incident_impact(number: Number, *, config: Config = HERE) -> None:
    """Count whose data it touched, and how much.

    The run is kept, and starts the clocks of customers it shows first; what differs from the run
    before is shown.
    """
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_impact(acts.measure(desk, number, principal=principal(), now=now()))


@incident.command("assess")
def incident_assess(
    number: Number,
    *,
    facts: Annotated[
        Path, typer.Option(metavar="FILE.toml", help="The facts; docs/NOTICES.md has each of them.")
    ],
    config: Config = HERE,
) -> None:
    """Give what only people know, from a file.

    What kind of breach it is, what may follow, what is done. A later file replaces the facts it
    names and leaves the others.
    """
    from tocsin.app.casework import acts, people  # noqa: PLC0415 - start-up

    said = people.read(facts)
    with desk_of(config) as desk:
        acts.assess(desk, number, said, principal=principal(), now=now())
    typer.echo(f"kept; `tocsin notice preview {number}` says what is still missing")


@incident.command("close")
def incident_close(number: Number, *, why: Why, config: Config = HERE) -> None:
    """Close it: nothing is left to do.

    By another person than who judged it, and only when nothing is owed any more.
    """
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
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
        list[str] | None,
        typer.Option("--customer", metavar="ID", help="Only for this one. Repeatable."),
    ] = None,
    config: Config = HERE,
) -> None:
    """Make the notices of an incident, to be looked at.

    Shows the digest to approve. What was approved before counts no more. A missing fact is named,
    with whose it is and how to give it, and then nothing is made.
    """
    from tocsin.app.casework import acts, letters, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        made = acts.preview(
            desk, number, out, customers=customers or (), principal=principal(), now=now()
        )
        views.show_manifest(made, out, letters.warnings(desk))


@notice.command("approve")
def notice_approve(
    sha256: Annotated[
        str, typer.Argument(metavar="SHA256", help="All 64 digits, as the preview showed them.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """Say yes to exactly these bytes and recipients.

    Nothing is sent yet.
    """
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        given = acts.approve(desk, sha256, principal=principal(), now=now())
    typer.echo(f"approved by {given.principal}")


@notice.command("send")
def notice_send(
    sha256: Annotated[
        str, typer.Argument(metavar="SHA256", help="All 64 digits, as they were approved.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """Send approved notices, with a call beside each where a phone is configured.

    They are queued and tried at once; `tocsin run` goes on trying. Refused when anything changed
    since it was approved.
    """
    from tocsin.app.casework import acts, letters, ticking  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        keys = acts.send(desk, sha256, principal=principal(), now=now())
        ticking.deliver(desk, now())
        typer.echo(f"{len(keys)} messages queued, {letters.accepted(desk, keys)} accepted")
        typer.echo("".join(f"{line}\n" for line in letters.warnings(desk)), nl=False)


@notice.command("status")
def notice_status(number: Number, *, config: Config = HERE) -> None:
    """Show how the messages of an incident stand.

    Delivered and acknowledged count as notified; accepted does not.
    """
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_messages(acts.standings(desk, number))


@customer.command("import")
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

    with desk_of(config) as desk:
        for diff in books.plans(desk, path):
            typer.echo(str(diff))
            if not diff.changes:
                typer.echo("nothing changes")
            elif yes or typer.confirm("Take it?"):
                number = books.take(desk, diff, principal=principal(), now=now())
                typer.echo(f"version {number} holds")


@customer.command("list")
def customer_list(*, config: Config = HERE) -> None:
    """List the customers, and what is missing or old."""
    from tocsin.app.casework import books, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_customers(books.customers(desk), books.faults(desk, now()))


@customer.command("contacts")
def customer_contacts(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Its id.")],
    *,
    config: Config = HERE,
) -> None:
    """Show whom a notice to a customer goes to."""
    from tocsin.app.casework import books, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
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
    """Write all that proves an incident into a folder.

    Anybody can verify it without us, with sha256sum and openssl; VERIFY.md in it says how.
    """
    from tocsin.app.casework import bundling  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        made = bundling.export(
            desk, number, out, customer=customer_id, principal=principal(), now=now()
        )
    typer.echo(f"{made}\nVERIFY.md in it says how to verify it with sha256sum and openssl.")


@evidence.command("verify")
def evidence_verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="As `evidence export` wrote it.")],
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="The public key, from the contract.")
    ] = None,
) -> None:
    """Verify a bundle, step by step.

    Exit code 1 when a step fails. Without --key compare the key that is shown with yours.
    """
    from tocsin.app.casework import bundling, views  # noqa: PLC0415 - start-up

    verified = bundling.verify(folder, key)
    views.show_verification(verified)
    raise typer.Exit(0 if verified.passed else FOUND)


__all__ = ["UNREADABLE", "customer", "evidence", "incident", "notice"]

"""``tocsin incident list``, ``open``, ``note``, ``close`` and the like: a case and its course."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import desk_of, now, principal
from tocsin.app.commands.options import HERE, Config, Number, Why, instant, when
from tocsin.errors import ConfigError

What = Annotated[str, typer.Option(help="What was reported.")]
ReceivedAt = Annotated[datetime, when("When it reached us, with its zone: 2026-11-24T10:15+01:00.")]
Reporter = Annotated[
    str, typer.Option(help="person, customer, supplier, researcher, authority or press.")
]
Channel = Annotated[str, typer.Option(help="email, phone, letter, portal, in person or other.")]
Name = Annotated[str, typer.Option(help="Who reported it; else what the reporter is.")]
Establishes = Annotated[
    bool,
    typer.Option(
        "--establishes",
        help="It says itself that personal data were breached: we are aware from its receipt.",
    ),
]
Originals = Annotated[
    list[Path] | None,
    typer.Option("--original", metavar="FILE", help="Attached as it came. Repeatable."),
]


def incident_list(*, config: Config = HERE) -> None:
    """List all incidents and how they stand."""
    from tocsin.app.casework import acts, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_list(acts.listed(desk))


def incident_show(
    number: Number,
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=instant, metavar="WHEN", help="As it was known then; UTC without a zone."
        ),
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Cut nothing.")] = False,
    customers: Annotated[
        bool, typer.Option("--customers", help="Show its customers, and why each stands so.")
    ] = False,
    originals: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write what was attached to its reports there."),
    ] = None,
    config: Config = HERE,
) -> None:
    """Show one incident: found, reported, counted, done, owed, sent.

    With who acted, the reasons of each decision, its notes, its clocks, and what to do now. Long
    parts are cut.
    """
    from tocsin.app.casework import acts, case_view, customers_view, reported  # noqa: PLC0415 - start-up

    at = now()
    with desk_of(config) as desk:
        shown = acts.show(desk, number, as_of=as_of, now=at)
        if originals is not None:
            for path in reported.write(desk, shown.history.case.reports, originals):
                typer.echo(f"written: {path}")
            return
        if customers:
            customers_view.show_customers(shown)
            return
        case_view.show_one(shown, as_of or at, whole=whole)


def incident_open(
    *,
    what: What,
    received_at: ReceivedAt,
    reporter: Reporter,
    channel: Channel,
    title: Annotated[str, typer.Option(help="In a few words; else the report's first.")] = "",
    name: Name = "",
    establishes: Establishes = False,
    original: Originals = None,
    config: Config = HERE,
) -> None:
    """Open an incident because somebody told us.

    Its clocks count from the receipt, not from the typing. Your team is alerted.
    """
    from tocsin.app.casework import acts, reporting, ticking, views  # noqa: PLC0415 - start-up

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
    at = now()
    with desk_of(config, begins=True) as desk:
        case = acts.report(desk, told, principal=principal(), now=at)
        # First its number: a relay that hangs must not keep it from whoever waits for it.
        views.show_opened(acts.show(desk, case.number, now=at), at)
        ticking.send(desk, now(), put_at=at)  # the team's alert


def incident_report(
    number: Number,
    *,
    what: What,
    received_at: ReceivedAt,
    reporter: Reporter,
    channel: Channel,
    name: Name = "",
    establishes: Establishes = False,
    original: Originals = None,
    config: Config = HERE,
) -> None:
    """Attach a further report to an incident: an earlier one, or one that says it better.

    The strict reading counts from the first of all receipts and the detection. Awareness stays as
    it was judged; `correct` puts it elsewhere.
    """
    from tocsin.app.casework import further, reporting, views  # noqa: PLC0415 - start-up

    told = reporting.told(
        title="",
        what=what,
        received_at=received_at,
        reporter=reporter,
        name=name,
        channel=channel,
        establishes=establishes,
        originals=original or [],
    )
    at = now()
    with desk_of(config) as desk:
        case, owed = further.report(desk, number, told, principal=principal(), now=at)
    views.show_owed(owed, at)
    for line in further.lines(case):
        typer.echo(line)


def incident_take(
    number: Number,
    *,
    why: Why = "to be looked into",
    config: Config = HERE,
) -> None:
    """Take it: you look into it.

    It stands under assessment, with your name and the time. Its clocks run on.
    """
    from tocsin.app.casework import duties  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        case = duties.take(desk, number, why=why, principal=principal(), now=now())
    typer.echo(
        f"incident {number} is {case.assessment}, taken by {case.owner}; "
        f"to be decided until {case.decision_due_at:%Y-%m-%d %H:%M} UTC"
    )


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


def incident_contain(
    number: Number,
    *,
    at: Annotated[datetime, when("Since when, with its zone: 2026-11-24T10:15+01:00.")],
    why: Why,
    where: Annotated[str, typer.Option(metavar="TEXT", help="Only this part of it.")] = "",
    config: Config = HERE,
) -> None:
    """Record since when it is contained; its clocks run on."""
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        acts.contain(desk, number, at=at, where=where, why=why, principal=principal(), now=now())
    typer.echo(f"incident {number} is contained since {at:%Y-%m-%d %H:%M} UTC")


def incident_close(
    number: Number,
    *,
    why: Why,
    untold: Annotated[
        bool,
        typer.Option(
            "--untold",
            help="Though customers that were told of a breach get no notice that it was none.",
        ),
    ] = False,
    config: Config = HERE,
) -> None:
    """Close it: nothing is left to do.

    By another person than who judged it, and only when nothing is owed any more, and nobody is left
    believing in a breach that was none.
    """
    from tocsin.app.casework import acts  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        acts.close(desk, number, why=why, untold=untold, principal=principal(), now=now())
    typer.echo(f"incident {number} is closed")


def incident_reopen(number: Number, *, why: Why, config: Config = HERE) -> None:
    """Begin again with one that was closed or judged no breach.

    A breach stays one; what was no breach is to be judged anew, and its clocks start now.
    """
    from tocsin.app.casework import duties, recalling, views  # noqa: PLC0415 - start-up

    at = now()
    with desk_of(config) as desk:
        case = duties.reopen(desk, number, why=why, principal=principal(), now=at)
        taken_back = recalling.taken_back(desk, number, at)
    typer.echo(f"incident {number} is {case.assessment}")
    views.warn(taken_back)


def incident_runbook(
    name: Annotated[str, typer.Argument(help="Its name, as `incident show` says it.")] = "",
) -> None:
    """Print a runbook: the steps of the first hour. Without a name: which there are."""
    import runbooks  # noqa: PLC0415 - start-up

    if name and name not in runbooks.names():
        raise ConfigError(f"no runbook {name}; there are {', '.join(runbooks.names())}")
    typer.echo(runbooks.text(name) if name else "\n".join(runbooks.names()))

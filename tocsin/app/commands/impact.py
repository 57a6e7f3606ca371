"""``tocsin incident impact``, ``declare``, ``assess``: whose data, and what people know of it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import desk_of, now, principal
from tocsin.app.commands.options import HERE, Config, Number, when
from tocsin.errors import ConfigError


def incident_impact(
    number: Number,
    *,
    show: Annotated[
        bool, typer.Option("--show", help="Count nothing: show the newest run that was kept.")
    ] = False,
    run: Annotated[
        int | None, typer.Option(metavar="RUN", help="With --show: this run, by its number.")
    ] = None,
    since: Annotated[
        datetime | None, when("Look from here on as well, with its zone: 2026-11-20T00:00Z.")
    ] = None,
    until: Annotated[datetime | None, when("Look up to here as well.")] = None,
    actors: Annotated[
        list[str] | None,
        typer.Option(
            "--actor",
            metavar="NAME",
            help="An identity or key that is the attack's too, whole as in the logs. Repeatable.",
        ),
    ] = None,
    as_usual: Annotated[
        bool, typer.Option("--as-usual", help="Drop what was widened before.")
    ] = False,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="Why it looks further; it stays on record.")
    ] = "",
    config: Config = HERE,
) -> None:
    """Count whose data it touched, and how much.

    The run is kept, and starts the clocks of customers it shows first; what differs from the run
    before is shown. How far it is told to look holds for every later run, the service's too.
    """
    from incidents.impact.scope import Asked  # noqa: PLC0415 - start-up
    from tocsin.app.casework import measuring, views  # noqa: PLC0415 - start-up

    if run is not None and not show:
        raise ConfigError(f"--run {run}: a run that was kept is shown", hint="Add --show.")
    asked = Asked(since, until, tuple(actors or ()), why, as_usual)
    if show and (asked.is_something or why):
        raise ConfigError("--show counts nothing, so it looks no further", hint="Leave --show out.")
    with desk_of(config) as desk:
        if show:
            views.show_impact(measuring.measured(desk, number, run))
            return
        made = measuring.measure(desk, number, asked=asked, principal=principal(), now=now())
        views.show_impact(made, again=True)


def incident_declare(
    number: Number,
    statement: Annotated[
        Path, typer.Argument(metavar="FILE.toml", help="The statement; docs/NOTICES.md shows one.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """State whose data an incident touched, from a file.

    For what no event tells: a mail to the wrong customer, a lost laptop. It is kept as an impact
    run, and starts the clocks of customers it names first. A later file replaces it whole. Of an
    incident that was detected: customers of whom you know more than its events tell.
    """
    from tocsin.app.casework import declaring, views  # noqa: PLC0415 - start-up

    said = declaring.read(statement)
    with desk_of(config) as desk:
        made = declaring.declare(desk, number, said, principal=principal(), now=now())
        views.show_impact(made, again=True)


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

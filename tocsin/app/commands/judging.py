"""``tocsin incident confirm``, ``dismiss``, ``correct``, ``agree``: is it a breach, since when."""

from datetime import datetime
from typing import Annotated

import typer

from tocsin.app.commands.base import desk_of, now, principal
from tocsin.app.commands.options import HERE, Config, Number, Why, when
from tocsin.errors import ConfigError

EarlierBecause = Annotated[
    str,
    typer.Option(
        metavar="TEXT",
        help="How we were aware before the incident's first event and every report of it.",
    ),
]


def incident_confirm(
    number: Number,
    *,
    aware_at: Annotated[
        datetime, when("When we became aware, with its zone: 2026-11-24T10:15+01:00.")
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
    earlier_because: EarlierBecause = "",
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
            earlier_because=earlier_because,
            principal=principal(),
            now=now(),
        )
    views.show_owed(owed, now())


def incident_dismiss(number: Number, *, why: Why, config: Config = HERE) -> None:
    """Judge it no breach. Further findings open it again."""
    from tocsin.app.casework import acts, recalling, views  # noqa: PLC0415 - start-up

    at = now()
    with desk_of(config) as desk:
        acts.dismiss(desk, number, why=why, principal=principal(), now=at)
        taken_back = recalling.taken_back(desk, number, at)
    typer.echo(f"incident {number} is no breach")
    views.warn(taken_back)


def incident_correct(
    number: Number,
    *,
    why: Why,
    aware_at: Annotated[
        datetime | None, when("The right instant, with its zone: 2026-11-24T10:15+01:00.")
    ] = None,
    void: Annotated[
        bool, typer.Option("--void", help="There was no breach: awareness is withdrawn.")
    ] = False,
    earlier_because: EarlierBecause = "",
    config: Config = HERE,
) -> None:
    """Put awareness at another instant, or withdraw it.

    Earlier takes effect at once. Later, and --void, wait until a second person agrees. Documents
    show both instants.
    """
    from tocsin.app.casework import acts, recalling, views  # noqa: PLC0415 - start-up

    if (aware_at is None) != void:
        raise ConfigError("one of --aware-at and --void is needed, and only one")
    at = now()
    with desk_of(config) as desk:
        owed = acts.correct(
            desk,
            number,
            aware_at=aware_at,
            why=why,
            earlier_because=earlier_because,
            principal=principal(),
            now=at,
        )
        waiting = acts.show(desk, number).history.case.proposals
        taken_back = recalling.taken_back(desk, number, at)
    views.show_owed(owed, now())
    views.warn(taken_back)
    for one in waiting:
        typer.echo(f"A second person has to agree: tocsin incident agree {number} {one.entry}")


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
    from tocsin.app.casework import acts, recalling, views  # noqa: PLC0415 - start-up

    at = now()
    with desk_of(config) as desk:
        owed = acts.agree(desk, number, entry=entry, principal=principal(), now=at)
        taken_back = recalling.taken_back(desk, number, at)
    views.show_owed(owed, now())
    views.warn(taken_back)

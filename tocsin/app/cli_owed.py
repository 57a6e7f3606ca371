"""What ends an obligation besides a letter: ``incident decide`` and the like; each is one act."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from tocsin.app.cli_base import now, principal
from tocsin.app.cli_cases import HERE, Config, Number, Why, desk_of, exact, incident

What = Annotated[
    Literal["notice", "filing", "decision"],
    typer.Argument(
        help="notice: to a customer; filing: our own, with the authority; decision: on a possible "
        "customer.",
    ),
]
Whose = Annotated[str, typer.Option("--customer", metavar="ID", help="To which customer.")]


@incident.command("decide")
def incident_decide(
    number: Number,
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="Its id; `incident show` lists them.")
    ],
    answer: Annotated[
        Literal["notify", "wait", "exclude"],
        typer.Argument(help="notify it as suspected, wait for logs, or exclude it."),
    ],
    *,
    why: Why,
    until: Annotated[
        datetime | None,
        typer.Option(parser=exact, metavar="WHEN", help="With wait: how long; names its zone."),
    ] = None,
    config: Config = HERE,
) -> None:
    """Decide on a customer that is only possibly touched."""
    from tocsin.app.casework import owing, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = owing.decide(
            desk, number, customer, answer, why=why, until=until, principal=principal(), now=now()
        )
    views.show_owed(owed, now())


@incident.command("waive")
def incident_waive(
    number: Number, what: What, *, why: Why, customer: Whose = "", config: Config = HERE
) -> None:
    """Record your judgement that something is not owed, e.g. no risk to anybody (Art. 33(1))."""
    from tocsin.app.casework import owing, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = owing.waive(desk, number, what, customer, why=why, principal=principal(), now=now())
    views.show_owed(owed, now())


@incident.command("explain")
def incident_explain(
    number: Number, what: What, *, why: Why, customer: Whose = "", config: Config = HERE
) -> None:
    """Say why something is late; nothing late is closed without (Art. 33(1))."""
    from tocsin.app.casework import owing, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = owing.explain(
            desk, number, what, customer, why=why, principal=principal(), now=now()
        )
    views.show_owed(owed, now())


@incident.command("filed")
def incident_filed(
    number: Number,
    *,
    at: Annotated[
        datetime, typer.Option(parser=exact, metavar="WHEN", help="When; names its zone.")
    ],
    reference: Annotated[str, typer.Option(metavar="TEXT", help="On the authority's receipt.")],
    config: Config = HERE,
) -> None:
    """Record that our own filing lies with the authority."""
    from tocsin.app.casework import owing, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = owing.filed(
            desk, number, at=at, reference=reference, principal=principal(), now=now()
        )
    views.show_owed(owed, now())

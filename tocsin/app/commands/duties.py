"""``tocsin incident decide``, ``explain``, ``waive``, ``filed``: what people do about duties."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.app.commands.base import desk_of, now, principal
from tocsin.app.commands.options import HERE, Config, Number, Why, when
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from incidents.obligations.customers import Answer

Clause = Annotated[
    str, typer.Argument(metavar="CLAUSE", help="What is owed; `incident show` lists it.")
]


def incident_decide(
    number: Number,
    customers: Annotated[
        list[str], typer.Argument(metavar="CUSTOMER…", help="Ids of possible customers.")
    ],
    *,
    why: Why,
    notify: Annotated[
        bool, typer.Option("--notify", help="To be notified: the clock of a notice starts now.")
    ] = False,
    exclude: Annotated[
        bool, typer.Option("--exclude", help="Not touched: nothing is owed to it.")
    ] = False,
    wait_until: Annotated[
        datetime | None,
        when("Still to be found out: asked again then. With its zone: 2026-11-24T10:15+01:00."),
    ] = None,
    config: Config = HERE,
) -> None:
    """Decide on customers that are only possibly touched.

    The same decision for all that are named, or for none of them. It can be made again, with other
    reasons.
    """
    from tocsin.app.casework import duties, recalling, views  # noqa: PLC0415 - start-up

    if notify + exclude + (wait_until is not None) != 1:
        raise ConfigError("one of --notify, --exclude and --wait-until is needed, and only one")
    answer: Answer = "notify" if notify else "exclude" if exclude else "wait"
    at = now()
    with desk_of(config) as desk:
        owed = duties.decide(
            desk,
            number,
            customers,
            answer,
            why=why,
            until=wait_until,
            principal=principal(),
            now=at,
        )
        taken_back = recalling.taken_back(desk, number, at)
    views.show_owed(owed, now())
    views.warn(taken_back)


def incident_explain(
    number: Number,
    clause: Clause,
    *,
    why: Why,
    customer: Annotated[
        str,
        typer.Option(metavar="ID", help="Only this one; else all that is late of the clause."),
    ] = "",
    config: Config = HERE,
) -> None:
    """Say why something is late.

    What was late without a reason keeps an incident from being closed.
    """
    from tocsin.app.casework import duties, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = duties.explain(
            desk, number, clause, customer, why=why, principal=principal(), now=now()
        )
    views.show_owed(owed, now())


def incident_waive(
    number: Number,
    clause: Clause,
    *,
    why: Why,
    customer: Annotated[
        str, typer.Option(metavar="ID", help="To whom; needed where several are owed.")
    ] = "",
    config: Config = HERE,
) -> None:
    """Judge that something is not owed, e.g. no filing, as nobody is at risk.

    Its clock ends; your reasons stay on record.
    """
    from tocsin.app.casework import duties, recalling, views  # noqa: PLC0415 - start-up

    at = now()
    with desk_of(config) as desk:
        owed = duties.waive(desk, number, clause, customer, why=why, principal=principal(), now=at)
        taken_back = recalling.taken_back(desk, number, at)
    views.show_owed(owed, now())
    views.warn(taken_back)


def incident_filed(
    number: Number,
    *,
    reference: Annotated[
        str, typer.Option(metavar="TEXT", help="By which the authority knows the filing.")
    ],
    at: Annotated[datetime, when("When it was filed, with its zone: 2026-11-24T10:15+01:00.")],
    authority: Annotated[str, typer.Option(metavar="NAME", help="Which authority.")] = "",
    config: Config = HERE,
) -> None:
    """Record your own filing with the authority.

    Of data of which you are the controller yourself; customers file theirs.
    """
    from tocsin.app.casework import duties, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        owed = duties.filed(
            desk,
            number,
            reference=reference,
            at=at,
            authority=authority,
            principal=principal(),
            now=now(),
        )
    views.show_owed(owed, now())

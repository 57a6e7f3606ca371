"""``tocsin incident …``, what people do about what is owed; ``COMMANDS`` is all of them."""

from collections.abc import Callable
from typing import Annotated

import typer

from tocsin.app.cli_base import now, principal
from tocsin.app.cli_cases import HERE, Config, Number, _desk

Because = Annotated[
    str,
    typer.Option("--because", "--why", metavar="TEXT", help="Your reasons; they stay on record."),
]


def take(
    number: Number,
    *,
    because: Because = "to be looked into",
    config: Config = HERE,
) -> None:
    """Take it: you look into it.

    It stands under assessment, with your name and the time. Its clocks run on.
    """
    from tocsin.app.casework import duties  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        case = duties.take(desk, number, why=because, principal=principal(), now=now())
    typer.echo(
        f"incident {number} is {case.assessment}, taken by {case.owner}; "
        f"to be decided until {case.decision_due_at:%Y-%m-%d %H:%M} UTC"
    )


def reopen(number: Number, *, because: Because, config: Config = HERE) -> None:
    """Begin again with one that was closed or judged no breach.

    A breach stays one; what was no breach is to be judged anew, and its clocks start now.
    """
    from tocsin.app.casework import duties  # noqa: PLC0415 - start-up

    with _desk(config) as desk:
        case = duties.reopen(desk, number, why=because, principal=principal(), now=now())
    typer.echo(f"incident {number} is {case.assessment}")


COMMANDS: dict[str, Callable[..., None]] = {
    "take": take,
    "reopen": reopen,
}


def add_to(group: typer.Typer) -> None:
    """Make them commands of a group."""
    for name, command in COMMANDS.items():
        group.command(name)(command)

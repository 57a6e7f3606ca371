"""``tocsin incident declare``: whose data a reported incident touched, stated by a person."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli_base import now, principal
from tocsin.app.cli_cases import HERE, Config, Number, desk_of, incident


@incident.command("declare")
def incident_declare(
    number: Number,
    statement: Annotated[
        Path, typer.Argument(metavar="FILE.toml", help="The statement; docs/NOTICES.md shows one.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """State whose data a reported incident touched, from a file.

    For what no event tells: a mail to the wrong customer, a lost laptop. It is kept as an impact
    run, and starts the clocks of customers it names first. A later file replaces it whole.
    """
    from tocsin.app.casework import declaring, views  # noqa: PLC0415 - start-up

    said = declaring.read(statement)
    with desk_of(config) as desk:
        views.show_impact(declaring.declare(desk, number, said, principal=principal(), now=now()))

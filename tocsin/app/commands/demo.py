"""``tocsin demo``: the whole way on generated logs."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import now, principal
from tocsin.app.commands.options import Processes


def demo(
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="Where to; only a folder of an earlier demo is used."),
    ] = Path("demo-out"),
    quiet_month: Annotated[
        bool, typer.Option("--quiet-month", help="The same company in a month without attacks.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Which of all possible months.")] = 1,
    processes: Processes = None,
) -> None:
    """Go the whole way on generated logs, and compare with the truth.

    A company's month with planted attacks: findings, incidents, impact, clocks, notices, evidence.

    Everything in it is simulated by our own code; nothing leaves this machine.
    """
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up
    from tocsin.app.waiting import progress  # noqa: PLC0415 - start-up

    with progress() as told:
        service.demo(
            out,
            quiet_month=quiet_month,
            seed=seed,
            processes=processes,
            console=console(),
            progress=told,
            principal=principal(),
            now=now(),
        )

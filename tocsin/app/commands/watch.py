"""``tocsin run`` and ``check``: the service, and whether it can work."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import UNREADABLE, now, principal
from tocsin.app.commands.options import HERE, ConfigFile, Processes


def run(
    *,
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="Settings; see config.toml.")
    ] = HERE,
    once: Annotated[bool, typer.Option("--once", help="One pass over the sources, then stop.")] = (
        False
    ),
    processes: Processes = None,
) -> None:
    """Collect, judge, remind and deliver, until stopped.

    Incidents are printed as they open, their raw records captured, the team told. SIGTERM or Ctrl-C
    ends it after the transaction at hand; what was not read is read next time.
    """
    from tocsin.app import service  # noqa: PLC0415 - start-up

    service.run(config, principal=principal(), once=once, processes=processes, clock=now)


def check(
    *,
    config: ConfigFile = None,
    sample: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Show how the first records of a file would be read."),
    ] = None,
) -> None:
    """Say whether a configuration can work.

    Asks every source, every channel, the archive, the state and the rules; nothing is sent. Without
    --config it is config.toml of this folder, where there is one.
    """
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.checking import show_answers, show_sample  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up

    if config is None and HERE.exists():
        config = HERE
    if sample is not None:
        shown = service.check_sample(sample, config, principal=principal(), now=now())
        show_sample(console(), sample, shown)
        raise typer.Exit(0 if shown.events else UNREADABLE)
    answers = service.check(config, principal=principal(), now=now())
    show_answers(console(), answers)
    raise typer.Exit(0 if all(answer.works for answer in answers) else UNREADABLE)

"""``tocsin scan``: what logs of any age hold."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import FOUND, UNREADABLE, now, principal
from tocsin.app.commands.options import ConfigFile, NoOwnRules, Processes, Rules, instant
from tocsin.app.commands.options import level as level_of
from tocsin.model.findings import Level


def scan(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH…|s3://…", help="Files, folders, patterns, buckets."),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Write all findings and incidents, of every level, as JSON lines; - for "
            "standard output.",
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Write what could not be read, each with its place and reason.",
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=instant,
            metavar="WHEN",
            help="Judge no event before this date or instant (UTC unless it names a zone); what "
            "came before is learned from.",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            parser=instant,
            metavar="WHEN",
            help="Judge no event at or after it; a date is its first instant.",
        ),
    ] = None,
    rules: Rules = None,
    no_own_rules: NoOwnRules = False,
    level: Annotated[
        Level,
        typer.Option(
            parser=level_of,
            metavar="LEVEL",
            help="Least level shown: informational, low, medium, high or critical.",
        ),
    ] = "medium",  # type: ignore[assignment] # the parser makes it a level
    config: ConfigFile = None,
    processes: Processes = None,
) -> None:
    """Read logs of any age; print findings and incidents.

    CloudTrail as it is delivered, single files, JSON lines of applications. Nothing is kept and no
    configuration is needed.

    Exit code: 0 nothing at or above the level; 1 a finding or incident at or above it; 2 nothing
    could be read, a path is not there, or an option cannot work. Single files that cannot be read
    among others are shown and change no exit code.
    """
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console, show_scan  # noqa: PLC0415 - start-up
    from tocsin.app.waiting import progress  # noqa: PLC0415 - start-up

    asked = service.ScanRequest(
        paths=tuple(paths),
        config=config,
        rules=tuple(rules or ()),
        own_rules=not no_own_rules,
        since=since,
        until=until,
        output=output,
        rejects=rejects,
        processes=processes,
    )
    with (
        progress() as told,
        service.scan(asked, principal=principal(), now=now(), progress=told) as result,
    ):
        to_stdout = output is not None and str(output) == "-"
        show_scan(console(sys.stderr if to_stdout else sys.stdout), result, level)
        if result.summary.nothing_read:
            why = "see above" if result.summary.rejected else "there is no file there"
            if result.summary.files and not result.summary.rejected:
                why = "digests and Insights only, which are no events"
            typer.echo(f"tocsin: nothing could be read: {why}", err=True)
            raise typer.Exit(UNREADABLE)
        raise typer.Exit(FOUND if result.has(level) else 0)

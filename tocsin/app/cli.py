"""The command line. Every command calls one function of ``tocsin.app.service``.

Nothing heavy is loaded before a command needs it: ``--help`` must answer at once.
"""

import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app import cli_declare, cli_duties, cli_replies  # noqa: F401 - their commands
from tocsin.app.cli_base import (
    FAULT,
    FOUND,
    UNREADABLE,
    Commands,
    ConfigFile,
    instant,
    now,
    principal,
)
from tocsin.app.cli_base import level as level_of
from tocsin.app.cli_cases import customer, evidence, incident, notice
from tocsin.model.findings import Level

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From the first suspicious log line to the breach notice in each customer's hand.",
)
rule = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List and test rules.")
app.add_typer(rule, name="rule")
app.add_typer(incident, name="incident")
app.add_typer(notice, name="notice")
app.add_typer(customer, name="customer")
app.add_typer(evidence, name="evidence")


Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="DIR", help="Further Sigma rules, beside ours. Repeatable."),
]
NoOwnRules = Annotated[bool, typer.Option("--no-own-rules", help="Leave our own rules out.")]
Processes = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        show_default=False,
        help="Processes to read with. [default: one a core, fewer where there is little to read]",
    ),
]


@app.command()
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
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=instant,
            metavar="WHEN",
            help="Judge no event before this date or instant (UTC unless it names a zone).",
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
        processes=processes,
    )
    with (
        progress() as told,
        service.scan(asked, principal=principal(), now=now(), progress=told) as result,
    ):
        to_stdout = output is not None and str(output) == "-"
        show_scan(console(sys.stderr if to_stdout else sys.stdout), result, level)
        if result.summary.nothing_read:
            typer.echo("tocsin: nothing could be read; see above", err=True)
            raise typer.Exit(UNREADABLE)
        raise typer.Exit(FOUND if result.has(level) else 0)


@app.command()
def run(
    *,
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="Settings; see config.toml.")
    ] = Path("config.toml"),
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


@app.command()
def check(
    *,
    config: ConfigFile = None,
    sample: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Show how the first records of a file would be read."),
    ] = None,
) -> None:
    """Say whether a configuration can work.

    Asks every source, the archive, the state and the rules.
    """
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.checking import show_answers, show_sample  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up

    if sample is not None:
        shown = service.check_sample(sample, config, principal=principal(), now=now())
        show_sample(console(), sample, shown)
        raise typer.Exit(0 if shown.events else UNREADABLE)
    answers = service.check(config, principal=principal(), now=now())
    show_answers(console(), answers)
    raise typer.Exit(0 if all(answer.works for answer in answers) else UNREADABLE)


@app.command()
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


@rule.command("list")
def rule_list(
    *, rules: Rules = None, no_own_rules: NoOwnRules = False, config: ConfigFile = None
) -> None:
    """List the rules, and what is wrong with those that fail."""
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up
    from tocsin.app.ruling import show_rules  # noqa: PLC0415 - start-up

    pack = service.rule_list(
        config, tuple(rules or ()), own=not no_own_rules, principal=principal(), now=now()
    )
    show_rules(console(), pack)
    raise typer.Exit(UNREADABLE if pack.errors else 0)


@rule.command("test")
def rule_test(
    *, rules: Rules = None, no_own_rules: NoOwnRules = False, config: ConfigFile = None
) -> None:
    """Run the tests that rules carry. Exit code 1 when one fails."""
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up
    from tocsin.app.ruling import show_tests  # noqa: PLC0415 - start-up

    tested = service.rule_test(
        config, tuple(rules or ()), own=not no_own_rules, principal=principal(), now=now()
    )
    show_tests(console(), tested)
    if tested.errors:
        raise typer.Exit(UNREADABLE)
    raise typer.Exit(FOUND if tested.failures else 0)


def main() -> None:
    """Run what the command line asks for."""
    try:
        app()
    except Exception:  # noqa: BLE001 - everything else, and it is shown
        # A fault of ours. Left to Python, its exit code 1 would say that something was found.
        traceback.print_exc()
        sys.exit(FAULT)


if __name__ == "__main__":
    main()

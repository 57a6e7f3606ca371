"""``tocsin demo``: a simulated company's month of logs, scanned, beside what really happened.

The company, its people, its traffic and the attacks are made by ``tocsin.app.demo``; the scan is
the one of ``tocsin scan`` and knows nothing of them. The truth lies in a file of its own and is
read only to compare.
"""

import shutil
import time
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collectors.files import FilesSettings
from tocsin.app import output, story
from tocsin.app.config import Config, load
from tocsin.app.demo.company import Company
from tocsin.app.demo.compare import Verdict, compare
from tocsin.app.demo.generate import ALL, World, generate
from tocsin.app.engine.result import ScanResult
from tocsin.app.engine.scanning import Progress, scan
from tocsin.app.rendering import STYLES, safe, show_scan
from tocsin.errors import Refusal
from tocsin.model.findings import Level

MARK = ".tocsin-demo"
"""A folder with this file in it was made here and may be made anew."""

QUIET_SEED = 1_000
"""Added to the seed of the month without attacks, so that it is another month."""

LOGS, CONFIG, OUTPUT = "logs", "config.toml", "scan.jsonl"


def demo(
    out: Path,
    *,
    console: Console,
    quiet_month: bool,
    seed: int,
    processes: int | None,
    progress: Progress,
    days: int = 30,
    scale: float = 1.0,
) -> None:
    """Generate, scan, compare, and print all three.

    Args:
        out: A folder that is not there yet or was made by an earlier demo.
        console: Where to print.
        quiet_month: A month without attacks instead.
        seed: Which of all possible months.
        processes: How many to use.
        progress: Told how it goes on.
        days: How long the month is.
        scale: Multiplies traffic.

    Raises:
        Refusal: The folder is somebody else's; nothing was changed.
    """
    _clear(out)
    console.print(
        Text(
            "SIMULATED: company, people, logs and attacks are generated on this machine. "
            "The scan does not know what was planted.\n",
            "bold",
        )
    )
    began = time.perf_counter()
    world = generate(
        out,
        seed=seed + QUIET_SEED if quiet_month else seed,
        days=days,
        scale=scale,
        attacks=() if quiet_month else ALL,
        processes=processes,
        progress=lambda _, done, total: progress("generating", done, total),
    )
    config = resources.files("tocsin.app.demo").joinpath(CONFIG).read_text()
    (out / CONFIG).write_text(config.replace("demo-out/", f"{out}/"))
    console.print(Text(_made(world, time.perf_counter() - began)))
    settings = load(out / CONFIG)
    with scan(_sources(settings), settings, processes=processes, progress=progress) as result:
        output.write(out / OUTPUT, result.findings, result.incidents, result.summary)
        show_scan(console, result, Level.MEDIUM)
        _show_truth(console, world, result)
    if not quiet_month:
        company = Company(seed, date.fromisoformat(world.truth.start), days, scale)
        story.tell(out, world, settings, company, console)
    console.print(Text(f"\nLogs, truth and findings lie in {out}; {out / OUTPUT} is for programs."))


def _clear(out: Path) -> None:
    if not out.exists():
        out.mkdir(parents=True)
    elif out.is_file() or (any(out.iterdir()) and not (out / MARK).exists()):
        raise Refusal(
            f"{out} was not made by a demo; nothing was changed",
            hint="Name another folder with --out.",
        )
    else:
        for part in (LOGS, "truth", "registers", "state", "sent", "notices", "evidence"):
            shutil.rmtree(out / part, ignore_errors=True)
    (out / MARK).touch()


def _sources(config: Config) -> list[FilesSettings]:
    return [s for s in config.source.values() if isinstance(s, FilesSettings)]


def _made(world: World, seconds: float) -> str:
    customers = len(world.truth.customers)
    return (
        f"Made in {seconds:.0f} s: {world.records:,} CloudTrail records and {world.lines:,} lines "
        f"of the application's log, {world.bytes / 1e6:,.0f} MB in {world.files:,} files, "
        f"{customers} customers, {world.truth.start} to {world.truth.end}.\n"
    )


def _show_truth(console: Console, world: World, result: ScanResult) -> None:
    verdicts = compare(world.truth, result.incidents)
    console.print(Text("\nWhat was found, beside what was planted\n", "bold"))
    planted = [verdict for verdict in verdicts if verdict.attack is not None]
    if planted:
        console.print(_truth_table(planted))
    else:
        console.print(Text("Nothing was planted in this month."))
    false = [v.incident for v in verdicts if v.attack is None and v.incident is not None]
    high = sum(incident.level >= Level.HIGH for incident in false)
    console.print(
        Text(f"\nIncidents at medium or above about nothing planted: {len(false)} ({high} high)")
    )
    for incident in false:
        console.print(Text(f"  {incident.level} {safe(incident.title)}"))


def _truth_table(planted: Sequence[Verdict]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("planted", overflow="fold")
    table.add_column("found as", overflow="fold")
    table.add_column("level", no_wrap=True)
    table.add_column("its events held", justify="right")
    table.add_column("of the incident", justify="right")
    table.add_column("incidents", justify="right")
    for verdict in planted:
        attack, incident = verdict.attack, verdict.incident
        title = Text(attack.title if attack else "")
        if incident is None or attack is None:
            table.add_row(title, Text("missed", "bold red"), "", "0 %", "", "0")
            continue
        table.add_row(
            title,
            Text(safe(incident.title)),
            Text(str(incident.level), STYLES[incident.level]),
            f"{verdict.held:,} of {len(attack.events):,} ({verdict.recall:.0%})",
            f"{verdict.precision:.0%}",
            str(verdict.incidents),
        )
    return table

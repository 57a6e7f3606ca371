"""What a person reads on the terminal.

Everything that stands in a log was written by whoever made the call. So texts are shown as texts:
no markup is read in them, and what is not printable is replaced.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, NamedTuple

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from tocsin.app.engine.result import ScanResult, Summary
from tocsin.model.findings import Finding, Incident, Level
from tocsin.model.instants import from_us

STYLES = {
    Level.CRITICAL: "bold white on red",
    Level.HIGH: "bold red",
    Level.MEDIUM: "yellow",
    Level.LOW: "cyan",
    Level.INFORMATIONAL: "dim",
}
PIPED_WIDTH = 120
TIMELINE = 25
"""So many lines of one incident's timeline are shown."""

LONE = 15
"""So many lines of findings outside incidents are shown."""

REASONS = 10
ACTORS = 3
OWN = "Tocsin"
SAY_MISSING = (
    'Say what that means in the mapping: outcome_missing = "success", or "unknown"; '
    'for a preset mappings = [{ preset = "ecs", outcome_missing = "success" }]'
)
TIMES = "\N{MULTIPLICATION SIGN}"


def console(file: IO[str] | None = None) -> Console:
    """Return where to write: plain when piped, as wide as the terminal otherwise."""
    out = file or sys.stdout
    width = None if out.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(
        file=out, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False
    )


def safe(text: str) -> str:
    """Return text without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def instant(at_us: int) -> str:
    """Return an instant as a person reads it, UTC."""
    return f"{from_us(at_us):%Y-%m-%d %H:%M:%S}"


def show_scan(out: Console, result: ScanResult, level: Level) -> None:
    """Print all of a scan's result at or above a level."""
    out.print(Text(summary_line(result.summary)))
    for part in _troubles(result):
        out.print(part)
    if result.summary.nothing_read:
        return  # "no incident" would be no more than "not looked"
    shown, lone = result.at_or_above(level), result.lone(level)
    less = len(result.incidents) - len(shown)
    if not shown:
        further = f" ({less} below it)" if less else ""
        out.print(Text(f"\nNo incident at {level} or above{further}.", "bold"))
    else:
        more = f", {less} below {level} not shown" if less else ""
        out.print(Text(f"\n{many(len(shown), 'incident')} at {level} or above{more}\n", "bold"))
        out.print(incident_table(shown))
        for number, incident in enumerate(shown, 1):
            out.print()
            out.print(incident_view(number, incident, result.findings.get(incident.finding_ids)))
    if lone:
        out.print(Text(f"\n{many(len(lone), 'finding')} at {level} or above in none of these\n"))
        out.print(_cut(lone, LONE))


def summary_line(summary: Summary) -> str:
    """Return what was read, in one line."""
    parts = [
        many(summary.records, "record"),
        many(summary.events, "event"),
        many(summary.duplicates, "duplicate"),
        f"{summary.rejected:,} rejected",
        many(summary.files, "file"),
        f"{summary.seconds:.1f} s",
    ]
    if summary.outside:
        parts.insert(3, f"{summary.outside:,} outside the time asked")
    return " · ".join(parts)


def incident_table(incidents: Sequence[Incident]) -> Table:
    """Return the table of incidents."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("level", no_wrap=True)
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("what", ratio=3, overflow="fold")
    table.add_column("who", ratio=3, overflow="fold")
    table.add_column("findings", justify="right")
    table.add_column("events", justify="right")
    for number, incident in enumerate(incidents, 1):
        table.add_row(
            str(number),
            Text(str(incident.level), STYLES[incident.level]),
            Text(instant(incident.opened_at)[:-3]),
            Text(safe(incident.title)),
            Text(_actors(incident.actors)),
            f"{len(incident.finding_ids):,}",
            f"{len(incident.event_ids):,}",
        )
    return table


def incident_view(number: int, incident: Incident, findings: Sequence[Finding]) -> RenderableType:
    """Return one incident with its timeline.

    Args:
        number: How it is called.
        incident: The incident.
        findings: Its findings.
    """
    title = Text.assemble(
        f"#{number} ",
        (str(incident.level), STYLES[incident.level]),
        f" {safe(incident.title)} ",
        (f"{instant(incident.opened_at)} to {instant(incident.last_at)}", "dim"),
    )
    return Group(Line(style="dim"), title, Padding(_cut(findings, TIMELINE), (0, 0, 0, 2)))


class _Alike(NamedTuple):
    """Findings of one rule about one actor."""

    first: Finding
    findings: list[Finding]


def timeline(findings: Iterable[Finding], most: int, *, brief: bool = True) -> tuple[Table, int]:
    """Return the most urgent findings in order of time.

    Args:
        findings: Of one incident.
        most: So many lines; findings of one rule about one actor stand on one.
        brief: Actors by their short names.

    Returns:
        The lines, and how many findings are not among them.
    """
    lines = _alike(findings)
    urgent = sorted(lines, key=lambda line: -_level(line))[:most]  # stable: the earlier first
    shown = [line for line in lines if line in urgent]
    rest = sum(len(line.findings) for line in lines) - sum(len(line.findings) for line in shown)
    return _lines(shown, brief=brief), rest


def _cut(findings: Iterable[Finding], most: int) -> Table:
    """Return the most urgent findings in order of time, and how many others there are."""
    table, rest = timeline(findings, most, brief=False)
    if rest:
        table.add_row("", "", Text(f"… and {many(rest, 'further finding')}, none worse", "dim"))
    return table


def _alike(findings: Iterable[Finding]) -> list[_Alike]:
    """Return findings in order of time; those of one rule about one actor stand together."""
    alike = dict[tuple[str, str], _Alike]()
    for finding in sorted(findings, key=lambda f: (f.since, f.id)):
        key = (finding.rule, finding.actor)
        alike.setdefault(key, _Alike(finding, [])).findings.append(finding)
    return list(alike.values())


def _level(line: _Alike) -> Level:
    return max(finding.level for finding in line.findings)


def _lines(lines: Iterable[_Alike], *, brief: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        level = _level(line)
        said = _said(line, line.first.actor if brief else "")
        table.add_row(instant(line.first.since), Text(str(level), STYLES[level]), said)
    return table


def _said(line: _Alike, long: str = "") -> Text:
    why = line.first.why.replace(long, short(long)) if long else line.first.why
    text = Text(safe(why).removesuffix(".") if len(line.findings) > 1 else safe(why))
    same = sum(finding.why == line.first.why for finding in line.findings)
    if same > 1:
        text.append(f" {TIMES}{same:,}", "bold")
    if others := len(line.findings) - same:
        text.append(f" and {others:,} like it", "bold")
    if len(line.findings) > 1:
        text.append(f", until {instant(max(f.at for f in line.findings))}", "dim")
    if line.first.origin != OWN:
        # The licence of public rules asks that their authors are named with each match.
        author = f" by {safe(line.first.author)}" if line.first.author else ""
        text.append(f" (rule {safe(line.first.title)!r}{author})", "dim")
    if any(finding.late for finding in line.findings):
        text.append(" (late)", "dim")
    return text


def _troubles(result: ScanResult) -> Iterator[Text]:
    rejected = result.rejected
    if rejected.count:
        yield Text(f"\nCould not be read ({result.summary.rejected:,}):", "bold")
    for reason, number in rejected.count.most_common(REASONS):
        yield Text(f"  {number:,} {TIMES} {safe(reason)}")
        for example in rejected.examples[reason]:
            place = f", {safe(example.place)}" if example.place else ""
            yield Text(f"      {safe(example.address)}{place}", "dim")
        if more := number - len(rejected.examples[reason]):
            yield Text(f"      and {more:,} more", "dim")
    if (more := len(rejected.count) - REASONS) > 0:
        yield Text(f"  and {many(more, 'further reason')}; --rejects FILE names all")
    if result.unmapped:
        yield Text("\nOutcomes nobody has given a meaning, so whether it happened is unknown:")
        yield Text(f"  {safe(', '.join(sorted(result.unmapped)))}")
        yield Text("  Say under the mapping's outcomes whether each is success or failure.", "dim")
    if result.mute:
        yield Text(
            "\nNo record of these says its outcome, so rules that ask for success match none:"
        )
        yield Text(f"  {safe(', '.join(sorted(result.mute)))}")
        yield Text(f"  {SAY_MISSING}.", "dim")
    if result.faults:
        yield Text(f"\nRules that failed ({len(result.faults)}), so not everything was judged:")
    for rule, what in sorted(result.faults.items()):
        yield Text(f"  {safe(rule)}: {safe(what)}", "red")
    if result.rule_errors:
        yield Text(f"\nRules that cannot be used ({len(result.rule_errors)}):")
    for error in result.rule_errors:
        yield Text(f"  {safe(str(error))}", "red")
        if error.hint:
            yield Text(f"      {safe(error.hint)}", "dim")
    if not result.rules:
        yield Text("\nNo rule was asked: only what events say in their order was judged.", "red")


def _actors(actors: Sequence[str]) -> str:
    shown = ", ".join(safe(short(actor)) for actor in actors[:ACTORS])
    more = len(actors) - ACTORS
    return f"{shown} and {more} more" if more > 0 else shown


def short(actor: str) -> str:
    """Return an identity without what all of an account's have in common."""
    parts = actor.split(":", 5)
    if actor.startswith("arn:") and len(parts) > 5:  # noqa: PLR2004 - the sixth part names it
        return parts[5]
    return actor


def many(number: int, what: str) -> str:
    """Return a number with what it counts, in the plural where it is not one."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"

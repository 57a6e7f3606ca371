"""One incident on the terminal, whole: what a person on call needs to know, and to do next.

Texts from logs, reports and people are made safe. Long parts are cut, and say how to see all.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from incidents.impact import Standing
from notifiers.base import Purpose
from tocsin.app.casework import following, impact_view, unregistered, views
from tocsin.app.casework.views import at_second, plain_table
from tocsin.app.rendering import STYLES, console, instant, many, safe, short, timeline
from tocsin.model.findings import Level

if TYPE_CHECKING:
    from incidents.assessment import Case, Report
    from tocsin.app.casework.course import Step
    from tocsin.app.casework.overview import Overview

FEW = 12
"""So many names stand on one line."""

WIDEST_CLAUSE = 29

LINES = 20
"""So many lines of one part are shown."""

PURPOSES = {
    Purpose.NOTICE: "notices",
    Purpose.CALL: "calls",
    Purpose.ALERT: "alerts",
    Purpose.REMINDER: "reminders",
}


def show_one(shown: "Overview", now: datetime, *, whole: bool = False) -> None:
    """Print one incident.

    Args:
        shown: The incident.
        now: To this instant clocks are counted.
        whole: Nothing is cut.
    """
    parts = _Parts(shown, now, whole=whole)
    parts.head()
    parts.found()
    parts.reported()
    parts.touched()
    parts.done()
    parts.owed()
    parts.sent()
    parts.next()


class _Parts:
    """The parts of one incident, in the order they are read."""

    def __init__(self, shown: "Overview", now: datetime, *, whole: bool) -> None:
        self._shown, self._now, self._whole = shown, now, whole
        self._case = shown.history.case
        self._out = console()
        self._most = 10**9 if whole else LINES

    def head(self) -> None:
        """Print what it is, how it stands, since when it is known."""
        case, shown = self._case, self._shown
        level = Level.parse(case.level)
        title = (f"Incident {case.number} ", (case.level, STYLES[level]), f" {safe(case.title)}")
        self._out.print(Text.assemble(*title))
        table = plain_table("", "", header=False)
        for what, said in _head(case):
            table.add_row(what, Text(said))
        if shown.findings:
            first = min(one.since for one in shown.findings)
            last = max(one.at for one in shown.findings)
            table.add_row("began", f"{instant(first)} UTC, by its findings; last {instant(last)}")
        self._out.print(table)

    def found(self) -> None:
        """Print the findings and who acted."""
        shown = self._shown
        if not shown.findings:
            return
        events = len({one for finding in shown.findings for one in finding.event_ids})
        self._title(
            f"What was found: {many(len(shown.findings), 'finding')}, {many(events, 'event')}"
        )
        lines, rest = timeline(shown.findings, self._most)
        self._out.print(_under(lines))
        self._more(rest, "findings of lower levels")
        if shown.who is not None:
            self._title("Who")
            table = plain_table("", "", header=False)
            table.add_row("actors", self._names(shown.who.actors))
            table.add_row("credentials", self._names(shown.who.credentials))
            table.add_row("addresses", self._names(shown.who.addresses))
            if shown.who.made:
                table.add_row("brought into being", self._names(shown.who.made))
            self._out.print(_under(table))
            if not shown.who.is_whole:
                self._out.print(Text("  as findings name them: the archive cannot be read"))

    def reported(self) -> None:
        """Print what people told us."""
        for one in self._case.reports:
            self._title("What was reported")
            for line in _report(one):
                self._out.print(Padding(Text(safe(line)), (0, 0, 0, 2)))
            if one.originals:
                how = f"tocsin incident show {self._case.number} --originals DIR"
                self._out.print(Text(f"  To get it out: {how}"))

    def touched(self) -> None:
        """Print the newest impact run."""
        run = self._shown.run
        if run is None:
            return
        self._title(f"Whose data: impact run {run.number}, {instant(run.at)} UTC")
        touched = [one for one in run.customers if one.standing is not Standing.EXCLUDED]
        self._out.print(Text(f"  {views.counted(run.customers)}"))
        for line in impact_view.looked(run):
            self._out.print(Text(f"  {line}"))
        for source in run.coverage.sources:
            if source.missing or source.unread:
                self._out.print(Text(f"  {impact_view.coverage(source)}"))
        for line in impact_view.unmapped(run):
            self._out.print(Text(f"  {line}", "yellow"), soft_wrap=True)
        if touched:
            table = views.impact_table(touched[: self._most])
            self._out.print(_under(table))
        if len(touched) < len(run.customers):
            why = f"tocsin incident show {self._case.number} --customers"
            self._out.print(Text(f"  Who is excluded, and why: {why}"))
        how = f"tocsin incident impact {self._case.number} --show"
        self._more(len(touched) - self._most, "customers", how=how)

    def done(self) -> None:
        """Print the decisions and the notes."""
        steps = self._shown.course
        decisions = [one for one in steps if not one.is_routine]
        routine = [one for one in steps if one.is_routine]
        kept = [*decisions, *routine[-max(self._most - len(decisions), FEW) :]]
        self._title("What was done (UTC)")
        table = plain_table("", "", "", header=False)
        for one in steps:
            if one in kept:
                table.add_row(at_second(one.at), safe(one.who), Text(self._step(one)))
        self._out.print(_under(table))
        self._more(len(steps) - len(kept), "steps that decided nothing")
        if self._case.notes:
            self._title("Notes")
            table = plain_table("", "", "", "", header=False)
            for note in self._case.notes:
                text = self._shown.notes.get(note.entry) or "(erased)"
                table.add_row(at_second(note.at), safe(note.principal), note.note, _lines(text))
            self._out.print(_under(table))

    def owed(self) -> None:
        """Print what is owed: what is open by its clock, the rest in a line each."""
        owed = [one for one in self._shown.owed if not one.is_void]
        is_open = [one for one in owed if one.is_open]
        self._title("What is owed (UTC)" if owed else "Nothing is owed")
        alike: dict[tuple[str, ...], list[str]] = {}
        for one in sorted(is_open, key=lambda one: (one.strict_due_at, one.customer)):
            due, strict = at_second(one.due_at), at_second(one.strict_due_at)
            left = views.span(one.strict_due_at - self._now)
            row = (one.clause, due, strict, left, str(one.standing(self._now)))
            alike.setdefault(row, []).append(one.customer or "the team")
        if alike:
            table = plain_table(
                "what, to whom",
                "due by contract",
                "by strict reading",
                "left by strict reading",
                "standing by contract",
            )
            table.columns[0].min_width = WIDEST_CLAUSE
            for (clause, *clock), to in alike.items():
                table.add_row(f"{clause} to {self._names(to)}", *clock)
            self._out.print(_under(table))
        done: dict[tuple[str, str], list[str]] = {}
        for one in owed:
            if not one.is_open:
                key = (one.clause, str(one.standing(self._now)))
                done.setdefault(key, []).append(one.customer or "the team")
        for (clause, standing), to in done.items():
            self._out.print(Text(f"  {standing}: {clause} to {self._names(to)}"))
        views.warn(f"  {line}" for line in unregistered.of_owed(owed, self._shown.registered))
        for said in views.reasons(owed):
            self._out.print(Text(f"  {safe(said)}"))

    def sent(self) -> None:
        """Print how notices and messages stand."""
        shown = self._shown
        if shown.notices:
            self._title("Notices")
            alike: dict[tuple[int, str, str, str], list[str]] = {}
            for one in shown.notices:
                given = ", ".join(one.approved_by) or "nobody"
                at = at_second(one.handed_over_at) if one.handed_over_at else "not queued"
                alike.setdefault((one.version, one.manifest, given, at), []).append(one.customer)
            table = plain_table("notice", "manifest", "approved by", "queued (UTC)", "to")
            for (version, manifest, given, at), to in alike.items():
                row = (str(version), f"{manifest[:12]}…", safe(given), at, self._names(to))
                table.add_row(*row)
            self._out.print(_under(table))
        if shown.messages:
            self._title("Messages")
            counts: dict[tuple[Purpose, str], int] = {}
            for message in shown.messages:
                key = (message.purpose, message.word)
                counts[key] = counts.get(key, 0) + 1
            for purpose, name in PURPOSES.items():
                words = [f"{n} {word}" for (of, word), n in counts.items() if of is purpose]
                if words:
                    self._out.print(Text(f"  {name}: {', '.join(words)}"))
            self._out.print(Text(f"  Each of them: tocsin notice status {self._case.number}"))

    def next(self) -> None:
        """Print what to do now."""
        if commands := list(following.commands(self._shown)):
            self._title("What to do now")
            for one in commands:
                self._out.print(Text(f"  {one}"), soft_wrap=True)  # to be copied

    def _title(self, text: str) -> None:
        self._out.print(Text(f"\n{text}", "bold"))

    def _more(self, number: int, what: str, *, how: str = "") -> None:
        if number > 0:
            how = how or f"tocsin incident show {self._case.number} --all"
            self._out.print(Text(f"  … and {number:,} further {what}: {how}", "dim"))

    def _names(self, names: Sequence[str]) -> str:
        return _some(names, len(names) if self._whole else FEW)

    def _step(self, one: "Step") -> str:
        whom = f" {self._names(one.customers)}" if one.customers else ""
        return safe(f"{one.what}{':' if whom else ''}{whom}{f'. Why: {one.why}' * bool(one.why)}")


def _head(case: "Case") -> Iterator[tuple[str, str]]:
    by = f", by {safe(case.decided_by)}" if case.decided_by and case.awareness is None else ""
    yield "stands", f"{case.assessment}{by}"
    if case.merged_into is not None:
        yield "part of", f"incident {case.merged_into}, which has its findings now"
    by_us = "detected" if case.known_by == "detection" else "reported"
    yield by_us, f"{at_second(case.known_at)} UTC: known since then, the strict reading counts so"
    if case.opened_at != case.known_at:
        yield "opened", f"{at_second(case.opened_at)} UTC"
    yield "taken by", safe(case.owner) or "nobody"
    if case.awareness is not None:
        aware = case.awareness
        yield (
            "aware since",
            f"{at_second(aware.aware_at)} UTC, by {safe(aware.principal)}: {safe(aware.why)}",
        )
    for one in case.corrections:
        to = f"{at_second(one.aware_at)} UTC" if one.aware_at else "void"
        yield "", f"corrected from {at_second(one.former_at)} UTC to {to}: {safe(one.why)}"
    for fact in case.facts:
        where = f" at {safe(fact.where)}" if fact.where else ""
        yield fact.what, f"since {at_second(fact.at)} UTC{where}: {safe(fact.why)}"


def _report(one: "Report") -> Iterator[str]:
    yield f"{one.reporter} {one.name!r} by {one.channel}, received {at_second(one.received_at)} UTC"
    if one.establishes:
        yield "It says itself that personal data were breached."
    yield from one.what.splitlines()
    for original in one.originals:
        yield f"attached: {original.name}, {original.media_type}, {many(original.size, 'byte')}"


def _some(names: Sequence[str], most: int) -> str:
    shown = ", ".join(safe(short(one)) for one in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown or "-"


def _lines(text: str) -> Text:
    return Text("\n".join(safe(line) for line in text.splitlines()))


def _under(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2))

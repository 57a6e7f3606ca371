"""What an impact run rests on, in lines: how far it looked, what logs it had, what it knows not."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.app.rendering import many, safe
from tocsin.model.instants import from_us

if TYPE_CHECKING:
    from incidents.impact import ImpactRun, SourceCoverage

MOST_UNMAPPED = 8
"""So many actions that the data map does not know are named."""


def looked(run: "ImpactRun") -> "Iterator[str]":
    """Yield how much further than usual a run looked, and why."""
    scope = run.scope
    if not scope.why:
        return
    parts = [
        f"{word} {from_us(at):%Y-%m-%d %H:%M:%S} UTC"
        for word, at in (("from", scope.since), ("until", scope.until))
        if at is not None
    ]
    if scope.actors:
        parts.append(f"with all that {', '.join(map(safe, scope.actors))} did")
    how = ", ".join(parts) or "as far as usual again"
    yield f"looked {how}. Why: {safe(scope.why)}"


def coverage(source: "SourceCoverage") -> str:
    """Return what the logs of one source cover of a run's window."""
    held = source.covered + source.quiet
    lost = f"; {source.unread:,} of its records or files could not be read" * bool(source.unread)
    return f"{source.source}: {held} of {source.hours} hours of the window held{lost}"


def unmapped(run: "ImpactRun") -> "Iterator[str]":
    """Yield what the attack did that the data map does not know, and what that means."""
    from incidents.impact.reasons import acts_are  # noqa: PLC0415 - start-up

    if run.unmapped:
        yield (
            f"{acts_are(run.unmapped)} not in the data map: whoever is excluded is so as far as it "
            'goes. Say in it what they touch, or effect = "none", import it, and run this again.'
        )
    for one in run.unmapped[:MOST_UNMAPPED]:
        whose = ", perhaps somebody else's" * one.doubtful
        yield f"  not in the data map: {safe(str(one))} ({many(one.events, 'event')}{whose})"
    if len(run.unmapped) > MOST_UNMAPPED:
        yield f"  … and {len(run.unmapped) - MOST_UNMAPPED:,} further actions"

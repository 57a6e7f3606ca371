"""What a detector is.

A detector judges events in their order: ``state in, events in → findings out, state out``. It is
pure: no input, no output, no reading of the time. The state belongs to whoever steps; a detector
changes it in place and hands nothing else on, so a caller that cannot keep a step's result takes
the state from where it was stored last.

What it says must not depend on how a stream of events is cut into steps. Cuts fall between
instants, never within one. So anything that gathers over an hour or a day keeps what it gathered,
and says it again under the same id when it has grown.

To add one: a module here with a state (a ``msgspec.Struct``) and a class with ``id``, ``state`` and
``follow``; one line in ``detectors.follow.DETECTORS``; tests that it finds, that it leaves the near
miss, and that cutting the stream changes nothing. docs/COMPONENTS.md says what it MUST do.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from detectors.view import View
from tocsin.model.findings import Finding, Level, finding_id

AUTHOR = "Tocsin"


class Detector(Protocol):
    """Judges events in their order.

    Attributes:
        id: Its name, which is the rule of its findings or their first part.
        state: The type of its state; called without arguments it gives the state to begin with.
    """

    id: str
    state: type[Any]

    def follow(self, state: Any, view: View) -> list[Finding]:
        """Return what is to be said of the events of ``view``, and bring ``state`` up to date."""
        ...


def said(
    view: View,
    rows: Iterable[int],
    *,
    rule: str,
    title: str,
    level: Level,
    why: str,
    tactics: tuple[str, ...] = (),
    entities: tuple[str, ...] = (),
    earlier: tuple[str, ...] = (),
    since: int | None = None,
) -> Finding:
    """Return a finding about some rows, the last of which completes it.

    Args:
        view: Where the rows are.
        rows: In their order, at least one.
        rule: Id of the detector, or of what it looks for.
        title: What it is, in a few words.
        level: How urgent by itself.
        why: The sentence.
        tactics: ATT&CK tactics.
        entities: What ties it to others, beside the last row's own; see ``View.entities``.
        earlier: Ids of further events that it rests on; they come first.
        since: Instant at which it could be said first, µs; by default that of the last row.
    """
    rows = list(rows)
    event_ids = (*earlier, *view.events.event_ids(rows))
    return Finding(
        id=finding_id(rule, event_ids[:1]),
        rule=rule,
        title=title,
        author=AUTHOR,
        origin=AUTHOR,
        level=level,
        at=int(view.events.at[rows[-1]]),
        since=int(view.events.at[rows[-1]]) if since is None else since,
        actor=view.events.text("actor", rows[-1]),
        entities=tuple(dict.fromkeys((*view.entities(rows[-1]), *entities))),
        event_ids=event_ids,
        why=why,
        tactics=tactics,
    )

"""How far a person has a run look: a wider window, and identities or keys that the attack had too.

A run looks a margin around the incident's events and follows its credentials by itself. What it
cannot know, that the attack began a week earlier or that a second identity was the same hand, a
person says, with reasons. It is a fact of the ledger, and holds for every later run until somebody
says otherwise.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents.impact.result import ImpactRun, Scope
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.model.instants import from_us, to_us
from tocsin.model.principals import Principal

KIND = "impact.widened"
"""Of the ledger's entry. It holds the whole of what is wider now than usual, and why."""


class Asked(NamedTuple):
    """What a person asks for.

    Attributes:
        since: To look from here on; None: as before.
        until: To look up to here; None: as before.
        actors: Further identities and keys of the attack.
        why: On what ground.
        as_usual: To drop what was widened before.
    """

    since: datetime | None = None
    until: datetime | None = None
    actors: tuple[str, ...] = ()
    why: str = ""
    as_usual: bool = False

    @property
    def is_something(self) -> bool:
        """Return whether anything is asked for."""
        return bool(self.since or self.until or self.actors or self.as_usual)


def widened(before: ImpactRun | None, asked: Asked, now: datetime) -> Scope:
    """Return how far a run looks, after what a person asks.

    Raises:
        Refusal: No reason is given, an instant is still to come, or a name is empty: events without
            a credential, whoever's they are, have that one.
    """
    scope = before.scope if before is not None else Scope()
    if not asked.is_something:
        if asked.why:
            raise Refusal(
                "a reason, and nothing it is for",
                hint="It goes with --since, --until, --actor or --as-usual.",
            )
        return scope
    if not asked.why.strip():
        raise Refusal(
            "why should it look further, or as usual again?", hint="Add --why with your reasons."
        )
    for name, at in (("--since", asked.since), ("--until", asked.until)):
        if at is not None and at > now:
            raise Refusal(f"{name} {at.isoformat()} is still to come", hint="Look up to now.")
    actors = {name.strip() for name in asked.actors}
    if "" in actors:
        raise Refusal(
            "--actor: expected an identity or key, got nothing",
            hint="Name it whole, as the logs have it: `tocsin incident show` has those it knows.",
        )
    if asked.as_usual:
        scope = Scope()
    return Scope(
        since=scope.since if asked.since is None else to_us(asked.since),
        until=scope.until if asked.until is None else to_us(asked.until),
        actors=tuple(sorted({*scope.actors, *actors})),
        why="; ".join(filter(None, (scope.why, asked.why.strip()))),
    )


def check(made: ImpactRun, asked: Asked) -> None:
    """Make sure that a run looked as far as was asked: it never looks less far than usual.

    Raises:
        Refusal: It looks that far anyhow.
    """
    query = made.query
    for name, at, is_at, way in (
        ("--since", asked.since, query.since, "from"),
        ("--until", asked.until, query.until, "until"),
    ):
        if at is not None and to_us(at) != is_at:
            raise Refusal(
                f"{name} {at.isoformat()}: it looks {way} {from_us(is_at).isoformat()} anyhow",
                hint="What a run looks at can be widened, not narrowed.",
            )


def note(
    db: Connection,
    made: ImpactRun,
    before: ImpactRun | None,
    *,
    principal: Principal,
    now: datetime,
) -> None:
    """Write into the ledger how far a run looks, where that is other than with the one before."""
    scope = made.scope
    if scope == (before.scope if before is not None else Scope()):
        return
    fact = {
        "incident": made.incident,
        "run": made.number,
        "since": None if scope.since is None else from_us(scope.since).isoformat(),
        "until": None if scope.until is None else from_us(scope.until).isoformat(),
        "actors": list(scope.actors),
        "why": scope.why,
    }
    ledger.append(db, KIND, fact, principal=principal, at=now)

"""Functions made with a role that can do more than who made them, and then run.

Whoever may hand a role to a function may do what the role may: that is how somebody who can start
anything, but change no rights, comes to change them. Made with a role that has changed identities
here before, by somebody who never did and never made a function, it is no daily work; that it runs
shows when it is invoked, or, where the trail has no such events, when the role acts under the
function's name.

Source: MITRE ATT&CK T1548, T1098; AWS IAM User Guide, "Grant a user permissions to pass a role to
an AWS service"; AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution
role".
"""

import msgspec
import numpy as np

from detectors.base import said
from detectors.first_seen import FORGOTTEN_DAYS, Profiles
from detectors.view import Rows, View
from tocsin.model.events import DAY_US
from tocsin.model.findings import Finding, Level

STRONG = frozenset(
    f"{service}:{kind}"
    for service in ("iam", "sso", "organizations")
    for kind in ("change", "grant")
)
"""Deeds by which identities are changed."""

MAKES = ("CreateFunction", "UpdateFunctionConfiguration")
RUNS = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")

WITHIN_US = 7 * DAY_US
"""So long after it was made, running a function has to do with that."""

MOST = 1_000
"""So many functions are kept."""


class Made(msgspec.Struct):
    """A function that was made with a stronger role.

    Attributes:
        at: When, µs.
        by: Who did it.
        role: The role.
        ids: The events.
        ties: What ties its making to other findings.
        since: When it ran first, µs; -1 before.
        runs: How it was seen to run: that it was invoked, that the role acted.
    """

    at: int
    by: str
    role: str
    ids: list[str]
    ties: tuple[str, ...]
    since: int = -1
    runs: list[str] = []


class Functions(msgspec.Struct):
    """Who made functions: actor → the last day; and account and name → the function."""

    makers: dict[str, int] = {}
    made: dict[str, Made] = {}


class PassedRole:
    """Finds functions that run with more rights than their maker has."""

    id = "function-with-stronger-role"
    state = Functions

    def __init__(self, profiles: Profiles, *, learning_days: int = 7, active_days: int = 3) -> None:
        """Take what is known of actors, already brought up to date.

        Args:
            profiles: It.
            learning_days: Days since an actor was first seen before something is new to it.
            active_days: Days on which it was active before.
        """
        self._profiles = profiles
        self._learning_days, self._active_days = learning_days, active_days

    def follow(self, state: Functions, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        e, found = view.events, dict[str, Finding]()
        functions = view.succeeded & e.rows_with("service", ("lambda",))
        makes = functions & view.of_somebody & e.rows_with("action", MAKES)
        making = np.flatnonzero(makes & ~e.rows_with("object", ("",)))
        if not len(making) and not state.made:
            return []
        for row in np.union1d(making, self._running(state, view, making)).tolist():
            if makes[row]:
                self._make(state, view, row)
            elif (finding := self._run(state, view, row)) is not None:
                found[finding.id] = finding
        return list(found.values())

    def _running(self, state: Functions, view: View, making: Rows) -> Rows:
        """Return the rows in which a function that was made may run."""
        e = view.events
        names = {key.partition(" ")[2] for key in state.made}
        names.update(_name(e.text("resource", row)) for row in making.tolist())
        roles = {made.role for made in state.made.values()}
        roles.update(e.text("object", row) for row in making.tolist())
        called = [word for word in e.word["resource"] if _name(word) in names]
        invoked = e.rows_with("action", RUNS) & e.rows_with("resource", called)
        acts = e.rows_with("actor", roles) & e.rows_with("session", names)
        return np.flatnonzero(view.succeeded & (invoked | acts))

    def _make(self, state: Functions, view: View, row: int) -> None:
        e, at, day = view.events, int(view.events.at[row]), int(view.day[row])
        actor, role = e.text("actor", row), e.text("object", row)
        before = state.makers.get(actor, day)
        state.makers[actor] = day
        key = _key(view, row, e.text("resource", row))
        state.made.pop(key, None)
        if before < day or not self._is_stronger(actor, role, at):
            return
        state.made[key] = Made(at, actor, role, [e.event_id(row)], view.entities(row))
        for old in list(state.made)[:-MOST]:
            del state.made[old]

    def _is_stronger(self, actor: str, role: str, at: int) -> bool:
        """Return whether a role has changed identities before, and a known actor never did."""
        profile = self._profiles.actors.get(actor)
        if profile is None or actor == role:
            return False
        if not profile.is_learned(at // DAY_US, self._learning_days, self._active_days):
            return False
        knew = self._profiles.knew
        return any(knew("deed", role, deed, at) for deed in STRONG) and not any(
            knew("deed", actor, deed, at) for deed in STRONG
        )

    def _run(self, state: Functions, view: View, row: int) -> Finding | None:
        e, at = view.events, int(view.events.at[row])
        invoked = e.text("action", row) in RUNS and e.text("service", row) == "lambda"
        made = state.made.get(_key(view, row, e.text("resource" if invoked else "session", row)))
        if made is None or not made.at < at <= made.at + WITHIN_US:
            return None
        if not invoked and e.text("actor", row) != made.role:
            return None
        how = "invoked" if invoked else "acts"
        if how in made.runs:
            return None
        made.runs.append(how)
        made.since = at if made.since < 0 else made.since
        earlier = tuple(made.ids)
        made.ids.append(e.event_id(row))
        name = _name(e.text("resource" if invoked else "session", row))
        return said(
            view,
            [row],
            rule=self.id,
            title="Function made with a stronger role, then run",
            level=Level.MEDIUM,
            tactics=("privilege-escalation", "execution"),
            entities=made.ties,
            earlier=earlier,
            since=made.since,
            why=f"{made.by}, who never made a function before, made {name} with the role "
            f"{made.role}, which can change identities, and it ran.",
        )


def _name(function: str) -> str:
    """Return a function's name, whether it is given by name or by ARN."""
    return function.partition(":function:")[2].partition(":")[0] or function


def _key(view: View, row: int, function: str) -> str:
    return f"{view.events.text('account', row)} {_name(function)}"


def forget(state: Functions, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    old = at // DAY_US - FORGOTTEN_DAYS
    state.makers = {actor: day for actor, day in state.makers.items() if day >= old}
    state.made = {name: made for name, made in state.made.items() if made.at >= at - WITHIN_US}

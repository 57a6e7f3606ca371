"""Roles taken by other accounts: opened to one, then taken by it; or taken by one that is new here.

Who has changed the trust of a role comes back from an account of its own, whatever key is changed
here. The opening alone is an administrator's work as well, and so is the first visit of a supplier.
What is made for a supplier, under a word agreed beforehand, says little; a role of the house, long
in use, that is opened to an account nobody knows and taken by it is how the house is robbed. With
such a word it may be either: suppliers ask for one, and nobody who robs the house has to. So may
what is opened to everybody of an organisation while none is configured to be of the house: its own
may be meant. Where one is, that one is, and any other is as strange as everybody.

An account is of the house when it is configured to be, or when logs of its own are among these; it
is a guest that is known when it took roles here on several earlier days. What the house takes, what
a guest takes again, and what a known guest takes without an opening of it, is no finding.

Source: MITRE ATT&CK T1098.003, T1199, T1078.004; AWS IAM User Guide, "Access to AWS accounts owned
by third parties"; AWS CloudTrail User Guide, "CloudTrail userIdentity element" (AWSAccount).
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from detectors.base import said
from detectors.first_seen import FORGOTTEN_DAYS, Profiles
from detectors.grants import DEPLOYS, name_of
from detectors.guests import MOST, OPEN_US, Guest, Opening, Outside, account_of
from detectors.usual import HABIT_DAYS
from detectors.view import Rows, View
from tocsin.lineage import EVERYBODY, OF, WORD
from tocsin.model.events import DAY_US, HOUR_US, ActorKind
from tocsin.model.findings import Finding, Level, finding_id

OPENED_THEN_TAKEN = "role-opened-then-taken"
TAKEN_BY_STRANGER = "role-taken-by-stranger"

OPENS = ("CreateRole", "UpdateAssumeRolePolicy")
MADE = OPENS[0]
TAKES = ("AssumeRole",)


OF_ALL = EVERYBODY + OF
"""How an organisation is called to which a role was opened."""


class House(NamedTuple):
    """What is configured to be of the house.

    Attributes:
        accounts: Accounts, whether their logs are here or not.
        organizations: Organisations; none where the operator named none.
    """

    accounts: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()


class Outsiders:
    """Finds roles taken by accounts that have no business here."""

    id = "outsiders"
    state = Outside

    def __init__(
        self, profiles: Profiles, learning_days: int = 7, house: House | None = None
    ) -> None:
        """Take what is known of actors, already brought up to date.

        Args:
            profiles: It.
            learning_days: Days after the first event before an account is new.
            house: What is configured to be of the house.
        """
        self._profiles, self._own = profiles, house or House()
        self._learning_us = learning_days * DAY_US

    def follow(self, state: Outside, view: View) -> list[Finding]:
        """See :class:`detectors.base.Detector`."""
        if not len(view):
            return []
        e, found = view.events, list[Finding]()
        if state.first < 0:
            state.first = int(e.at[0])
        self._learn_house(state, view)
        done = view.succeeded & view.in_cloud
        opens = done & e.rows_with("service", ("iam",)) & e.rows_with("action", OPENS)
        takes = done & e.rows_with("action", TAKES)
        takes &= e.rows_with("actor_kind", (ActorKind.ACCOUNT,))
        # Of equal ones the first of the day: what comes after it is nothing new.
        firsts = view.firsts(np.flatnonzero(takes), e.code["actor"], e.code["resource"])
        opened = np.flatnonzero(opens & ~e.rows_with("object", ("",)))
        for row in np.union1d(firsts, opened).tolist():
            if not takes[row]:
                self._open(state, view, row)
                continue
            finding = self._take(state, view, row)
            found.extend([finding] if finding is not None else ())
        return found

    def _learn_house(self, state: Outside, view: View) -> None:
        e = view.events
        rows = np.flatnonzero(
            ~e.rows_with("actor_kind", (ActorKind.ACCOUNT, ActorKind.ANONYMOUS))
            & ~e.rows_with("account", ("",))
        )
        for account, first, last in _spans(view, rows):
            since = state.house.get(account, (int(e.at[first]), 0))[0]
            state.house[account] = (since, int(view.day[last]))

    def _open(self, state: Outside, view: View, row: int) -> None:
        e, at = view.events, int(view.events.at[row])
        role = f"{e.text('account', row)} {e.text('resource', row)}"
        known = state.openings.setdefault(role, {})
        made = e.text("action", row) == MADE
        before = [one for one in known.values() if one.made and at - one.at <= OPEN_US]
        for name in e.text("object", row).split(","):
            account = name.removesuffix(WORD)
            known.pop(account, None)
            known[account] = Opening(
                at,
                e.event_id(row),
                view.origin(row),
                view.entities(row),
                made or bool(before),
                name.endswith(WORD),
                bool(view.by_service[row]) or view.hand_of(row) in DEPLOYS,
            )
        for account in list(known)[:-MOST]:
            del known[account]

    def _take(self, state: Outside, view: View, row: int) -> Finding | None:
        e, at, day = view.events, int(view.events.at[row]), int(view.day[row])
        account, arn = account_of(e.text("actor", row)), e.text("resource", row)
        if not account or account in self._own.accounts or account == e.text("account", row):
            return None
        if account in state.house and state.house[account][0] <= at:
            return None
        role = f"{account_of(arn) or e.text('account', row)} {name_of(arn)}"
        guest = state.guests.setdefault(account, Guest())
        days, fell = guest.days_before(day), guest.may_have_taken(day)
        again = guest.takes(role, day)
        if again:
            return None
        name, opening = self._opening(state.openings.get(role, {}), account, at)
        if opening is not None:
            if opening.is_taken(account) and fell:
                return None
            used = self._is_of_house(state, arn, role, account, opening.at)
            may_be_ours = name.startswith(OF_ALL) and not self._own.organizations
            known = opening.word or may_be_ours
            level = _level(
                opening, days, known=known, used=used, is_learned=self._is_learned(state, at)
            )
            return _opened(view, row, name, opening, level)
        if fell or days >= HABIT_DAYS:
            return None
        used = self._is_of_house(state, arn, role, account, at)
        if not self._is_learned(state, at) or (days and not used):
            return None
        return said(
            view,
            [row],
            rule=TAKEN_BY_STRANGER,
            title="Role taken by an account new to the house",
            level=Level.LOW if days or not used else Level.MEDIUM,
            tactics=("initial-access",),
            why=f"The account {account} took the role {arn}, from {_whence(view, row)}; in the "
            f"{_days(day - state.first // DAY_US)} before it had taken "
            f"{'others here, but not this one' if days else 'none here'}"
            f"{', and no other account had taken this one' if used else ''}.",
        )

    def _opening(
        self, openings: dict[str, Opening], account: str, at: int
    ) -> tuple[str, Opening | None]:
        """Return to whom a role was opened by which an account takes it, and how."""
        others = [name for name in reversed(openings) if name.startswith(OF_ALL)]
        for name in (account, EVERYBODY, *others):
            opening = openings.get(name)
            if name.removeprefix(OF_ALL) in self._own.organizations or opening is None:
                continue
            if opening.at <= at <= opening.at + OPEN_US:
                return name, opening
        return "", None

    def _is_learned(self, state: Outside, at: int) -> bool:
        return at >= state.first + self._learning_us

    def _is_of_house(self, state: Outside, arn: str, role: str, guest: str, at: int) -> bool:
        """Return whether a role had long been used at an instant (µs), and by no other account."""
        profile = self._profiles.actors.get(arn)
        if profile is None or (profile.first + 1) * DAY_US > at:
            return False
        return not any(role in its.roles for name, its in state.guests.items() if name != guest)


def _level(opening: Opening, days: int, *, known: bool, used: bool, is_learned: bool) -> Level:
    """Return how urgent it is that an account takes what was opened to it.

    Args:
        opening: The opening.
        days: On how many earlier days the account took roles here.
        known: It needs a word agreed beforehand, or may be to the house's own organisation.
        used: The role had long been used, and by no other account.
        is_learned: The log is long enough for an account to be new.
    """
    if days >= HABIT_DAYS or (opening.made and known):
        return Level.LOW
    if opening.tool:
        return Level.LOW if opening.made or not is_learned else Level.MEDIUM
    robbed = used and is_learned and not opening.made and not known
    return Level.HIGH if robbed else Level.MEDIUM


def _opened(view: View, row: int, name: str, opening: Opening, level: Level) -> Finding:
    e, whom = view.events, "everybody"
    if name.startswith(OF_ALL):
        whom = f"everybody of the organisation {name.removeprefix(OF_ALL)}"
    elif name != EVERYBODY:
        whom = "that account"
    account, arn = account_of(e.text("actor", row)), e.text("resource", row)
    found = said(
        view,
        [row],
        rule=OPENED_THEN_TAKEN,
        title="Role opened to another account, then taken by it",
        level=level,
        tactics=("persistence", "initial-access"),
        entities=opening.ties,
        earlier=(opening.id,),
        why=f"The account {account} took the role {arn}, from {_whence(view, row)}; "
        f"{opening.by} had opened it to {whom} {_ago(int(e.at[row]) - opening.at)} before.",
    )
    # Of one opening several accounts may make use, and what one does must not hide the other.
    own_id = finding_id(OPENED_THEN_TAKEN, (e.event_id(row),))
    return msgspec.structs.replace(found, id=own_id)


def _spans(view: View, rows: Rows) -> Iterator[tuple[str, int, int]]:
    """Yield each account of some rows, with the first and the last of its rows."""
    words, codes = view.events.word["account"], view.events.code["account"][rows]
    first, last = (np.full(len(words), -1, np.intp) for _ in range(2))
    # Of an index that comes again, the value that comes last stays.
    first[codes[::-1]], last[codes] = rows[::-1], rows
    for code in np.flatnonzero(last >= 0).tolist():
        yield words[code], int(first[code]), int(last[code])


def _whence(view: View, row: int) -> str:
    return view.events.text("ip", row) or "an unknown address"


def _days(since_first: int) -> str:
    """Return in words for how long it is known what an account took, of days since the first."""
    days = min(since_first, FORGOTTEN_DAYS)
    return "day" if days <= 1 else f"{days} days"


def _ago(span: int) -> str:
    hours = span // HOUR_US
    if hours < 1:
        return "less than an hour"
    if hours < 2 * DAY_US // HOUR_US:
        return "one hour" if hours == 1 else f"{hours} hours"
    return f"{span // DAY_US} days"

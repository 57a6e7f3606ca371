"""What is known of accounts that are not of the house: who they are, and what was opened to them.

Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element" (AWSAccount); AWS IAM User
Guide, "IAM identifiers" (the parts of an ARN).
"""

import msgspec

from detectors.first_seen import FORGOTTEN_DAYS
from detectors.usual import HABIT_DAYS
from tocsin.model.events import DAY_US

OPEN_US = 30 * DAY_US
"""So long after it was opened, taking a role has to do with that."""

MOST = 200
"""So many openings of one role are kept."""

ROLES = 5_000
"""So many roles of one account are kept: a supplier that looks after every account takes some in
each. Whatever falls out is not new when it is taken again."""

ACCOUNT, ARN_COLONS = "account:", 5
"""How an identity of another account is called; so many colons are in an ARN."""


class Opening(msgspec.Struct):
    """A role was opened to an account.

    Attributes:
        at: When, µs.
        id: The event.
        by: Who did it, at the beginning of the chain.
        ties: What ties the opening to other findings.
        made: The role was made with it, or shortly before.
        word: It needs a word agreed beforehand.
        tool: A deployment tool did it, or AWS itself.
        taken: Accounts of which it was found that they used it.
    """

    at: int
    id: str
    by: str
    ties: tuple[str, ...]
    made: bool = False
    word: bool = False
    tool: bool = False
    taken: list[str] = []

    def is_taken(self, account: str) -> bool:
        """Write down that an account used it; return whether that was found before.

        Of an opening to everybody so many are kept; of one beyond them it is found again.
        """
        if account in self.taken:
            return True
        self.taken.append(account)
        del self.taken[:-MOST]
        return False


class Guest(msgspec.Struct):
    """An account not of the house: its last days here, and role → the last day it took it.

    Attributes:
        days: The last ones on which it took roles.
        roles: The ones it took last.
        fell: The last day on which one fell out of them, as they were too many; -1 before it.
    """

    days: list[int] = []
    roles: dict[str, int] = {}
    fell: int = -1

    def days_before(self, day: int) -> int:
        """Return on how many earlier days it took roles, of those remembered and needed."""
        return sum(day - FORGOTTEN_DAYS <= one < day for one in self.days)

    def takes(self, role: str, day: int) -> bool:
        """Write down that it takes a role on a day; return whether it did so before."""
        last = self.roles.pop(role, day - FORGOTTEN_DAYS - 1)
        self.roles[role] = day
        while len(self.roles) > ROLES:
            del self.roles[next(iter(self.roles))]
            self.fell = day
        if not self.days or self.days[-1] < day:
            self.days.append(day)
            del self.days[: -2 * HABIT_DAYS]
        return day - last <= FORGOTTEN_DAYS

    def may_have_taken(self, day: int) -> bool:
        """Return whether a role that is not known of it may be one that fell out."""
        return self.fell >= 0 and day - self.fell <= FORGOTTEN_DAYS


class Outside(msgspec.Struct):
    """What is known of accounts and openings.

    Attributes:
        first: The first instant of all, µs; -1 before it.
        house: Account whose own log was seen → first instant (µs), last day.
        guests: Other account → what it took.
        openings: Role, with its account → account, organisation or everybody → opening.
    """

    first: int = -1
    house: dict[str, tuple[int, int]] = {}
    guests: dict[str, Guest] = {}
    openings: dict[str, dict[str, Opening]] = {}


def account_of(actor: str) -> str:
    """Return the account in an ARN or in what another account's identity is called."""
    if actor.startswith("arn:"):
        return actor.split(":", 5)[4] if actor.count(":") >= ARN_COLONS else ""
    return actor.removeprefix(ACCOUNT) if actor.startswith(ACCOUNT) else ""


def forget(state: Outside, at: int) -> None:
    """Drop what counts no more at an instant (µs)."""
    old = at // DAY_US - FORGOTTEN_DAYS
    for account in [name for name, (_, last) in state.house.items() if last < old]:
        del state.house[account]
    for account, guest in list(state.guests.items()):
        guest.roles = {role: day for role, day in guest.roles.items() if day >= old}
        if not guest.roles:
            del state.guests[account]
    for role, known in list(state.openings.items()):
        kept = {name: opening for name, opening in known.items() if opening.at >= at - OPEN_US}
        state.openings[role] = kept
        if not kept:
            del state.openings[role]

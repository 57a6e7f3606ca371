"""Rights that were given: by whom, to whom, and who is in which group.

Source: AWS IAM User Guide, "Policies and permissions in IAM"; IAM API Reference for the names of
actions.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from detectors.deeds import Deed
from detectors.view import Rows, View
from tocsin.model.columns import Bools, Int64s
from tocsin.model.events import DAY_US

WITHIN_US = DAY_US
"""So long after it was given, or refused, the use of a right says something."""

WEIGHTY = (Deed.TAKE, Deed.GRANT, Deed.DESTROY, Deed.CHANGE)

OWN_SIGN_IN = ("ChangePassword", "CreateVirtualMFADevice", "EnableMFADevice", "ResyncMFADevice")
"""What everybody does who signs in for the first time: no use of a right that was given."""

MEMBER_US, MOST_GROUPS = 90 * DAY_US, 20
"""So long a membership that was seen counts, and so many of one user."""

DEPLOYS = ("terraform", "cloudformation")
"""Who gives by these says less: a pipeline keeps its own rights with everything else."""

SIGN_IN_ONLY = {
    "CreateAccessKey": "an access key",
    "CreateLoginProfile": "a password",
    "UpdateLoginProfile": "a password",
}
"""A further way in for oneself is no further right; what it is called."""

SEVERAL_WAYS = "a key and a password"

JOINS, LEAVES = "AddUserToGroup", "RemoveUserFromGroup"

GROUP = "group:"
"""How a group's name is told from a user's of the same name."""


class Uses(msgspec.Struct):
    """What a right was used for: when first (µs), all events in order, and how many times."""

    since: int
    ids: list[str]
    times: int = 0


class Grant(msgspec.Struct):
    """A right that a chain gave.

    Attributes:
        chain: Who gave it, at the beginning of the chain.
        name: To whom: a name, a group's with its mark.
        at: When, µs.
        ids: The events; what is given again before it is used is one grant.
        own: Names of the giver itself, along its chain.
        weak: It was given by a deployment tool, or is no more than a way in.
        way: What way in it is, if it is no more.
        networks: From where it was given and first used; later uses from elsewhere are daily work.
        uses: Level of the finding → the uses it rests on.
    """

    chain: str
    name: str
    at: int
    ids: list[str]
    own: list[str] = []
    weak: bool = False
    way: str = ""
    networks: list[str] = []
    uses: dict[int, Uses] = {}


Members = dict[str, dict[str, int]]
"""User → group → when it joined, µs; minus that when it left."""


def name_of(resource: str) -> str:
    """Return the bare name of a user, role or group."""
    return resource.rpartition("/")[2]


def names_of(actor: str) -> tuple[str, ...]:
    """Return the names an actor's right may have been granted under: its own, its role's."""
    _, _, path = actor.partition(":user/") if ":user/" in actor else actor.partition(":role/")
    return tuple(path.split("/")[-2:]) if path else ()


def given_to(view: View, row: int) -> str:
    """Return the name a right was given to; a group's with its mark, "" where none is named."""
    name, action = name_of(view.events.text("resource", row)), view.events.text("action", row)
    return f"{GROUP}{name}" if name and "Group" in action and action != JOINS else name


def grant_of(view: View, row: int) -> Grant | None:
    """Return the right that a row gives, None where it does not say to whom."""
    e, name = view.events, given_to(view, row)
    if not name:
        return None
    chain = view.origin(row)
    own = [*names_of(e.text("actor", row)), *names_of(chain)]
    way, networks = SIGN_IN_ONLY.get(e.text("action", row), ""), [view.network_of(row)]
    weak = view.hand_of(row) in DEPLOYS or way != ""
    return Grant(chain, name, int(e.at[row]), [e.event_id(row)], own, weak, way, networks)


def together(known: Grant, grant: Grant) -> None:
    """Make what is given again, before it was used, one grant: it is as strong as its strongest."""
    grant.ids = [*known.ids, *grant.ids]
    grant.weak = known.weak and grant.weak
    if known.way != grant.way:
        grant.way = SEVERAL_WAYS if known.way and grant.way else ""


def said_of(grant: Grant, *, itself: bool, made: bool) -> str:
    """Return by what somebody did something, as the sentence about that goes on.

    Args:
        grant: What was given.
        itself: The giver uses it itself.
        made: The giver brought the identity into being, or a way into it.
    """
    if grant.way:
        whom = "itself" if itself else "it"
        return f"; {grant.chain} had made {whom} {grant.way} less than a day before"
    given = f"{grant.chain} had given {'itself' if itself else 'to an identity of its own'}"
    if grant.name.startswith(GROUP):
        given = f"{grant.chain} had given the group {grant.name.removeprefix(GROUP)}"
    elif made and not itself:
        given = f"{grant.chain}, who made this identity, had given it"
    return f" with a right that {given}"


def rows_after(granted: Iterable[Grant], view: View, done: Bools, given: Rows) -> Iterator[int]:
    """Yield the rows in which a chain may use a right that it gave shortly before.

    Args:
        granted: Rights that were given before this step.
        view: The step's events.
        done: (n,) bool: the rows in which somebody did something.
        given: Rows that give a right.
    """
    e, names, instants = view.events, set[str](), dict[str, list[int]]()
    new = [grant for row in given.tolist() if (grant := grant_of(view, row)) is not None]
    for grant in (*granted, *new):
        names.update(grant.own if grant.name.startswith(GROUP) else (grant.name,))
        instants.setdefault(grant.chain, []).append(grant.at)
    if not names:
        return
    actors = [actor for actor in e.word["actor"] if not names.isdisjoint(names_of(actor))]
    used = done & e.rows_with("actor", actors) & view.with_deed(*WEIGHTY)
    used &= ~e.rows_with("action", OWN_SIGN_IN)
    for chain, rows in view.by_origin(np.flatnonzero(used)).items():
        yield from rows[_shortly_after(e.at[rows], instants.get(chain, []))].tolist()


def _shortly_after(at: Int64s, instants: Sequence[int]) -> Bools:
    """Return (n,) bool: whether one of some instants, in any order, lies shortly before each."""
    if not instants:
        return np.zeros(len(at), np.bool_)
    earlier = np.sort(np.array(instants, np.int64))
    last = earlier[np.maximum(np.searchsorted(earlier, at) - 1, 0)]
    return (last < at) & (at <= last + WITHIN_US)


def move(members: Members, view: View, row: int) -> None:
    """Write down who joins or leaves which group, if a row says so."""
    e, action = view.events, view.events.text("action", row)
    user, group = name_of(e.text("resource", row)), e.text("object", row)
    if action in (JOINS, LEAVES) and user and group:
        groups, at = members.setdefault(user, {}), int(e.at[row])
        groups.pop(group, None)
        groups[group] = at if action == JOINS else -at
        for name in list(groups)[:-MOST_GROUPS]:
            del groups[name]


def membership(members: Members, user: str, group: str, at: int) -> bool | None:
    """Return whether a user is in a group (with its mark); None if nothing was seen of it."""
    moved = members.get(user, {}).get(group.removeprefix(GROUP), 0)
    return None if moved == 0 or at > abs(moved) + MEMBER_US else moved > 0


def forget(members: Members, at: int) -> None:
    """Drop memberships that count no more at an instant (µs)."""
    for user, groups in list(members.items()):
        for group in [g for g, moved in groups.items() if abs(moved) < at - MEMBER_US]:
            del groups[group]
        if not groups:
            del members[user]

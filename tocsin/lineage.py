"""Identity lineage: who became whom.

A session, a key and a user are each brought into being by somebody. Following that back leads
from whatever acts now to whoever began: one chain, across identities and accounts. What AWS's own
services issue (an instance's credentials) begins a chain of its own. What was issued stays part of
its issuer's chain for seven days.

A user may have a path that the record of its new password does not say, so users of IAM are told
apart by partition, account and last name. A role with a path cannot be: what follows its name is
the person in it.

Source: AWS IAM User Guide, "IAM identifiers" (names are unique in an account, whatever the path);
AWS STS API Reference (AssumeRole and its variants, GetFederationToken, GetSessionToken);
AWS IAM API Reference (CreateAccessKey, CreateUser, CreateLoginProfile).
"""

import msgspec
import numpy as np

from tocsin.model.columns import Columns
from tocsin.model.events import DAY_US, ActorKind

USER = ":user/"
"""What stands before the path and the name in an IAM user's ARN."""

KEY = "key:"
"""How ``Event.issued`` marks a credential; anything else there is an identity."""

EVERYBODY, OF, WORD = "*", "@", ":word"
"""How ``Event.object`` says of a new trust policy that anybody may take the role, of which
organisation, or, behind an account, that it needs a word agreed beforehand; see
``collectors.trusts``."""

REMEMBERED_US = 7 * DAY_US
"""How long what was issued counts as its issuer's: a user made last year is itself by now."""

MOST = 32
"""So many acts are kept of one thing."""

MAKES = ("CreateUser", "CreateRole")
"""Actions that make an identity."""

DEEPEST = 16
"""How many steps a chain is followed back, whatever loops an attacker builds."""


def named(identity: str) -> str:
    """Return an IAM user's ARN without the path, any other identity as it is."""
    start, mark, name = identity.partition(USER)
    return f"{start}{mark}{name.rpartition('/')[2]}" if start.startswith("arn:") else identity


class Issue(msgspec.Struct, frozen=True):
    """One act of bringing a credential or an identity into being.

    Attributes:
        actor: Who did it.
        credential: What that actor signed with.
        at: When, µs since 1970 UTC.
        outside: It was seen from the receiving account only, where the actor is a mere number.
        ip: The address it was done from.
        new: The identity itself was made, and not only a way into it.
    """

    actor: str
    credential: str
    at: int
    outside: bool
    ip: str
    new: bool = False


class Lineage(msgspec.Struct):
    """What is known of who became whom.

    Attributes:
        issued: What was brought into being (``key:…`` or an ARN as ``named`` has it) → the acts,
            in order. A key has one, a user's password may be set by several.
    """

    issued: dict[str, list[Issue]] = {}

    def learn(self, events: Columns) -> None:
        """Take in the acts among these events."""
        rows = np.flatnonzero(
            ~events.rows_with("issued", ("",))
            & events.rows_with("outcome", ("success",))
            & ~events.rows_with("actor_kind", (ActorKind.SERVICE,))
        )
        for row in rows.tolist():
            what, at = events.text("issued", row), int(events.at[row])
            outside = events.text("actor_kind", row) == ActorKind.ACCOUNT
            known = self.issued.setdefault(named(what), [])
            known.append(
                Issue(
                    events.text("actor", row),
                    events.text("credential", row),
                    at,
                    outside,
                    events.text("ip", row),
                    events.text("action", row) in MAKES,
                )
            )
            known.sort(key=lambda issue: (issue.at, not issue.outside, issue.actor))
            del known[:-MOST]

    def forget(self, before: int) -> None:
        """Drop what was issued before an instant (µs) and counts no more."""
        old = [what for what, acts in self.issued.items() if acts[-1].at < before - REMEMBERED_US]
        for what in old:
            del self.issued[what]

    def is_issued(self, actor: str, credential: str) -> bool:
        """Return whether anything is known of how this credential or identity came about."""
        return f"{KEY}{credential}" in self.issued or self.was_made(actor)

    def was_made(self, identity: str) -> bool:
        """Return whether it is known who made this identity, or a way into it."""
        return named(identity) in self.issued

    def issue_of(self, actor: str, credential: str, at: int) -> Issue | None:
        """Return the act that made this credential, or else this identity; None if unknown."""
        for what in (f"{KEY}{credential}" if credential else "", named(actor)):
            before = [act for act in self.issued.get(what, ()) if act.at <= at]
            if not before:
                continue
            # The issuing account's own record names the actor, the receiving one's a number.
            inside = [act for act in before if not act.outside or act.at < before[-1].at]
            issue = (inside or before)[-1]
            if at <= issue.at + REMEMBERED_US:
                return issue
        return None

    def maker(self, actor: str, at: int, within: int) -> Issue | None:
        """Return the act that made this identity itself so shortly (µs) before, None if none."""
        acts = self.issued.get(named(actor), ())
        return next((act for act in acts if act.new and act.at <= at <= act.at + within), None)

    def origin(self, actor: str, credential: str, at: int) -> str:
        """Return the actor at the beginning of the chain that acts here, itself if unknown."""
        seen = {(actor, credential)}
        for _ in range(DEEPEST):
            issue = self.issue_of(actor, credential, at)
            if issue is None or (issue.actor, issue.credential) in seen:
                break
            actor, credential, at = issue.actor, issue.credential, issue.at
            seen.add((actor, credential))
        return actor

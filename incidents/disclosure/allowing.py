"""Words that a person allows the customers of an incident to read, though they are somebody's.

A supplier may be a customer too, and a customer's name a word of the language: no program tells.
A person does, with reasons. It is a fact of the ledger, and holds for that incident from then on:
for its notices, and for the bundles of its customers.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from incidents.disclosure.folding import fold
from incidents.disclosure.names import Names
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.model.principals import Principal

KIND = "word.allowed"
"""Of the ledger's entry. It holds the word, as the person typed it, and why."""


class Allowance(NamedTuple):
    """A word that the customers of an incident may read.

    Attributes:
        word: It.
        why: On what ground.
        who: The principal.
        at: When it was written down, RFC 3339.
    """

    word: str
    why: str
    who: str
    at: str


def allowances(db: Connection, incident: int) -> list[Allowance]:
    """Return what was allowed for an incident, each word once, in the order it was."""
    found = dict[str, Allowance]()
    for entry in ledger.entries(db, about=incident):
        if entry.kind == KIND and entry.body is not None:
            fact = json.loads(entry.body)
            one = Allowance(fact["word"], fact["why"], entry.principal, entry.at)
            found.setdefault(fold(one.word).strip(), one)
    return list(found.values())


def allow(
    db: Connection,
    incident: int,
    words: Sequence[str],
    *,
    why: str,
    names: Names,
    principal: Principal,
    now: datetime,
) -> None:
    """Write into the ledger that words may be read. What was allowed before is not written again.

    Args:
        db: A transaction.
        incident: Its number.
        words: As a refusal shows them.
        why: On what ground.
        names: Everybody's, to tell a slip of the hand.
        principal: Who allows it.
        now: When.

    Raises:
        Refusal: A word is nobody's, to allow it would change nothing, or no reason is given.
    """
    if not words:
        if why:
            raise Refusal("a reason, and no word it is for", hint="It goes with --allow WORD.")
        return
    if not why.strip():
        raise Refusal("why may this be read?", hint="Add --why with your reasons.")
    known = {fold(one.word).strip() for one in allowances(db, incident)}
    for word in words:
        if not names.holds(word):
            raise Refusal(
                f'"{word}" holds no word of a customer or a colleague: there is nothing to allow',
                hint="Type it as the refusal shows it.",
            )
        if names.allowing(word).left(word):
            raise Refusal(
                f'"{word}" would be refused all the same: it is less than the word it is part of',
                hint="Type it as the refusal shows it.",
            )
        if fold(word).strip() not in known:
            known.add(fold(word).strip())
            fact = {"incident": incident, "word": word.strip(), "why": why.strip()}
            ledger.append(db, KIND, fact, principal=principal, at=now)

"""Words that the customers of an incident may read, though they are somebody's: a person says so.

What is allowed is written down by itself, before what it is for: it stays though that is refused
for another word.
"""

from collections.abc import Sequence
from datetime import datetime

from incidents import assessment, disclosure
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.naming import names
from tocsin.model.principals import Principal


def allow(
    desk: Desk, number: int, words: Sequence[str], why: str, *, principal: Principal, now: datetime
) -> None:
    """Write down that words may be read in what is said of an incident, if any are given.

    Raises:
        Refusal: There is no such incident, a word is nobody's, or there is no reason; nothing was
            changed.
    """
    if not words and not why:
        return
    with desk.store.begin() as db:
        assessment.show(db, number)
        known = names(desk, db, number)
        disclosure.allow(db, number, words, why=why, names=known, principal=principal, now=now)


def allowed(desk: Desk, number: int) -> list[str]:
    """Return what a person allowed the customers of an incident to read, a line each."""
    with desk.store.read() as db:
        found = disclosure.allowances(db, number)
    return [f'Allowed by {one.who}, "{one.word}": {one.why}' for one in found]

"""Clocks of customers that no register knew: they run by the law's own hours until one does.

They began with the run that first showed the customer, or with awareness; its import moves none.
"""

from datetime import datetime

from sqlalchemy import Connection

from incidents.obligations.keep import follow, open_obligations
from incidents.obligations.owed import Duties
from tocsin.model.principals import SERVICE, Principal


def follow_registered(
    db: Connection, duties: Duties, *, principal: Principal = SERVICE, now: datetime
) -> list[int]:
    """Give such clocks the terms of the contract, where a register knows the customer since.

    Called in the transaction that imports a register, and by each tick.

    Returns:
        Numbers of the incidents whose obligations were changed.
    """
    since = {
        one.incident
        for one in open_obligations(db)
        if one.is_unregistered and one.customer in duties.terms
    }
    for number in sorted(since):
        follow(db, number, duties, principal=principal, now=now)
    return sorted(since)

"""What tests of the ledger share: a moment, a principal, entries written and read."""

from datetime import UTC, datetime
from typing import Any

from tocsin import ledger
from tocsin.model.principals import Principal
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ALICE = Principal("shell", "alice")


def write(store: Store, *facts: dict[str, Any]) -> ledger.Checkpoint:
    with store.begin() as db:
        for fact in facts:
            last = ledger.append(db, "incident.opened", fact, principal=ALICE, at=NOW)
    return last


def rows(store: Store, **choice: Any) -> list[ledger.Entry]:
    with store.read() as db:
        return list(ledger.entries(db, **choice))

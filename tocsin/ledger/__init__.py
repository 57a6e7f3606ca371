"""The evidence ledger: an append-only record in which each entry holds the hash of the one before.

``entries`` writes, reads and erases; ``verify`` looks for faults; ``keys`` and ``checkpoints``
sign the state of the whole; ``merkle`` proves single entries and records; ``kinds`` lists what an
entry can say.
"""

from tocsin.ledger.entries import EMPTY, Checkpoint, Entry, append, entries, erase, newest

__all__ = ["EMPTY", "Checkpoint", "Entry", "append", "entries", "erase", "newest"]

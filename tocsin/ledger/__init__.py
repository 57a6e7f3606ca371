"""The evidence ledger: an append-only record in which each entry holds the hash of the one before.

entries      written once, read in order, payloads erasable
kinds        what an entry can say
verify       every way in which it can have been touched, named by entry
keys         the file that signs
history      which keys there were, and what vouches for each
checkpoints  the state of the whole, signed
rotation     opening the key, replacing it
standing     all of it looked over: chain, keys, checkpoints
merkle       one hash for a list; proofs that something is in it
"""

from tocsin.ledger.entries import EMPTY, Checkpoint, Entry, append, entries, erase, find, newest
from tocsin.ledger.verify import Fault, verify

__all__ = [
    "EMPTY",
    "Checkpoint",
    "Entry",
    "Fault",
    "append",
    "entries",
    "erase",
    "find",
    "newest",
    "verify",
]

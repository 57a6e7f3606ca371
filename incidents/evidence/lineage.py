"""The keys of a bundle: whether the one it is signed with comes down from the one a reader knows.

Every bundle shows the ledger's entries of keys, a customer's too: they name nobody. From a
key that a reader has from elsewhere, signatures alone lead to a later one, whoever wrote the
bundle. They end at a key that was lost: for the next there is only the ledger's entry, and that is
said.
"""

from collections.abc import Iterator

from incidents.evidence.contents import KEY, LEDGER, Contents, Unreadable
from tocsin.errors import LedgerError
from tocsin.ledger.entries import SALT_BYTES
from tocsin.ledger.history import KEY_KINDS, Known, history, unvouched
from tocsin.ledger.keys import PublicKey


def keys_of(contents: Contents) -> list[Known] | None:
    """Return the keys a bundle names, oldest first; None where a customer's withholds one.

    Raises:
        Unreadable: Their history is broken.
    """
    entries = [one for one in contents.entries() if one.kind in KEY_KINDS]
    named = [(one, f"payloads/{one.number}.bin") for one in entries]
    if contents.manifest().customer and any(name not in contents.names for _, name in named):
        return None
    try:
        return history(
            one._replace(body=contents.read(name)[SALT_BYTES:].decode()) for one, name in named
        )
    except (LedgerError, UnicodeDecodeError) as error:
        raise Unreadable(f"{LEDGER}: {error}") from error


def faults(contents: Contents, key: PublicKey | None) -> Iterator[str]:
    """Yield what speaks against the bundle's key being the last one of the ledger."""
    known = keys_of(contents)
    if known is None or key is None:
        return
    if not known or known[-1].key.key_id != key.key_id:
        yield f"{KEY}: is not the key the ledger ends with"


def descends(contents: Contents, key: PublicKey, given: PublicKey) -> Iterator[str]:
    """Yield what speaks against the bundle's key being the one given, or signed in from it on."""
    if key.key_id == given.key_id:
        return
    try:
        known = keys_of(contents) or []
    except Unreadable:  # a fault of its own step
        known = []
    ids = [one.key.key_id for one in known]
    if given.key_id not in ids or ids[-1] != key.key_id:
        yield f"{KEY}: is another key than the one given: {key.fingerprint}"
        return
    for one in known[ids.index(given.key_id) + 1 :]:
        if not one.is_signed_in:
            yield (
                f"{KEY}: is another key than the one given: {key.fingerprint}. The one given did "
                f"not sign it in, nor did one after it: a key was lost, says entry {one.entry} of "
                "the ledger, and that entry alone vouches for the next. Ask us for the new "
                "fingerprint in a way you know, and give that key"
            )
            return


def remarks(contents: Contents) -> Iterator[str]:
    """Yield what a reader has to know of the keys, whatever the steps say."""
    try:
        known = keys_of(contents)
    except Unreadable:  # a fault of its own step
        return
    if known is None:
        yield "The history of our keys was left out of this bundle: compare the fingerprint."
    for said in unvouched(known or ()):
        yield f"{said[0].upper()}{said[1:]}. Compare its fingerprint with one you asked us for."

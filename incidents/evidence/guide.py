"""VERIFY.md: how to verify a bundle with nothing of ours, only ``sha256sum`` and ``openssl``.

The steps run as they stand, in bash, in the bundle's folder; a test does it.
"""

from importlib.resources import files

_CHAIN, _PROOFS = "chain.md", "proofs.md"


def guide(incident: int, *, customer: bool) -> bytes:
    """Return the text for an incident's bundle, for the whole of it or for one customer."""
    folder = files(__package__) / "guide_texts"
    ledger = (folder / (_PROOFS if customer else _CHAIN)).read_text()
    text = (folder / "VERIFY.md").read_text()
    return text.replace("{incident}", str(incident)).replace("{ledger}\n", ledger).encode()

"""VERIFY.md: how to verify a bundle with nothing of ours, only ``sha256sum`` and ``openssl``.

The steps run as they stand, in bash, in the bundle's folder; a test does it.
"""

from importlib.resources import files

_WHOLE = {
    "ledger": "chain.md",
    "keys": "keys.md",
    "earlier_step": "",
    "earlier": "earlier_whole.md",
}
_CUSTOMER = {
    "ledger": "proofs.md",
    "keys": "keys.md",
    "earlier_step": "earlier_step.md",
    "earlier": "earlier_customer.md",
}
"""What stands for each name in the text; "" for nothing."""


def guide(incident: int, *, customer: bool) -> bytes:
    """Return the text for an incident's bundle, for the whole of it or for one customer."""
    folder = files(__package__) / "guide_texts"
    text = (folder / "VERIFY.md").read_text().replace("{incident}", str(incident))
    for name, part in (_CUSTOMER if customer else _WHOLE).items():
        text = text.replace(f"{{{name}}}\n", (folder / part).read_text() if part else "")
    return text.encode()

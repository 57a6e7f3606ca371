"""Text as files and databases can hold it, and what is no text at all."""

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises of bytes that are no JSON, or not the JSON they should be."""


def storable(text: str) -> str:
    r"""Return the text with each lone surrogate as the escape JSON has for it: ``\ud800``.

    No UTF-8 can hold a lone surrogate. Names of files that are no UTF-8 have them in Python, and
    some decoders make them of such an escape.
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

"""Where a short id can stand: ``2`` is a customer in ``customer=2`` and none in ``12 of 2``.

An id of digits alone, or of few letters, is looked for in the values of fields that hold customers
or people, in the parts of a path, and beside a word that says what it is. Elsewhere it is a number
or a word like any other.
"""

import re
from collections.abc import Collection, Iterator

CUSTOMER_FIELD = re.compile(
    r"(?:customer|client|tenant|controller)s?(?:id|ids|no|number|ref|code)?|customer\w*id"
)
PERSON_FIELD = re.compile(
    r"actor|principal|user|users|username|userid|login|operator|employee|agent|staff|colleague"
    r"|(?:created|changed|done|made)by|principalid|session|(?:role)?sessionname|credential|e?mail"
)
_PATH_FIELD = re.compile(
    r"objects?|objectname|resources?|resourcename|path|key|prefix|ur[il]|arn|bucket|bucketname"
    r"|file|filename|address"
)
_PATH = re.compile(r"(?:[a-z][a-z0-9+.-]*://|arn:|/)\S+")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[/-]\d{1,2}(?:[/-]\d{1,2}){0,2}(?![\d])")
"""Days as they stand in paths: ``2026/03/09``."""

_PART = re.compile(r"[^/:?&=;,\s|#@]+")
_LABELLED = re.compile(
    r"\b(?:customer|client|tenant|shell|sudo|root|oidc|user|actor|login|principal)"
    r"(?:[ _-]?(?:id|no|nr|number|name|numero))?"
    r"(?:[\"']{0,2} ?[:=#/] ?[\"']?|(?<=customer)[ ]|(?<=client)[ ])"
    r"([^\s\"',;/)\]}<&]{1,80})"
)
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
_LEAST, _LEAST_OF_LETTERS = 3, 4


def stands_anywhere(word: str) -> bool:
    """Return whether an id tells itself from any number or word, wherever it stands."""
    if not _LETTER.search(word):
        return False
    return len(word) >= (_LEAST if _DIGIT.search(word) else _LEAST_OF_LETTERS)


def is_plain(word: str) -> bool:
    """Return whether an id is a word like any other: ``claire``, ``access``."""
    return word.isalpha()


def candidates(
    field: str, text: str, fields: Collection[str] = ()
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of what may be an id of a customer or colleague in a value.

    Args:
        field: The field it is of; "" for none.
        text: The value, folded.
        fields: Further fields that hold such ids, folded.
    """
    name = re.sub(r"[^a-z]", "", field)
    named = field in fields or PERSON_FIELD.fullmatch(name) is not None
    if (named or CUSTOMER_FIELD.fullmatch(name)) and (whole := text.strip()):
        start = text.index(whole)
        yield start, start + len(whole), whole
    if named or _PATH_FIELD.fullmatch(name) or _PATH.match(text):
        undated = _DATE.sub(lambda day: " " * len(day[0]), text)
        yield from ((one.start(), one.end(), one[0]) for one in _PART.finditer(undated))
    for found in _LABELLED.finditer(text):
        said = found[1].rstrip(".:")
        yield found.start(1), found.start(1) + len(said), said

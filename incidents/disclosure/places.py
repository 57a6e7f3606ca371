"""Where a short id can stand: ``2`` is a customer in ``customer=2`` and none in ``12 of 2``.

An id of digits alone, or of few letters, is looked for in the values of fields that hold customers
or people, in the parts of a path, and beside a word that says what it is. Elsewhere it is a number
or a word like any other.
"""

import re
from collections.abc import Collection, Iterator

CUSTOMER_FIELD = re.compile(
    r"(?:customer|client|tenant|controller|company|companie|organi[sz]ation)s?"
    r"(?:id|ids|no|number|ref|code|names?)?|(?:customer|client|tenant|company|organi[sz]ation)"
    r"\w*(?:id|name)"
)
PERSON_FIELD = re.compile(
    r"actor|principal|user|users|username|userid|login|operator|employee|agent|staff|colleague"
    r"|(?:created|changed|done|made)by|principalid|session|(?:role)?sessionname|credential|e?mail"
)
_PATH_FIELD = re.compile(
    r"objects?|objectname|resources?|resourcename|path|key|prefix|ur[il]|arn|bucket|bucketname"
    r"|file|filename|address"
)
_PATH = re.compile(r"(?<![^\s\"'`(\[{<=:,;|\u00ab\u201c])(?:[a-z][a-z0-9+.-]*://|arn:|/)\S+")
"""A path, wherever it stands in a text; ``24/7`` is none."""

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[/-]\d{1,2}(?:[/-]\d{1,2}){0,2}(?![\d])")
"""Days as they stand in paths: ``2026/03/09``."""

_PART = re.compile(r"[^/:?&=;,\s|#@]+")
_LABELLED = re.compile(
    r"\b(?:customer|client|tenant|shell|sudo|root|oidc|user|utilisateur|actor|login|principal)"
    r"(?:[ _-]?(?:id|no|nr|number|name|numero))?"
    r"(?:[\"']{0,2} ?[:=#/] ?[\"']?|(?<=customer)[ ]|(?<=client)[ ])"
    r"([^\s\"',;/)\]}<&]{1,80})"
)
_USER = re.compile(r"\b(?:user|utilisateur) (?=\S*[^\W\d_])([^\s\"',;:/)\]}<&]{1,80})")
_BY = re.compile(
    r"\b(?:by|par) (?=\S*[^\W\d_])([^\s\"',;:/)\]}<&]{1,80})"
    r"(?=[.,;:!?)\]\"]|$| (?:at|on|from|in|using|with|a|le|depuis|avec|dans)\b)"
)
"""Whoever did it: ``deleted by lea``, and none of ``by access keys``."""

_LOCAL = re.compile(r"(?<![\w.+-])(?=\S*[^\W\d_])([\w.-]+)(?:\+[\w.+-]*)?$")
"""What stands before the ``@`` of an address, without a tag; digits alone are nobody."""

_AT = re.compile(r"@(?=\w)")
_LONGEST_LOCAL = 65
"""One more than an address may have there (RFC 5321, section 4.5.3.1.1)."""

_AROUND = "\"'`()[]{}<>.!\u00ab\u00bb\u201c\u201d"
_OWNERS = re.compile(r"'s$")
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
    undated = _DATE.sub(lambda day: " " * len(day[0]), text) if "/" in text or named else text
    if named or _PATH_FIELD.fullmatch(name):
        paths = [(0, len(text))]
    else:
        paths = [one.span() for one in _PATH.finditer(text)]
    for begins, ends in paths:
        for part in _PART.finditer(undated, begins, ends):
            yield part.start(), part.end(), part[0]
            yield from _bare(part.start(), part[0])
    for way in (_LABELLED, _USER, _BY):
        for found in way.finditer(text):
            said = found[1].rstrip(".:")
            yield found.start(1), found.start(1) + len(said), said
            yield from _bare(found.start(1), said)
    for at in _AT.finditer(text):
        begins = max(at.start() - _LONGEST_LOCAL, 0)
        if local := _LOCAL.search(text[begins : at.start()]):
            yield begins + local.start(1), begins + local.end(1), local[1]


def _bare(start: int, part: str) -> Iterator[tuple[int, int, str]]:
    """Yield a part of a path without the marks of the sentence around it, if there are any."""
    begins = start + len(part) - len(part.lstrip(_AROUND))
    said = _OWNERS.sub("", part.strip(_AROUND))
    if said != part and said:
        yield begins, begins + len(said), said

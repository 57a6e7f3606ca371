"""Numbers to call, however they are written: ``+33 1 99 00 10 01``, ``01.99.00.10.01``.

Source: ITU-T E.164; ITU-T E.123 (spaces, and the trunk prefix in brackets).
"""

import re
from collections.abc import Iterator
from functools import cache

import phonenumbers

_RUN = re.compile(r"(?<![^\W_])\+?\(?\d[\d ().\-/]{6,}\d(?![^\W_])")
_GROUP = re.compile(r"\d+")
_LEAST, _MOST = 8, 17


@cache
def forms(number: str) -> tuple[str, ...]:
    """Return the digits of a number in E.164 as people dial them: from abroad and at home."""
    digits = "".join(_GROUP.findall(number))
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return (digits,)
    home = "".join(
        _GROUP.findall(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))
    )
    country = str(parsed.country_code)
    found = (digits, f"00{digits}", home, f"{country}{home}")
    return tuple(dict.fromkeys(one for one in found if len(one) >= _LEAST))


def numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and digits of everything in a text that may be a number to call."""
    for run in _RUN.finditer(text):
        groups = list(_GROUP.finditer(text, run.start(), run.end()))
        for first, begins in enumerate(groups):
            digits = ""
            for group in groups[first : first + _MOST]:
                digits += group[0]
                if len(digits) > _MOST:
                    break
                if len(digits) >= _LEAST:
                    yield begins.start(), group.end(), digits

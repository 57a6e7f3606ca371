"""The EDPB's notification template as data: its fields, labels, codes and conditions.

The file is dated and kept whole; a later version is a further file.

Source: European Data Protection Board, "Template for personal data breach notification", version
1.0, 8 June 2026; structured by Nicola Franchetto and Martim Taborda Barata, CC BY 4.0 (the credit
stands in the file and in each document that prints labels).
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from incidents.documents.fact import Language

VERSION = "edpb-2026-06-08"

WORDS = {
    44: ("day", "range", "ongoing", "undeterminable", "tbd"),
    50: ("self_controller", "processor", "data_subject", "external", "press", "other"),
    55: ("confidentiality", "integrity", "availability"),
    56: ("exfiltrated", "likely", "not_exfiltrated_evidence", "not_assessable", "tbd"),
    57: ("protected_intact", "protection_subvertible", "not_protected", "not_assessable", "tbd"),
    58: ("altered_no_misuse", "misused_recoverable", "misused_unrecoverable"),
    59: ("temporary", "permanent", "undetermined"),
    67: ("exact", "approx", "undeterminable", "tbd"),
    72: ("exact", "approx", "undeterminable", "tbd"),
}
"""The union schema's words for the codes of a field, in the order a, b, c …"""

BEFORE = 75
"""Measures that were in place before; field 94, of those taken afterwards, has other letters."""


CYBER, NOT_CYBER = "bcdefgmn", "hijkloqrsvw"
"""Letters of field 60 that are a cyber incident to the ICO, and that are none; others may be."""


@cache
def template() -> dict[str, Any]:
    """Return the template."""
    text = files(__package__).joinpath("forms", f"{VERSION}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def fields() -> list[dict[str, Any]]:
    """Return its fields in their order."""
    return list(template()["fields"])


@cache
def codes(field: int) -> dict[str, dict[str, str]]:
    """Return the codes of a field with what each says, by language."""
    (found,) = (each for each in fields() if each["id"] == field)
    return {value["value"]: value for value in found["values"]}


def word(field: int, code: str, language: Language) -> str:
    """Return what a code of a field says.

    Raises:
        KeyError: The field has no such code.
    """
    return codes(field)[code][language]


def cyber(incident_type: str) -> str:
    """Return whether a kind of incident is a cyber one, as the ICO asks: yes, no or unknown."""
    return "yes" if incident_type in CYBER else "no" if incident_type in NOT_CYBER else "unknown"


def code(field: int, said: str) -> str:
    """Return the code of a field for a word of the union schema."""
    return "abcdefghijk"[WORDS[field].index(said)]


def holds(condition: Mapping[str, Any] | None, answers: Mapping[int, Any]) -> bool | None:
    """Return whether a field is asked for; None when that depends on what only others know.

    Args:
        condition: ``visible_when`` of the field.
        answers: What is known, by number of field.
    """
    if condition is None:
        return True
    if "all" in condition:
        found = [holds(part, answers) for part in condition["all"]]
        return False if False in found else None if None in found else True
    if "any" in condition:
        found = [holds(part, answers) for part in condition["any"]]
        return True if True in found else None if None in found else False
    if "not" in condition:
        inner = holds(condition["not"], answers)
        return None if inner is None else not inner
    answer = answers.get(condition.get("field", -1))
    if answer is None:
        return None
    if "in" in condition:
        return answer in condition["in"]
    if "contains" in condition:
        return condition["contains"] in answer
    if "is" in condition:
        return bool(answer is condition["is"])
    return True

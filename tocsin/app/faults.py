"""What is wrong in a file that a person wrote: place, what was found, what was expected.

The same words for the configuration, the facts and statements, in place of the library's own. What
was written is shown only where it is no secret by its kind.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

SPANS = re.compile(r"^\^\[(\w)-(\w)\]\$$")
"""A pattern that is one letter of a row."""

SHAPES: Mapping[str, str] = {
    r"^[A-Z]{2}$": "two capital letters, like FR",
    r"^[a-z]{2}(-[a-z]+)+-\d$": "a region of AWS, like eu-west-3",
    r"^[a-z0-9][a-z0-9_.-]*$": "a name of small letters, digits, dots and dashes, like crm",
}
"""Pattern → what fits it."""

EXPECTED: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "date_from_datetime_parsing": "a date, like 2026-11-24",
    "datetime_from_date_parsing": "an instant with its zone, like 2026-11-24T10:15:00+01:00",
    "datetime_parsing": "an instant with its zone, like 2026-11-24T10:15:00+01:00",
    "datetime_type": "an instant with its zone, like 2026-11-24T10:15:00+01:00",
    "dict_type": "a table",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "model_attributes_type": "a table",
    "model_type": "a table",
    "string_type": 'text, in quotes: "…"',
    "time_delta_parsing": 'a span, like "PT15M"',
    "time_delta_type": 'a span, like "PT15M"',
    "timezone_aware": "an instant with its zone, like 2026-11-24T10:15:00+01:00",
    "tuple_type": "a list, in brackets: [ … ]",
}
"""Kind of fault → what was expected."""


def faults(
    model: type[BaseModel],
    error: ValidationError,
    under: tuple[str, ...] = (),
    *,
    show: bool,
    data: Any = None,
) -> list[str]:
    """Return every fault in a line: its place as a person counts, and what to write instead.

    Args:
        model: What was read.
        error: What was found wrong.
        under: Where in the file the model's own table stands.
        show: Whether what was written may be repeated; never of settings, which may hold a secret.
        data: What was read: a table in a list is named by its ``id`` too, as nobody counts them.
    """
    errors: list[Any] = error.errors(include_url=False)
    places = [one["loc"] for one in errors]
    found = (
        _fault(model, one, under, show=show, data=data)
        for one in errors
        # A list is "too short" too where each of its entries is wrong: those are named.
        if one["type"] != "too_short" or not any(_under(one["loc"], place) for place in places)
    )
    return list(dict.fromkeys(found))


def _under(place: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(other) > len(place) and other[: len(place)] == place


def _fault(
    model: type[BaseModel], error: Any, under: tuple[str, ...], *, show: bool, data: Any
) -> str:
    where = ".".join((*under, *_written(error["loc"], data)))
    kind, given = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{where}: no such key{_nearest(str(error['loc'][-1]), _known(model, error['loc']))}"
    if kind == "missing":
        return f"{where}: is missing"
    expected = _expected(kind, given)
    if expected is None:
        return f"{where}: {error['msg'].removeprefix('Value error, ')}"
    got = f"got {error['input']!r}, " if show and isinstance(error["input"], str | int) else ""
    meant = ""
    if kind == "literal_error" and isinstance(error["input"], str) and show:
        words = re.findall(r"'([^']*)'", str(given["expected"]))
        near = difflib.get_close_matches(error["input"], words, n=1, cutoff=0.5)
        meant = f"; did you mean {near[0]}?" if near else ""
    return f"{where}: {got}expected {expected}{meant}"


def _expected(kind: str, given: Mapping[str, Any]) -> str | None:
    """Return what a fault of this kind wants; None where its own text says it best."""
    match kind:
        case "literal_error" | "enum":
            return f"one of {str(given['expected']).replace(' or ', ', ').replace(chr(39), '')}"
        case "string_pattern_mismatch":
            row = SPANS.match(given["pattern"])
            return f"a letter from {row[1]} to {row[2]}" if row else SHAPES.get(given["pattern"])
        case "too_short" if given["actual_length"] == 0:
            return f"at least {given['min_length']}, and there is none"
        case "greater_than_equal":
            return f"{given['ge']} at least"
        case "less_than_equal":
            return f"{given['le']} at most"
        case _:
            return EXPECTED.get(kind)


def _nearest(word: str, known: set[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known))}"


def _written(loc: tuple[str | int, ...], data: Any) -> Iterator[str]:
    """Yield the parts of a place as they stand in the file, counted from 1."""
    for part in loc:
        if isinstance(data, Mapping):
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        else:
            data = None
        called = data.get("id") if isinstance(part, int) and isinstance(data, Mapping) else None
        named = isinstance(called, str) and bool(called) and called.isprintable()
        yield (str(part + 1) if isinstance(part, int) else part) + f" ({called})" * named


def _known(model: type[BaseModel], loc: tuple[str | int, ...]) -> set[str]:
    """Return the keys there are where the last of a place stands."""
    models = [model]
    for part in loc[:-1]:
        inner = [one.model_fields[part].annotation for one in models if part in one.model_fields]
        models = [found for one in inner for found in _models(one)] or models
    return {name for one in models for name in one.model_fields}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)

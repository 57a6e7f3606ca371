"""What a rule says of a record, by an evaluator written apart from ours that knows no groups."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.detectors.records import Record


def naive_values(record: Any, path: str) -> list[Any]:
    if path == "":
        return [] if record is None else [record]
    if isinstance(record, list):
        return [value for member in record for value in naive_values(member, path)]
    if isinstance(record, str) and record[:1] in ("{", "["):
        return naive_values(json.loads(record), path)
    found = []
    for key, value in record.items() if isinstance(record, dict) else ():
        if path == key:
            found += naive_values(value, "")
        elif path.startswith(f"{key}."):
            found += naive_values(value, path[len(key) + 1 :])
    return found


def naive_field(record: Record, event: Record, name: str) -> list[Any]:
    return naive_values(record, name) or naive_values(event, name.removeprefix("event."))


def naive_texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        members = [text for member in value if member is not None for text in naive_texts(member)]
        plain = not any(isinstance(member, (list, dict)) for member in value)
        words = (
            ["" if member is None else naive_texts(member)[0] for member in value] if plain else []
        )
        return [*members, ",".join(words)] if plain else members
    return [json.dumps(value, ensure_ascii=False, separators=(",", ":"))]


def naive_like(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive_like(text[at:], pattern[1:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and naive_like(text[1:], pattern[1:])


def naive_numbers(values: list[Any]) -> Iterator[float]:
    for value in values:
        if isinstance(value, list):
            yield from naive_numbers(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield value
        elif isinstance(value, str) and re.fullmatch("[0-9.]+", value):
            yield float(value)


def naive_item(record: Record, event: Record, name: str, modifier: str, wanted: Any) -> bool:
    values = naive_field(record, event, name)
    texts = [text for value in values for text in naive_texts(value)]
    if modifier == "contains|all":
        return all(naive_item(record, event, name, "contains", one) for one in wanted)
    if isinstance(wanted, list):
        return any(naive_item(record, event, name, modifier, one) for one in wanted)
    if modifier == "exists":
        return bool(values) is wanted
    if modifier == "fieldref":
        others = [t for v in naive_field(record, event, wanted) for t in naive_texts(v)]
        return bool({text.lower() for text in texts} & {text.lower() for text in others})
    if modifier == "re":
        return any(re.search(wanted, text) for text in texts)
    if modifier in ("gt", "lte"):
        return any((n > wanted) == (modifier == "gt") for n in naive_numbers(values))
    if wanted is None:
        return not values
    if isinstance(wanted, bool):
        return str(wanted).lower() in [text.lower() for text in texts]
    if isinstance(wanted, (int, float)):
        raw = [v for value in values for v in (value if isinstance(value, list) else [value])]
        numbers = [v for v in raw if isinstance(v, (int, float)) and not isinstance(v, bool)]
        return wanted in numbers or str(wanted) in texts
    before = "*" if modifier in ("contains", "endswith") else ""
    after = "*" if modifier in ("contains", "startswith") else ""
    pattern = before + wanted + after
    if modifier != "cased":
        texts, pattern = [text.lower() for text in texts], pattern.lower()
    return any(naive_like(text, pattern) for text in texts)


def naive(tree: Any, selections: Record, record: Record, event: Record) -> bool:
    if isinstance(tree, str):
        return all(naive_item(record, event, k, *item) for k, item in selections[tree].items())
    if tree[0] == "not":
        return not naive(tree[1], selections, record, event)
    join = all if tree[0] == "and" else any
    return join(naive(arg, selections, record, event) for arg in tree[1:])


def written(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"

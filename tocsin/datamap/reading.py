"""A TOML file into a data map: every fault is said at once, or all of it comes back.

Source: TOML v1.0.0.
"""

import difflib
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tocsin.datamap.entries import Action, DataMap, Store, Table
from tocsin.errors import ConfigError

HINT = "Nothing was taken. Correct these places and import the data map again."


def parse(content: bytes, name: str) -> DataMap:
    """Return what a file says.

    Args:
        content: The file's bytes.
        name: Its name, for texts.

    Raises:
        ConfigError: There are faults; the text has one line for each.
    """
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: byte {error.start}: expected UTF-8", hint=HINT) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: expected TOML: {error}", hint=HINT) from None
    try:
        found = DataMap.model_validate(tables)
    except ValidationError as error:
        faults = [_said(name, tables, one) for one in error.errors(include_url=False)]
        raise ConfigError("\n".join(faults), hint=HINT) from None
    if faults := list(_misfits(name, found)):
        raise ConfigError("\n".join(faults), hint=HINT)
    return found


def _misfits(name: str, found: DataMap) -> Iterator[str]:
    stores = found.stores()
    for kind, tables in (("store", found.store), ("action", found.action)):
        for twice, count in Counter(table.name for table in tables).items():
            if count > 1:
                yield f"{name}, {kind} {twice}: named {count} times; give each its own name"
    for action in found.action:
        where = f"{name}, action {action.name}"
        if action.effect == "none":
            continue
        store = stores.get(action.store)
        if store is None:
            yield f"{where}, store: no store {action.store}{_near(action.store, list(stores))}"
            continue
        for category in action.categories:
            if category not in store.categories:
                held = ", ".join(store.categories)
                yield f"{where}, categories: store {store.name} holds {held}, not {category}"


def _said(name: str, tables: dict[str, Any], error: Any) -> str:
    loc = error["loc"]
    kind: type[Table] = DataMap
    where = name
    if len(loc) > 1 and loc[0] in {"store", "action"} and isinstance(loc[1], int):
        kind = Store if loc[0] == "store" else Action
        own = tables[loc[0]][loc[1]]
        title = own.get("name", loc[1] + 1) if isinstance(own, dict) else loc[1] + 1
        where, loc = f"{name}, {loc[0]} {title}", loc[2:]
    key = ".".join(str(part) for part in loc)
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"{where}, {key}: no such key{_near(key, list(kind.model_fields))}"
    if error["type"] == "missing":
        return f"{where}: expected {key}; add it"
    if not key:
        return f"{where}, {message}"
    message = message[:1].lower() + message[1:].replace("should be", "expected")
    return f"{where}, {key}: {message.removeprefix('input ')}"


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"

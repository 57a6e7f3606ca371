"""Rule files → rules, and every fault in them by file and line.

One bad file, or one bad document in a file, never stops the others. What is not supported is
refused by name, not skipped: correlations, filters, aggregations in a condition, ``action``
documents, and placeholders that were given no value.
"""

import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigma.exceptions import SigmaConditionError, SigmaError, SigmaPlaceholderError
from sigma.rule import SigmaDetectionItem, SigmaRule

from detectors.sigma.document import Document, Keys, documents
from detectors.sigma.elements import elements_wanted, with_stand_ins
from detectors.sigma.expr import NEVER, Expr
from detectors.sigma.rule import ASIDE, KEPT, Rule, RuleTest, why_of
from detectors.sigma.translate import MALFORMED, Placeholders, translate
from tocsin.errors import RuleError
from tocsin.model.findings import Level

UNSET: Placeholders = {"own_accounts": ()}
"""Placeholders of our own rules that a configuration may fill and need not: the accounts we own."""

OWN_RULES = Path(__file__).parents[1] / "rules"
"""The rules we ship."""

UNNAMED = uuid.UUID("6c7a5d5e-3a0d-5b1c-9d3e-0f6f8f1b7a42")
"""Namespace of the ids of rules that have none."""

REFUSED = {
    "correlation": "correlations are not supported yet",
    "filter": "filters are not supported yet",
    "action": "documents with an action (global, reset, repeat) are not supported",
}
IN_FIELDS = frozenset({"modifier", "modified", "value", "type", "regularexpression"})
"""What pySigma's errors about a field of a detection are called, without Sigma and Error."""

TEST_KEYS = frozenset({"name", "finds", "record", "event", "why"})
MITRE_ID = re.compile(r"(t|s|g|c|m|a|ta|ds|det|an|dc)\d")


@dataclass(frozen=True, slots=True)
class RulePack:
    """What was found in rule files.

    Attributes:
        rules: To be matched, in the order of files.
        errors: What cannot be used, and why.
        silent: Rules about a part of a contract that is not configured: their tests run, but
            they are not matched.
    """

    rules: Sequence[Rule]
    errors: Sequence[RuleError]
    silent: Sequence[Rule]


def load(
    paths: Iterable[Path],
    *,
    placeholders: Placeholders | None = None,
    contract: Collection[str] = (),
    origin: str = "",
) -> RulePack:
    """Return the rules in these files and directories.

    Args:
        paths: Files, or directories that are walked for ``*.yml`` and ``*.yaml``.
        placeholders: Values for ``%name%`` in fields with the modifier ``expand``, over ``UNSET``.
        contract: The parts of a contract that the configuration names.
        origin: What the rule set is called; "" takes the directory's name.
    """
    values = {**UNSET, **(placeholders or {})}
    rules: list[Rule] = []
    silent: list[Rule] = []
    errors: list[RuleError] = []
    taken: dict[str, str] = {}
    for document in _documents(paths):
        if isinstance(document, RuleError):
            errors.append(document)
            continue
        path, found = document
        made = _rule(found, origin or _origin(path), values, contract)
        if isinstance(made, list):
            errors.extend(made)
        elif made.id in taken:
            hint = "Two rules need two ids: their findings could not be told apart."
            text = f"the id {made.id} is already that of the rule in {taken[made.id]}"
            errors.append(found.error(text, "id", hint=hint))
        else:
            taken[made.id] = made.where
            (silent if _is_silent(found, contract) else rules).append(made)
    return RulePack(rules, errors, silent)


def _documents(paths: Iterable[Path]) -> Iterator[tuple[Path, Document] | RuleError]:
    for path in paths:
        files = [path]
        if path.is_dir():
            files = sorted(
                file for file in path.rglob("*.y*ml") if file.suffix in (".yml", ".yaml")
            )
            if not files:
                yield RuleError(
                    "no rule is in this folder",
                    where=str(path),
                    hint="Rules are files that end in .yml or .yaml.",
                )
        for file in files:
            for document in documents(file):
                yield document if isinstance(document, RuleError) else (path, document)


def _origin(path: Path) -> str:
    folder = (path if path.is_dir() else path.parent).resolve()
    return "Tocsin" if folder.is_relative_to(OWN_RULES.resolve()) else folder.name


def _is_silent(document: Document, contract: Collection[str]) -> bool:
    part = document.data.get("contract")
    return bool(part) and part not in contract


def _rule(
    document: Document, origin: str, placeholders: Placeholders, contract: Collection[str]
) -> Rule | list[RuleError]:
    data: dict[str, Any] = dict(document.data)
    for key, refusal in REFUSED.items():
        if key in data:
            return [document.error(refusal, key)]
    if "utf16le" in document.text:  # pySigma knows it by its other name only
        data["detection"] = _renamed(data.get("detection"))
    own = [*_own_keys(document)]
    each: dict[str, Expr] = {}
    try:
        if not own and "each" in data:
            each = elements_wanted(document, data, placeholders, ())
            data["detection"] = with_stand_ins(data.get("detection"), each)
        sigma = SigmaRule.from_dict(data, collect_errors=True)
        if sigma.errors or own:
            return [*(_fault(document, error, data) for error in sigma.errors), *own]
        expression = translate(sigma, placeholders, each)
    except RuleError as error:
        return [error]
    except MALFORMED as error:
        if not (isinstance(error, SigmaPlaceholderError) and _is_silent(document, contract)):
            return [_fault(document, error, data), *own]
        expression = NEVER  # nobody configured its part of a contract, nor the values in that
    source = sigma.logsource
    named = {"product": source.product, "category": source.category, "service": source.service}
    attack = [tag.name for tag in sigma.tags if tag.namespace == "attack"]
    return Rule(
        id=str(sigma.id or uuid.uuid5(UNNAMED, document.text)),
        title=sigma.title,
        author=sigma.author or "",
        origin=origin,
        level=Level.parse(sigma.level.name) if sigma.level else Level.MEDIUM,
        tactics=tuple(tag.replace("_", "-") for tag in attack if not MITRE_ID.match(tag)),
        techniques=tuple(tag.upper() for tag in attack if re.match(r"t\d", tag)),
        logsource={key: value for key, value in named.items() if value},
        why=why_of(sigma.title, data.get("why")),
        habit=data.get("habit", False),
        contract=data.get("contract", ""),
        joins=data.get("joins", False),
        stolen=data.get("stolen", False),
        deployment=data.get("deployment", ""),
        tests=tuple(RuleTest(**test) for test in data.get("tests", ())),
        where=str(document.path),
        expression=expression,
    )


def _own_keys(document: Document) -> Iterator[RuleError]:
    """Return what is wrong with the keys that pySigma does not look at, or not well."""
    detection = document.data.get("detection")
    condition = detection.get("condition", "") if isinstance(detection, dict) else ""
    every = condition if isinstance(condition, list) else [condition]
    if not all(isinstance(one, str) for one in every):
        hint = "YAML takes words such as off and 1 for something else: put it in quotes."
        yield document.error("the condition is no text", "detection", "condition", hint=hint)
    for key, kind, said in (
        ("why", str, "a sentence"),
        ("habit", bool, "true or false"),
        ("joins", bool, "true or false"),
        ("stolen", bool, "true or false"),
        ("contract", str, "a word"),
        ("tests", list, "a list"),
    ):
        if not isinstance(document.data.get(key, kind()), kind):
            yield document.error(f"{key} must be {said}", key)
    if document.data.get("deployment", ASIDE) not in (ASIDE, KEPT):
        yield document.error(f"deployment must be {ASIDE} or {KEPT}", "deployment")
    tests = document.data.get("tests")
    for place, test in enumerate(tests if isinstance(tests, list) else ()):
        at = ("tests", place)
        if not isinstance(test, dict) or not {"name", "finds"} <= test.keys() <= TEST_KEYS:
            yield document.error(f"a test has name, finds, and of {_listed(TEST_KEYS)} others", *at)
        elif not isinstance(test["finds"], bool) or not isinstance(test["name"], str):
            yield document.error("a test's name is text, and finds is true or false", *at)
        elif not all(isinstance(test.get(key, {}), dict) for key in ("record", "event")):
            yield document.error("a test's record and event are maps", *at)
        elif not isinstance(test.get("why", ""), str):
            yield document.error("a test's why is the sentence expected", *at)
        elif not test.keys() & {"record", "event"}:
            yield document.error("a test has a record, or an event, or both", *at)


def _listed(words: Collection[str]) -> str:
    return ", ".join(sorted(words))


_OBJECT = re.compile(r"<sigma\.types\.Sigma(\w+) object at 0x[0-9a-f]+>")
_BYTES = re.compile(r"(?<=: )b'(.*)'$")
"""What a library lets show of itself in its messages."""


def _fault(document: Document, error: Exception, data: dict[str, Any]) -> RuleError:
    """Return what pySigma found, with the line it found it on."""
    said = str(error) if isinstance(error, SigmaError) else f"{type(error).__name__}: {error}"
    said = _BYTES.sub(r"\1", _OBJECT.sub(lambda found: found[1].lower(), said))
    detection = data.get("detection")
    if isinstance(error, SigmaConditionError):
        condition = str(detection.get("condition")) if isinstance(detection, dict) else ""
        if "|" in condition:
            said = f"aggregations in a condition ({condition!r}) are not supported"
        return document.error(said, "detection", "condition")
    if isinstance(error, SigmaPlaceholderError):
        hint = "Give it values in the configuration, or leave the rule out."
        missing = said[said.find("%") : said.rfind("%") + 1]
        at = (keys for keys, value in _fields(detection) if missing in str(value))
        return document.error(said, *next(at, ("detection",)), hint=hint)
    key = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
    key = {"identifier": "id"}.get(key, key)
    if isinstance(error, SigmaError) and key not in IN_FIELDS - data.keys():
        return document.error(said, key)
    at = (keys for keys, value in _fields(detection) if not _parses(keys[-1], value))
    return document.error(said, *next(at, ("detection",)))


def _fields(value: Any, keys: Keys = ("detection",)) -> Iterator[tuple[Keys, Any]]:
    """Return each field with its values, and the keys that lead to it."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            yield from _fields(inner, (*keys, key))
        elif isinstance(inner, list) and any(isinstance(member, dict) for member in inner):
            for place, member in enumerate(inner):
                yield from _fields(member, (*keys, key, place))
        else:
            yield (*keys, key), inner


def _parses(key: Any, value: Any) -> bool:
    try:
        SigmaDetectionItem.from_mapping(key, value)
    except MALFORMED:
        return False
    return True


def _renamed(detection: Any) -> Any:
    if isinstance(detection, list):
        return [_renamed(member) for member in detection]
    if not isinstance(detection, dict):
        return detection
    return {
        re.sub(r"\|utf16le(?=\||$)", "|wide", key) if isinstance(key, str) else key: _renamed(value)
        for key, value in detection.items()
    }

"""From pySigma's condition tree to ours.

Regular expressions run in the engine of pySigma's policy, RE2: linear in the text, so that a
public rule and a hostile user agent together cannot stall the matching.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaError, SigmaPlaceholderError, SigmaValueError
from sigma.rule import SigmaRule
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from detectors.sigma import predicates
from detectors.sigma.expr import And, Atom, Expr, Not, Or, joined
from detectors.sigma.expressions import ENGINE
from detectors.sigma.predicates import Pattern, Search, Wild
from detectors.sigma.reading import Name, name_of

Placeholders = Mapping[str, Sequence[str]]
"""Values for ``%name%`` in ``expand``, by name; a name with none of them matches nothing."""

MALFORMED = (SigmaError, AttributeError, KeyError, TypeError, ValueError, RecursionError)
"""What pySigma raises on rules that are no rules."""

WILD = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
REGEX_FLAGS = SigmaRegularExpression.sigma_to_python_flags
ENDS = re.compile(r"\\[AzZ]|\(\?\w*-")
"""What may mean the ends of a text and not of a line: RE2's words for them, flags taken back."""


def translate(rule: SigmaRule, placeholders: Placeholders, each: Mapping[str, Expr]) -> Expr:
    """Return the condition of ``rule``; several conditions are alternatives.

    Args:
        rule: As pySigma read it.
        placeholders: Values for ``%name%``.
        each: By the field that stands for it, a test of elements one by one.

    Raises:
        SigmaError: The condition is wrong, or has a placeholder without values.
    """
    return _any_of(
        _condition(condition.parsed, placeholders, each)
        for condition in rule.detection.parsed_condition
    )


def _condition(node: object, placeholders: Placeholders, each: Mapping[str, Expr]) -> Expr:
    if isinstance(node, ConditionFieldEqualsValueExpression):
        if node.field in each:
            return each[node.field]
        return _field(name_of(node.field), node.value, placeholders)
    if isinstance(node, ConditionValueExpression):
        return _keyword(node.value, placeholders)
    if isinstance(node, ConditionItem):
        args = [_condition(arg, placeholders, each) for arg in node.args]
        if isinstance(node, ConditionNOT):
            return Not(args[0])
        if isinstance(node, ConditionAND):
            return joined(And, args)
        if isinstance(node, ConditionOR):
            return _any_of(args)
    raise SigmaValueError(f"{type(node).__name__} in a condition is not supported")


def _any_of(args: Iterable[Expr]) -> Expr:
    """Join by or; lists of literals for one field become one test."""
    joined_args = joined(Or, args)
    if not isinstance(joined_args, Or):
        return joined_args
    literals: dict[Name, set[str]] = {}
    others: list[Expr] = []
    for arg in joined_args.args:
        if isinstance(arg, Atom) and arg.literals:
            literals.setdefault(arg.names[0], set()).update(arg.literals)
        else:
            others.append(arg)
    return joined(Or, [*(predicates.equals(*item) for item in literals.items()), *others])


def _field(name: Name, value: SigmaType, placeholders: Placeholders) -> Expr:
    match value:
        case SigmaExpansion():
            return _any_of(_field(name, inner, placeholders) for inner in value.values)
        case SigmaNull():
            return predicates.absent(name)
        case SigmaExists():
            return predicates.exists(name, value.exists)
        case SigmaCIDRExpression():
            return predicates.within(name, value.network)
        case SigmaCompareExpression():
            return _compared(name, value.number, value.op.name)
        case SigmaNumber():
            return _compared(name, value, "")
        case SigmaBool():
            return predicates.equals(name, [str(value)])
        case SigmaFieldReference():
            other = name_of(value.field)
            return predicates.refers(name, other, starts=value.starts_with, ends=value.ends_with)
        case SigmaRegularExpression():
            return _any_of(predicates.searches(name, *s) for s in _searches(value, placeholders))
        case SigmaString():
            cased = isinstance(value, SigmaCasedString)
            return _any_of(_like(name, p, cased=cased) for p in _patterns(value, placeholders))
        case _:
            raise SigmaValueError(f"values of type {type(value).__name__} are not supported")


def _compared(name: Name, number: SigmaNumber, operation: str) -> Atom:
    if isinstance(number, SigmaTimestampPart):
        part = number.timestamp_part.name
        return predicates.time_part(name, part, operation, number.number)
    if operation:
        return predicates.compares(name, operation, number.number)
    return predicates.is_number(name, number.number)


def _like(name: Name, pattern: Pattern, *, cased: bool) -> Atom:
    if not cased and not any(isinstance(part, Wild) for part in pattern):
        return predicates.equals(name, ["".join(map(str, pattern))])
    return predicates.like(name, pattern, cased=cased)


def _keyword(value: SigmaType, placeholders: Placeholders) -> Expr:
    match value:
        case SigmaExpansion():
            return _any_of(_keyword(inner, placeholders) for inner in value.values)
        case SigmaRegularExpression():
            return _any_of(predicates.keyword(s) for s, _ in _searches(value, placeholders))
        case SigmaString():
            cased = isinstance(value, SigmaCasedString)
            return _any_of(_said(p, cased=cased) for p in _patterns(value, placeholders))
        case SigmaNumber() | SigmaBool():
            return _said((str(value),), cased=False)
        case _:
            raise SigmaValueError(f"{type(value).__name__} is not supported as a keyword")


def _said(pattern: Pattern, *, cased: bool) -> Atom:
    fits = predicates.glob((Wild.MANY, *pattern, Wild.MANY), cased=cased)
    return predicates.keyword(fits if cased else lambda text: fits(text.lower()))


def _searches(
    value: SigmaRegularExpression, placeholders: Placeholders
) -> Iterator[tuple[Search, Search | None]]:
    """Return each search in a text, and the same in many texts joined by line breaks.

    RE2 never looks around: what it finds in a text it finds in the lines as well, once ``^`` and
    ``$`` mean lines. There is no such search where a pattern has another word for a text's ends.
    """
    compiled = ENGINE.compile
    flags = 0
    for flag in value.flags:
        flags |= REGEX_FLAGS[flag]
    for pattern in _patterns(value.regexp, placeholders):
        text = "".join(part.value if isinstance(part, Wild) else part for part in pattern)
        in_lines = None if ENDS.search(text) else compiled(text, flags | re.MULTILINE).search
        yield compiled(text, flags).search, in_lines


def _patterns(text: SigmaString, placeholders: Placeholders) -> Iterator[Pattern]:
    """Return the pattern of ``text``, or one for each way to fill its placeholders."""
    choices: list[list[Pattern]] = []
    for part in text.s:
        if not isinstance(part, Placeholder):
            choices.append([_parts([part])])
        elif part.name in placeholders:
            choices.append([_parts(SigmaString(value).s) for value in placeholders[part.name]])
        else:
            raise SigmaPlaceholderError(f"placeholder %{part.name}% has no value")
    for choice in itertools.product(*choices):
        yield tuple(itertools.chain.from_iterable(choice))


def _parts(parts: Iterable[str | SpecialChars | Placeholder]) -> Pattern:
    return tuple(
        part if isinstance(part, str) else WILD[part]
        for part in parts
        if not isinstance(part, Placeholder)
    )

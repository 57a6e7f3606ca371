r"""The key ``each``: selections with a condition of their own, asked of elements one by one.

    each:
      open:
        of: requestParameters.policy.Statement
        allowed: {Effect: Allow}
        everybody: {Principal: '\*'}
        condition: allowed and everybody

A rule names ``open`` in its condition. In Sigma alone each selection looks at the whole list, and
two statements lend each other what they lack: one is public, the other has the condition. ``of`` is
one list or several; what is no list is its own only element. Inside, a name is looked up in the
element (an element that is no map is called ``value``), and ``event.…`` in the event. ``each`` may
stand inside again: the accounts in a statement, one by one.
"""

from collections.abc import Mapping
from typing import Any

from sigma.exceptions import SigmaDetectionError, SigmaPlaceholderError
from sigma.rule import SigmaRule

from detectors.sigma import predicates
from detectors.sigma.document import Document, Keys
from detectors.sigma.expr import Atom, Expr, atoms
from detectors.sigma.reading import name_of
from detectors.sigma.translate import MALFORMED, Placeholders, translate

EACH, OF = "each", "of"

STAND_IN = "each "
"""How a field begins that stands for such a test: no name in a record begins with that."""

ANY_RULE = {"title": "Elements", "logsource": {"product": "any"}}
"""What pySigma asks of a rule besides its detection."""


def elements_wanted(
    document: Document, data: Mapping[str, Any], placeholders: Placeholders, keys: Keys
) -> dict[str, Expr]:
    """Return what stands below ``each``, by the field that stands for it.

    Args:
        document: The rule's.
        data: The part of it that has the key.
        placeholders: Values for ``%name%``.
        keys: The way to that part.

    Raises:
        RuleError: One of them cannot be used, with its line.
        SigmaPlaceholderError: A placeholder has no values; whether that matters the caller knows.
    """
    bodies = data.get(EACH, {})
    if not isinstance(bodies, dict):
        raise document.error("each must be a map of names and what to find", *keys, EACH)
    found: dict[str, Expr] = {}
    for name, body in bodies.items():
        at = (*keys, EACH, name)
        try:
            found[STAND_IN + name] = _test(document, body, placeholders, at)
        except SigmaPlaceholderError:
            raise
        except MALFORMED as error:
            raise document.error(f"{name} cannot be used: {error}", *at) from error
    return found


def with_stand_ins(detection: Any, each: Mapping[str, Expr]) -> Any:
    """Return a detection whose condition can name each test of elements.

    Raises:
        SigmaDetectionError: A selection is called the same, and would be gone without a word.
    """
    if not isinstance(detection, dict):
        return detection
    if twice := detection.keys() & {field.removeprefix(STAND_IN) for field in each}:
        raise SigmaDetectionError(f"a selection and a part of each are both called {min(twice)}")
    return {**detection, **{field.removeprefix(STAND_IN): {field: True} for field in each}}


def _test(document: Document, body: Any, placeholders: Placeholders, at: Keys) -> Atom:
    lists = body.get(OF) if isinstance(body, dict) else None
    lists = [lists] if isinstance(lists, str) else lists
    if not isinstance(lists, list) or not all(isinstance(text, str) for text in lists):
        hint = "`of` names a list; beside it stand selections and a condition, as in detection."
        raise document.error("it is not said whose elements are judged", *at, hint=hint)
    inner = elements_wanted(document, body, placeholders, at)
    selections = {key: part for key, part in body.items() if key not in (OF, EACH)}
    rule = SigmaRule.from_dict({**ANY_RULE, "detection": with_stand_ins(selections, inner)})
    wanted = translate(rule, placeholders, inner)
    if any(atom.keyword for atom in atoms(wanted)):
        raise document.error("keywords search whole records, not elements", *at)
    return predicates.each([name_of(text) for text in lists], wanted)

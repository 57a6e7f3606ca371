"""What is asked of many rows at once finds what asking each of them finds."""

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigma.types import SigmaRegularExpression, SigmaRegularExpressionFlag

from detectors.sigma.expr import And, Atom, Expr, Not, Or
from detectors.sigma.match import Matcher
from detectors.sigma.predicates import Wild, equals, exists, is_number, like
from detectors.sigma.reading import Reading, name_of
from detectors.sigma.translate import _field
from tests.detectors.judging import rule
from tocsin.model.rows import EVENT, GROUPS, Layout, Rows, Undecoded

KEY, FLAG, DEEP = name_of("asked.key"), name_of("asked.flag"), name_of("asked.a.b")
SAID, DOTTED = name_of("answered.key"), name_of("asked.c.d.e")
PATTERNS = (
    "a",
    "^a",
    "b$",
    "^ab$",
    r"\Aab",
    r"b\z",
    r"\bab\b",
    r"\Ba",
    "(?-m)^a",
    "(^|/)[!#@]{2,}",
    "a.b",
    "[^x]b",
    "^$",
    "\u03c2$",
)


def regex(text: str, *flags: SigmaRegularExpressionFlag) -> Atom:
    found = _field(KEY, SigmaRegularExpression(text, set(flags)), {})
    assert isinstance(found, Atom)
    return found


def raises(_: object) -> bool:
    raise OverflowError


REGEXES = [
    regex(text, *flags)
    for text in PATTERNS
    for flags in (
        (),
        (SigmaRegularExpressionFlag.IGNORECASE,),
        (SigmaRegularExpressionFlag.MULTILINE, SigmaRegularExpressionFlag.DOTALL),
    )
]
LIKES = [
    like(KEY, pattern, cased=cased)
    for cased in (False, True)
    for pattern in (
        ("a", Wild.MANY),
        (Wild.MANY, "B"),
        (Wild.MANY, "ab", Wild.MANY),
        (Wild.MANY, "a", Wild.ONE, "b", Wild.MANY),
        (Wild.ONE,),
        (Wild.MANY,),
        (Wild.MANY, "\u03a3"),
    )
]
OTHERS: list[Expr] = [
    equals(KEY, ["ab", "x"]),
    equals(SAID, ["ab"]),
    equals(DEEP, ["ab"]),
    equals(DOTTED, ["ab"]),
    equals(FLAG, ["true"]),
    exists(KEY, there=True),
    exists(FLAG, there=False),
    is_number(KEY, 1),
    Atom(raises, (KEY,), of_text=raises, of_lines=raises),
]
TEXTS = st.one_of(
    st.text("abAB/!\nx\u03c3\u03a3\u03c2\ud800 ", max_size=6),
    st.sampled_from(["ab", "x", '{"b":"ab"}', '["ab"]', "%7B%22b%22:%22ab%22%7D"]),
)
VALUES = st.one_of(
    TEXTS,
    st.sampled_from([None, True, 1, 1.0, [], ["ab"], {}, {"b": "ab"}, {"d": {"e": "ab"}}]),
    st.just({"d.e": ["x", "ab"]}),
)
NAMES = st.sampled_from(["key", "flag", "a", "a.b", "c", "c.d", "c.d.e", "other"])
PARTS = st.one_of(
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.fixed_dictionaries({"key": TEXTS}),
    st.sampled_from([None, ["ab"], [{"key": "ab"}], "ab", '{"key":"ab"}', 1, False]),
)
ROWS = st.one_of(
    st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=8),
    st.lists(st.tuples(st.fixed_dictionaries({"key": TEXTS}), st.none()), min_size=9, max_size=40),
)


def conditions() -> st.SearchStrategy[Expr]:
    return st.recursive(
        st.sampled_from([*REGEXES, *LIKES, *OTHERS, *OTHERS]),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda args: And(tuple(args))),
            st.lists(inner, min_size=2, max_size=3).map(lambda args: Or(tuple(args))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


def batch(rows: list[tuple[Any, Any]], decoded: Collection[str] = (), *, raw: bool = False) -> Rows:
    def row(number: int) -> dict[str, Any]:
        asked, answered = rows[number]
        parts = {"asked": asked, "answered": answered}
        return {**{name: part for name, part in parts.items() if part is not None}, EVENT: {}}

    columns = dict(zip(("asked", "answered"), zip(*rows, strict=True), strict=True))
    parts: dict[str, Callable[[int], Any]] = {
        name: Undecoded([_json(part) for part in columns[name]], _value)
        if raw
        else columns[name].__getitem__
        for name in decoded
    }
    return Rows(
        size=len(rows),
        source="test",
        logsource={},
        layout=Layout({}, {}),
        codes=dict.fromkeys(GROUPS, np.zeros(len(rows), np.int32)),
        values={group: [{EVENT: {}}] for group in GROUPS},
        row=row,
        whole=row,
        decoded=parts,
    )


def _json(value: Any) -> bytes:
    return b"" if value is None else json.dumps(value).encode()


def _value(text: bytes | msgspec.Raw) -> Any:
    return json.loads(bytes(text)) if bytes(text) else None


@given(
    st.lists(conditions(), min_size=1, max_size=3),
    ROWS,
    st.sampled_from([("asked", "answered"), ("asked",), ("answered",)]),
    st.booleans(),
)
def test_keys_and_texts_rule_out_only_what_is_no_match(
    exprs: list[Expr], rows: list[tuple[Any, Any]], decoded: tuple[str, ...], raw: bool
) -> None:
    rules = [rule(f"r{n}", expression=expr) for n, expr in enumerate(exprs)]
    plain, screened = Matcher(rules), Matcher(rules)
    assert screened(batch(rows, decoded, raw=raw)) == plain(batch(rows))
    assert screened.faults.items() <= plain.faults.items()


@pytest.mark.parametrize(
    "word", ["ab", "AB", r"a\u0062", r"\u212a", "true", "1", "", "a,b", "null"]
)
@pytest.mark.parametrize("written", ["%s", '"%s"', '["%s"]', '[null,"%s"]', '{"x": "%s"}', "[%s]"])
def test_a_word_is_missed_in_json_only_where_it_is_not(word: str, written: str) -> None:
    said = written % word
    try:
        value = json.loads(said)
    except ValueError:
        return  # no JSON
    literals = ["ab", "k", "true", "1", "", "a", "b", ",ab", '{"x":"ab"}', "null"]
    rules = [rule(f"r{n}", expression=equals(KEY, [one])) for n, one in enumerate(literals)]
    rows = batch([({"key": 0}, None), ({"key": value}, None)])
    texts = [b'{"key": 0}', f'{{"key": {said}}}'.encode()]
    asked = replace(rows, decoded={"asked": Undecoded(texts, _value)})
    assert Matcher(rules)(asked) == Matcher(rules)(rows)


def test_json_without_the_word_that_is_looked_for_is_not_decoded() -> None:
    texts = [b'{"key":"one"}', b'{"key":"two"}', b""]
    asked = list[bytes]()

    def value(text: bytes | msgspec.Raw) -> Any:
        asked.append(bytes(text))
        return _value(text)

    rows = batch([({"key": "one"}, None), ({"key": "two"}, None), (None, None)])
    known = replace(rows, decoded={"asked": Undecoded(texts, value)})
    assert not Matcher([rule("r", expression=equals(KEY, ["three"]))])(known)
    assert not Matcher([rule("r", expression=equals(FLAG, ["1"]))])(known)
    assert not asked
    assert Matcher([rule("r", expression=equals(KEY, ["TWO"]))])(known)
    assert asked == texts


@given(st.sampled_from([*REGEXES, *LIKES]), st.lists(TEXTS, min_size=1, max_size=12))
def test_what_a_text_passes_its_lines_pass(atom: Atom, texts: list[str]) -> None:
    assert atom.of_text is not None
    texts = [text for text in texts if text.isascii() or "\ud800" not in text]
    if any(map(atom.of_text, texts)) and atom.of_lines is not None:
        assert atom.of_lines("\n".join(texts))


def test_a_pattern_with_words_for_the_ends_of_a_text_is_not_asked_of_lines() -> None:
    asked = {text for text in PATTERNS if regex(text).of_lines is not None}
    assert set(PATTERNS) - asked == {r"\Aab", r"b\z", "(?-m)^a"}


def test_rows_are_told_apart_within_their_batch() -> None:
    rows: list[tuple[Any, Any]] = [({"key": f"part-{n}"}, None) for n in range(50)]
    rows[17] = rows[31] = ({"key": "x-Ransom-x"}, None)
    rows[40] = ({"key": ["ransom"]}, None)
    found = Matcher([rule("r", expression=regex("ransom", SigmaRegularExpressionFlag.IGNORECASE))])
    assert [hit.row for hit in found(batch(rows, ("asked",)))] == [17, 31, 40]


def test_a_test_that_raises_on_a_text_is_blamed_on_its_rule() -> None:
    def test(reading: Reading) -> bool:
        return any(map(raises, reading.texts(KEY)))

    atom = Atom(test, (KEY,), of_text=raises, of_lines=raises)
    matcher = Matcher([rule("r", expression=atom)])
    assert not matcher(batch([({"key": "x"}, None)] * 20, ("asked",)))
    assert set(matcher.faults) == {"r"}

"""However fields are split over groups, a batch gets the answers of a naive evaluator."""

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.sigma.load import load
from detectors.sigma.match import Matcher
from tests.detectors.naive import naive, written
from tests.detectors.records import LOGSOURCE, Decoder, Record, one
from tocsin.model.rows import GROUPS, Layout

FIELDS = ("a", "b", "b.c", "d.c", "event.actor", "event.count", "actor", "d-e")
TEXTS = st.sampled_from(["", "a", "A", "ab", "b,a", "aab", "1", "true", "É"])
PLAIN = st.one_of(TEXTS, st.sampled_from([0, 1, 2.5, True, False, None]))
INNER = st.dictionaries(st.sampled_from(["c", "e"]), st.one_of(PLAIN, st.lists(PLAIN, max_size=3)))
VALUES = st.one_of(
    PLAIN,
    st.lists(PLAIN, max_size=3),
    INNER,
    st.lists(INNER, max_size=2),
    INNER.map(lambda value: json.dumps(value, ensure_ascii=False)),
)
RECORDS = st.dictionaries(st.sampled_from(["a", "b", "b.c", "d", "d-e", "actor"]), VALUES)
EVENTS = st.dictionaries(st.sampled_from(["actor", "count"]), PLAIN)

PATTERNS = st.sampled_from(["a", "*", "a*", "*b*", "?a", "a?b", "", "É", "b,a", "true", "1"])
ITEMS = st.one_of(
    st.tuples(st.just(""), PATTERNS | st.sampled_from([1, 2.5, True, None])),
    st.tuples(st.just(""), st.lists(PATTERNS, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["contains", "startswith", "endswith", "cased"]), PATTERNS),
    st.tuples(st.just("contains|all"), st.lists(PATTERNS, min_size=2, max_size=2)),
    st.tuples(st.just("re"), st.sampled_from(["^a", "b$", "[0-9]", "A"])),
    st.tuples(st.just("exists"), st.booleans()),
    st.tuples(st.sampled_from(["gt", "lte"]), st.sampled_from([0, 1])),
    st.tuples(st.just("fieldref"), st.sampled_from(FIELDS)),
)
SELECTIONS = st.dictionaries(st.sampled_from(FIELDS), ITEMS, min_size=1, max_size=3)
TREES = st.recursive(
    st.sampled_from(["s", "t"]),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=4,
)


LAYOUTS = st.builds(
    Layout,
    roots=st.dictionaries(
        st.sampled_from(["a", "b", "b.c", "d", "d-e", "actor"]), st.sampled_from(GROUPS)
    ),
    event=st.dictionaries(st.sampled_from(["actor", "count"]), st.sampled_from(GROUPS)),
)


@settings(
    max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    rules=st.lists(st.tuples(TREES, SELECTIONS, SELECTIONS), min_size=1, max_size=3),
    records=st.lists(st.tuples(RECORDS, EVENTS), min_size=1, max_size=6),
    layout=LAYOUTS,
)
def test_however_fields_are_grouped_the_answers_are_those_of_a_naive_evaluator(
    tmp_path: Path, rules: list[Any], records: list[tuple[Record, Record]], layout: Layout
) -> None:
    documents = [
        {
            "title": f"rule {number}",
            "logsource": LOGSOURCE,
            "detection": {
                name: {f"{k}|{m}" if m else k: value for k, (m, value) in selection.items()}
                for name, selection in (("s", s), ("t", t))
            }
            | {"condition": written(tree)},
        }
        for number, (tree, s, t) in enumerate(rules)
    ]
    (tmp_path / "r.yml").write_text(yaml.safe_dump_all(documents, allow_unicode=True))
    pack = load([tmp_path / "r.yml"])
    assert not pack.errors, pack.errors
    titles = {rule.id: rule.title for rule in pack.rules}
    expected = [
        (row, f"rule {number}")
        for row, (record, event) in enumerate(records)
        for number, (tree, s, t) in enumerate(rules)
        if naive(tree, {"s": s, "t": t}, record, event)
    ]
    alone = Matcher(pack.rules)
    assert [
        (row, titles[hit.rule])
        for row, (record, event) in enumerate(records)
        for hit in alone(one(record, event))
    ] == expected
    # A layout that lists some spelling of a name vouches for where the name lies.
    matcher, decoder = Matcher(pack.rules), Decoder(consistent(layout))
    for known in (records[:1], records, records):  # nothing known, something, everything
        hits = matcher(decoder.rows(known))
        assert [(hit.row, titles[hit.rule]) for hit in hits] == [
            found for found in expected if found[0] < len(known)
        ]
    assert not matcher.faults


def consistent(layout: Layout) -> Layout:
    """``b`` and ``b.c`` may both hold ``b.c``: list both or none."""
    roots = dict(layout.roots)
    if ("b" in roots) != ("b.c" in roots):
        roots = {key: group for key, group in roots.items() if key not in ("b", "b.c")}
    return Layout(roots, layout.event)

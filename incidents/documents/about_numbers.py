"""Where numbers come from, in words, and what they were made of.

Source: GDPR Art. 33(3)(a), "approximate number"; EDPB common template, fields 67 and 72.
"""

from incidents.documents.about_breach import category_name, given, known
from incidents.documents.blocks import Block, Items, Para
from incidents.documents.breach import Range
from incidents.documents.facts import NoticeFacts, Versions
from incidents.documents.speech import Speech


def numbers(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return where each number comes from, and the versions it was made of."""
    counts = [("in_all", facts.subjects, facts.records)]
    counts += [
        (category_name(each, facts, t), each.subjects, each.records)
        for each in given(facts.affected)
    ]
    found: dict[tuple[str, str], list[str]] = {}
    for name, people_, records in counts:
        whose = t("method.in_all") if name == "in_all" else name
        hows = [_method(each, t) if each else "" for each in (known(people_), known(records))]
        alike = hows[0] == hows[1]
        pairs = [("both", hows[0])] if alike else [("people", hows[0]), ("records", hows[1])]
        for of, how in pairs:
            if how:
                found.setdefault((of, how), []).append(whose)
    lines = tuple(
        f"{t.sentence(t(f'method.of_{of}', whose=', '.join(names)))}{t('form.colon')}{how}."
        for (of, how), names in found.items()
    )
    blocks: list[Block] = [Items(lines)] if lines else []
    if facts.versions:
        blocks.append(Para(versions(facts.versions, t), "small"))
    return tuple(blocks)


def versions(made_of: Versions, t: Speech) -> str:
    """Return what the numbers were made of."""
    return t("method.versions", **made_of.model_dump())


def _method(value: Range, t: Speech) -> str:
    def how(by: str) -> str:
        dated = by == "inventory" and value.as_of is not None
        day = t.day(value.as_of) if value.as_of else ""
        return t(f"method.{by}_of" if dated else f"method.{by}", day=day)

    def said(form: str, number: int, by: str | None) -> str:
        return t(f"method.form_{form}", number=t.number(number), how=how(by or value.least_by))

    if value.least_by == value.most_by and value.best_by in (None, value.most_by):
        return t("method.form_exact", number=t.range("plain", value), how=how(value.most_by))
    if value.least == value.most:
        return said("exact", value.most, value.most_by)
    parts = [said("least", value.least, value.least_by)]
    if value.best is not None and value.best not in (value.least, value.most):
        parts.append(said("best", value.best, value.best_by))
    form = "top" if value.best == value.most else "most"
    return t.joined((*parts, said(form, value.most, value.most_by)))

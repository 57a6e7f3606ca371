"""The annexes: every field of a form in its order, with our answer or a place for the reader's.

Source: EDPB common template, version 1.0 of 8 June 2026 (consultation); forms of the CNIL and of
the ICO as described in public sources.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from incidents.documents import edpb
from incidents.documents.answers import NOTICE
from incidents.documents.blocks import Block, Para, Table
from incidents.documents.facts import NoticeFacts
from incidents.documents.speech import Speech
from incidents.documents.union import Entry

SECTOR = 14
LEFT = (87, 89, 90)
"""Severity and outcome of the risk assessment: for the controller, whatever we measured."""


def form(facts: NoticeFacts, answers: Mapping[str, Entry], t: Speech) -> tuple[Block, ...]:
    """Return the form of the customer's authority; nothing if the register names none."""
    name = facts.customer.authority
    if not name:
        return ()
    text = files(__package__).joinpath("forms", f"{name}.json").read_text(encoding="utf-8")
    rows = []
    for row in json.loads(text)["rows"]:
        if row.get("only") == "cyber" and answers["cyber"].value == "no":
            continue  # the form asks it of cyber incidents alone
        found = [answers[key].text for key in row["keys"] if key in answers and answers[key].text]
        rows.append((row[t.language], ". ".join(found) or t("dossier.complete")))
    head = (t("table.label"), t("table.answer"))
    title = t("dossier.annex_form", authority=t(f"{name}.name"))
    table = Table(title, head, tuple(rows), (3, 5), _open(t))
    return (Para(t("dossier.annex_form_intro")), table)


def edpb_fields(facts: NoticeFacts, answers: Mapping[str, Entry], t: Speech) -> tuple[Block, ...]:
    """Return the EDPB template's fields that apply, or may."""
    rows = tuple(
        (str(field["id"]), field["label"][t.language], answer, _confirm(field, answers, t))
        for field, answer in _fields(facts, answers, t)
    )
    head = (t("table.field"), t("table.label"), t("table.answer"), t("table.confirm"))
    credit = edpb.template()["licence"]["credit"]
    table = Table(t("dossier.annex_edpb"), head, rows, (2, 9, 12, 5), _open(t))
    return (Para(t("dossier.annex_edpb_intro", credit=credit)), table)


def yours(facts: NoticeFacts, answers: Mapping[str, Entry], t: Speech) -> tuple[Block, ...]:
    """Return what the controller must answer, with room for it: as annex B leaves it open."""
    rows = tuple(
        (str(field["id"]), field["label"][t.language], answer)
        for field, answer in _fields(facts, answers, t)
        if field["presence"] == "mandatory" and answer in _open(t)
    )
    head = (t("table.field"), t("table.label"), t("table.answer"))
    return (
        Para(t("dossier.yours_intro")),
        Table(t("dossier.yours"), head, rows, (2, 12, 12), _open(t)),
    )


def _fields(
    facts: NoticeFacts, answers: Mapping[str, Entry], t: Speech
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the fields that apply, or may, each with our answer or that it is the reader's."""
    codes = _codes(facts, answers)
    for field in edpb.fields():
        asked = edpb.holds(field.get("visible_when"), codes)
        if asked is False:
            continue
        sure = asked and field["presence"] == "mandatory"
        yours = t("dossier.complete" if sure else "dossier.complete_if")
        yield field, _answer(field, codes, answers, t) or yours


def _open(t: Speech) -> tuple[str, ...]:
    return (t("dossier.complete"), t("dossier.complete_if"))


def _key(number: int) -> str:
    (found,) = (each["key"] for each in edpb.fields() if each["id"] == number)
    return str(found).replace("[]", "")


def _confirm(field: Mapping[str, Any], answers: Mapping[str, Entry], t: Speech) -> str:
    key = field["key"].replace("[]", "")
    entry = answers.get(f"{key}_note" if field["id"] == SECTOR else key)
    if entry is None or entry.confirm == "nobody" or field["id"] in LEFT:
        return ""
    return t("dossier.suggested" if entry.confidence == "suggested" else "dossier.to_confirm")


def _codes(facts: NoticeFacts, answers: Mapping[str, Entry]) -> dict[int, Any]:
    """Return the coded answers by number of field."""
    new, complete = NOTICE[facts.kind]
    found: dict[int, Any] = {3: new, 4: complete, 29: True if facts.customer.dpo else None}
    found |= {field: [] for field in (81, 83) if _key(field) not in answers}
    for field in edpb.fields():
        key = field["key"].removesuffix("[]")
        value = answers[key].value if key in answers else None
        if value is None or "values" not in field or field["id"] in (*found, *LEFT):
            continue
        if field["id"] in edpb.WORDS:
            coded = [
                edpb.code(field["id"], each)
                for each in (value if isinstance(value, list) else [value])
            ]
            found[field["id"]] = coded if isinstance(value, list) else coded[0]
        else:
            found[field["id"]] = value
    return found


def _answer(
    field: Mapping[str, Any],
    codes: Mapping[int, Any],
    answers: Mapping[str, Entry],
    t: Speech,
) -> str:
    number = field["id"]
    if number in LEFT:
        return ""
    if "values" in field:
        coded = codes.get(number)
        if not coded:
            # The register knows the sector in its own words, not in the form's letters.
            note = answers.get(f"{field['key']}_note") if number == SECTOR else None
            return note.text if note else ""
        letters = coded if isinstance(coded, list) else [coded]
        return t.joined(f"{each}) {edpb.word(number, each, t.language)}" for each in letters)
    key = field["key"].replace("[]", "")
    return answers[key].text if key in answers else ""

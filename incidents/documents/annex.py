"""The annexes: every field of a form in its order, with our answer or a place for the reader's.

Source: EDPB common template, version 1.0 of 8 June 2026 (consultation); forms of the CNIL and of
the ICO as described in public sources.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from incidents.documents import edpb
from incidents.documents.answers import NOTICE
from incidents.documents.blocks import Block, Para, Table
from incidents.documents.facts import NoticeFacts
from incidents.documents.speech import Speech
from incidents.documents.union import Entry

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
        found = [answers[key].text for key in row["keys"] if key in answers and answers[key].text]
        rows.append((row[t.language], ". ".join(found) or t("dossier.complete")))
    head = (t("table.label"), t("table.answer"))
    title = t("dossier.annex_form", authority=t(f"{name}.name"))
    table = Table(title, head, tuple(rows), (3, 5), _open(t))
    return (Para(t("dossier.annex_form_intro")), table)


def edpb_fields(facts: NoticeFacts, answers: Mapping[str, Entry], t: Speech) -> tuple[Block, ...]:
    """Return the EDPB template's fields that apply, or may."""
    codes = _codes(facts, answers)
    rows = []
    for field in edpb.fields():
        asked = edpb.holds(field.get("visible_when"), codes)
        if asked is False:
            continue
        answer = _answer(field, codes, answers, t)
        if not answer:
            sure = asked and field["presence"] == "mandatory"
            answer = t("dossier.complete" if sure else "dossier.complete_if")
        rows.append(
            (str(field["id"]), field["label"][t.language], answer, _confirm(field, answers, t))
        )
    head = (t("table.field"), t("table.label"), t("table.answer"), t("table.confirm"))
    credit = edpb.template()["licence"]["credit"]
    table = Table(t("dossier.annex_edpb"), head, tuple(rows), (2, 9, 12, 5), _open(t))
    return (Para(t("dossier.annex_edpb_intro", credit=credit)), table)


def yours(facts: NoticeFacts, answers: Mapping[str, Entry], t: Speech) -> tuple[Block, ...]:
    """Return what only the controller can answer, with room to answer."""
    codes = _codes(facts, answers)
    rows = tuple(
        (str(field["id"]), field["label"][t.language], t("dossier.complete"))
        for field in edpb.fields()
        if field["fill"] == "controller_only"
        and field["presence"] == "mandatory"
        and edpb.holds(field.get("visible_when"), codes) is not False
    )
    head = (t("table.field"), t("table.label"), t("table.answer"))
    return (
        Para(t("dossier.yours_intro")),
        Table(t("dossier.yours"), head, rows, (2, 12, 12), _open(t)),
    )


def _open(t: Speech) -> tuple[str, ...]:
    return (t("dossier.complete"), t("dossier.complete_if"))


def _key(number: int) -> str:
    (found,) = (each["key"] for each in edpb.fields() if each["id"] == number)
    return str(found).replace("[]", "")


def _confirm(field: Mapping[str, Any], answers: Mapping[str, Entry], t: Speech) -> str:
    entry = answers.get(field["key"].replace("[]", ""))
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
            return ""
        letters = coded if isinstance(coded, list) else [coded]
        return t.joined(f"{each}) {edpb.word(number, each, t.language)}" for each in letters)
    key = field["key"].replace("[]", "")
    return answers[key].text if key in answers else ""

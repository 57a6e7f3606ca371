"""What follows and what is done, in words: consequences, measures, actions, whom to ask, what next.

Source: Commission Implementing Decision (EU) 2021/915, clause 9.2(b) and (c); GDPR Art. 33(3)(b)
to (d); Regulation (EEC, Euratom) No 1182/71, Art. 3(1), for the small print.
"""

from datetime import timedelta

from incidents.documents import edpb
from incidents.documents.about_breach import OWN_PERIOD, given, known, maybe, taken_out
from incidents.documents.blocks import Block, Items, Para, Rows
from incidents.documents.breach import Effect
from incidents.documents.fact import NotYet
from incidents.documents.facts import Contact, NoticeFacts
from incidents.documents.response import Measure, Severity
from incidents.documents.speech import Speech
from incidents.documents.withdrawal import Facts

BANDS = ((4.0, "very_high"), (3.0, "high"), (2.0, "medium"), (0.0, "low"))
"""ENISA's bands, by the score from which each holds."""

ASSESSING: dict[Effect, str] = {"confidentiality": "e", "integrity": "d", "availability": "d"}
"""The letter of what may follow that says: under assessment."""


def consequences(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return what may follow for people, as a person judged it: nothing that nobody said."""
    follows = given(facts.consequences)
    rows = tuple(
        (
            t.sentence(t(f"effect_short.{effect}")),
            t.sentence(t.joined(_inside(edpb.word(field, each, t.language), t) for each in codes)),
        )
        for effect, field, codes in of_data(facts)
    )
    note = follows.note.read(t.language)
    return (
        Para(t("consequence.intro")),
        Items(tuple(t(f"impact.{each}") for each in follows.impacts)),
        *((Rows(rows),) if rows else ()),
        *((Para(note),) if note else ()),
        *severity(facts, t),
    )


def of_data(facts: NoticeFacts) -> tuple[tuple[Effect, int, tuple[str, ...]], ...]:
    """Return what may follow from what happened to this customer's data: effect, field, codes."""
    follows = given(facts.consequences)
    found: tuple[tuple[Effect, int, tuple[str, ...]], ...] = (
        ("confidentiality", 79, follows.confidentiality),
        ("integrity", 81, follows.integrity),
        ("availability", 83, follows.availability),
    )
    own = given(facts.nature).effects
    return tuple(each for each in found if each[0] in own and each[2])


def severity(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return ENISA's measure with its parts; nothing if it was not taken."""
    measured = known(facts.severity)
    if measured is None:
        return ()
    name, score = band(measured)
    said = t(
        "severity.value",
        score=t.number(score),
        band=t(f"severity.{name}"),
        dpc=t.number(measured.dpc),
        ei=t.number(measured.ei),
        cb=t.number(measured.cb),
    )
    return (Rows(((t("label.severity"), said),)), Para(t("severity.note"), "small"))


def band(measured: Severity) -> tuple[str, float]:
    """Return the band of a measure, and the score: context times ease plus circumstances."""
    score = measured.dpc * measured.ei + measured.cb
    return next(name for least, name in BANDS if score >= least), score


def measures(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return what was done and what is planned, each with its instant."""
    listed = given(facts.measures)
    ordered = sorted(listed, key=lambda each: (not each.done, each.at))
    return (Rows(tuple(_measure(each, t) for each in ordered)),)


def actions(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return what we ask the customer to do, in order."""
    period = known(facts.period)
    texts = []
    for each in given(facts.actions):
        if each.kind == "other":
            texts.append(each.note.read(t.language))
            continue
        key = f"action.{each.kind}"
        if each.kind == "review_logs" and period is None:
            key = "action.review_logs_open"
        begun = t.instant(period.looked_at_from) if period else ""
        texts.append(f"{t(key, begun=begun)} {each.note.read(t.language)}".strip())
    return (Items(tuple(texts), numbered=True),)


def contact(facts: Facts, t: Speech) -> tuple[Block, ...]:
    """Return whom to ask, our data protection officer, and the key we sign with."""
    rows = list(_reach(given(facts.processor.contact), t))
    officer = facts.processor.dpo
    if officer is None:
        rows.append((t("label.dpo"), t("contact.none")))
    else:
        dpo = given(officer)
        rows.append((t("label.dpo"), f"{dpo.name}, {dpo.phone}, {dpo.email}"))
    if not facts.processor.signing_key:
        return (Rows(tuple(rows)),)
    rows.append((t("label.key"), facts.processor.signing_key))
    if not facts.processor.key_in_contract:
        return (Rows(tuple(rows)),)
    return (Rows(tuple(rows)), Para(t("contact.key"), "small"))


def still_open(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return what is not known yet and when we write again."""
    said = [
        each.note.read(t.language)
        if each.kind == "other"
        else f"{t(f'open.{each.kind}')} {each.note.read(t.language)}".strip()
        for each in facts.open_points
    ]
    texts = (*said, *unsaid(facts, t))
    listed: Block = Items(texts) if texts else Para(t("open.none"))
    if facts.kind == "final":
        return (listed, Para(t("open.final")))
    at = t.instant(given(facts.next_update_at))
    return (listed, Para(t("open.next", at=at)))


def unsaid(facts: NoticeFacts, t: Speech) -> tuple[str, ...]:
    """Return what the facts themselves leave open and no open point names, in words.

    Nobody is told that nothing is open beside a fact that is not known yet.
    """
    nature, period = given(facts.nature), known(facts.period)
    follows = given(facts.consequences)
    rows = [part for each in given(facts.affected) for part in (each.records, each.subjects)]
    secret = "confidentiality" in nature.effects
    found = {
        "touched": given(facts.standing).standing == "possible",
        "touched_too": bool(maybe(facts)),
        "exfiltration": secret and taken_out(facts) in ("tbd", "possible"),
        "intelligibility": secret and nature.intelligibility == "tbd",
        "type": nature.incident_type == "x",
        "cause": nature.cause == "e",
        "period": isinstance(facts.period, NotYet),
        "ends": period is not None and period.ended_at is None,
        "systems": isinstance(facts.systems, NotYet),
        "numbers": any(isinstance(each, NotYet) for each in (facts.subjects, facts.records, *rows)),
        "consequences": "o" in follows.impacts
        or any(ASSESSING[effect] in codes for effect, _, codes in of_data(facts)),
        "severity": isinstance(facts.severity, NotYet),
        "measures_before": isinstance(facts.measures_before, NotYet),
    }
    said = {each.kind for each in facts.open_points}
    names = t.listed(t(f"category.{each.category}") for each in maybe(facts))
    return tuple(
        t(f"open.{name}", categories=names)
        for name, is_open in found.items()
        if is_open and name not in said
    )


def acknowledge(facts: Facts, t: Speech) -> tuple[Block, ...]:
    """Return how to acknowledge the notice."""
    code, address = facts.acknowledgement_code, facts.reply_to
    how = t("acknowledge.how", address=address, code=code)
    if facts.calls:
        how = f"{how} {t('acknowledge.call')}"
    return (
        Rows(((t("acknowledge.short"), code),)),
        Para(how),
    )


def legal(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return under what this notice is given, and the small print on the 72 hours."""
    hour = facts.first_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    small = "legal.small_print_told" if facts.told else "legal.small_print"
    small = "legal.small_print_uk" if facts.law == "uk" else small
    latest = t(small, at=t.instant(hour + OWN_PERIOD))
    return (Para(t("legal.note")), Para(latest, "small"))


def _inside(text: str, t: Speech) -> str:
    """Return a sentence of a form as it stands after a semicolon."""
    return t.typeset(text[:1].lower() + text[1:])


def _reach(person: Contact, t: Speech) -> tuple[tuple[str, str], ...]:
    function = person.function.read(t.language)
    return (
        (t("label.name"), f"{person.name}, {function}" if function else person.name),
        (t("label.phone"), person.phone),
        (t("label.email"), person.email),
        (t("label.hours"), t.sentence(t("contact.always" if person.always else "contact.hours"))),
    )


def _measure(each: Measure, t: Speech) -> tuple[str, str]:
    when = t("measure.done" if each.done else "measure.planned")
    note = each.note.read(t.language)
    if each.kind == "other":
        text = note
    else:
        text = t(f"measure.{each.kind}" if each.done else f"measure.{each.kind}_planned")
        text = f"{text} {note}".strip()
    return (f"{when}, {t.instant(each.at)}", text)

"""The dossier: one PDF for people and machines, for one customer.

The same facts give the same bytes, and an approval can be bound to them; see ``pdf``.

Source: GDPR Art. 33(3).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from incidents.documents import (
    about_breach,
    about_logs,
    about_numbers,
    about_response,
    annex,
    pdf,
    union,
)
from incidents.documents.about_breach import given, known
from incidents.documents.answers import answers
from incidents.documents.blocks import Block, Para, Section, Table
from incidents.documents.fact import Known, Language, NotYet, Source
from incidents.documents.facts import NoticeFacts
from incidents.documents.missing import check
from incidents.documents.speech import Speech, same_minute
from incidents.documents.union import Entry

NEW_PAGE = ("detail", "yours", "annex_form", "annex_edpb")
"""Sections that begin a page in print."""


def render_dossier(facts: NoticeFacts, language: Language) -> dict[str, bytes]:
    """Return ``dossier.pdf`` and the ``dossier.json`` that lies inside it.

    Raises:
        MissingFacts: A fact is missing; nothing was rendered.
        Refusal: The compiler cannot make the PDF; nothing was rendered.
    """
    check(facts, language)
    t = Speech(language, facts.customer.time_zone, facts.law)
    found = answers(facts, t)
    data = union.to_json(facts, found)
    document = _document(facts, t, found)
    made = pdf.compiled(document, data, of=facts.reference, customer=facts.customer.id)
    return {"dossier.pdf": made, "dossier.json": data}


def undrawn(facts: NoticeFacts, language: Language) -> set[str]:
    """Return the letters that the PDF shows as their code points, as its fonts lack them.

    Raises:
        MissingFacts: A fact is missing: there is no PDF.
    """
    check(facts, language)
    t = Speech(language, facts.customer.time_zone, facts.law)
    document = _document(facts, t, answers(facts, t))
    return pdf.undrawn(document)


def _document(facts: NoticeFacts, t: Speech, found: Mapping[str, Entry]) -> dict[str, object]:
    kind = about_breach.kind(facts, t)
    return pdf.document(facts, t, "dossier", kind, _sections(facts, t, found))


def _sections(facts: NoticeFacts, t: Speech, found: Mapping[str, Entry]) -> list[Section]:
    breach, response = about_breach, about_response
    nature = (*breach.happened(facts, t), *breach.access(facts, t), *breach.people(facts, t))
    form = annex.form(facts, found, t)
    authority = t(f"{facts.customer.authority}.name") if form else ""
    parts: list[tuple[str, tuple[Block, ...], int]] = [
        ("four", (), 1),
        ("point_a", (*nature, *breach.data(facts, t)), 2),
        ("point_b", response.contact(facts, t), 2),
        ("point_c", response.consequences(facts, t), 2),
        ("point_d", response.measures(facts, t), 2),
        ("detail", (), 1),
        ("how_title", (Para(t("dossier.how")),), 2),
        ("status", breach.status(facts, t), 2),
        ("times", breach.times(facts, t), 2),
        ("timeline", _timeline(facts, t), 2),
        ("account", breach.account(facts, t), 2),
        ("numbers", about_numbers.numbers(facts, t), 2),
        ("systems", _systems(facts, t), 2),
        ("coverage", about_logs.tables(facts, t), 2),
        ("parties", _parties(facts, t), 2),
        ("actions", response.actions(facts, t), 2),
        ("open", response.still_open(facts, t), 2),
        ("legal", response.legal(facts, t), 2),
        ("yours", annex.yours(facts, found, t), 1),
        ("sources", _sources(facts, t), 1),
        ("annex_form", form, 1),
        ("annex_edpb", annex.edpb_fields(facts, found, t), 1),
    ]
    return [
        Section(t(f"dossier.{name}", authority=authority), blocks, level, name in NEW_PAGE)
        for name, blocks, level in parts
        if blocks or (level == 1 and name != "annex_form")
    ]


def _timeline(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    said = [(each.at, each.what.read(t.language), each.source) for each in facts.timeline]
    told = {t.instant(at) for at, _, _ in said}
    said += [
        (at, t(f"timeline.{what}"), source)
        for at, what, source in _instants(facts)
        if t.instant(at) not in told
    ]
    rows = tuple(
        (t.instant(at), what, _source(source, t)) for at, what, source in sorted(said, key=_at)
    )
    return _table("timeline", ("instant", "what", "source"), rows, (5, 7, 4), t)


def _at(moment: tuple[datetime, str, Source]) -> datetime:
    return moment[0]


def _instants(facts: NoticeFacts) -> Iterator[tuple[datetime, str, Source]]:
    """Yield what the facts themselves date, so that no timeline is empty."""
    clock, nature = facts.clock, facts.nature
    period = known(facts.period)
    of = "breach" if given(facts.standing).standing == "confirmed" else "attack"
    if period is not None and isinstance(facts.period, Known):
        yield period.begun_at, f"begun_{of}", facts.period.source
        ended = period.ended_at
        if ended is not None and not same_minute(period.begun_at, ended):
            yield ended, f"ended_{of}", facts.period.source
    assert isinstance(clock, Known)
    assert isinstance(nature, Known)
    found = Source(kind="report" if clock.value.known_by == "report" else "log")
    yield clock.value.known_at, clock.value.known_by, found
    if clock.value.aware_at is not None:
        yield clock.value.aware_at, "aware", Source(kind="decision")
    if facts.told is not None:
        yield facts.told.at, "told", Source(kind="processor")
    if nature.value.contained_at is not None:
        yield nature.value.contained_at, "contained", nature.source


def _systems(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    rows = tuple(
        (
            each.name
            if each.standing == "confirmed"
            else t("form.marked_possible", what=each.name),
            t(f"system.{each.kind}"),
            each.location,
            t("form.yes" if each.object_log else "form.no"),
        )
        for each in known(facts.systems) or ()
    )
    if not rows:
        return (Para(t.sentence(t("form.not_yet"))),)
    return _table("systems", ("system", "kind", "place", "reads"), rows, (5, 4, 5, 4), t)


def _parties(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    us = facts.processor
    rows = (
        (us.name, t("dossier.us"), us.address or t("form.none")),
        *((each.name, t(f"role.{each.role}"), each.location) for each in facts.parties),
    )
    return _table("parties", ("name", "role", "place"), rows, (5, 5, 6), t)


def _sources(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    given_ = {name: getattr(facts, name) for name in type(facts).model_fields}
    named = {**given_, "contact": facts.processor.contact, "dpo": facts.processor.dpo}
    rows = []
    for name, fact in named.items():
        if not isinstance(fact, Known | NotYet):
            continue
        confirmed = fact.confirmed_at if isinstance(fact, Known) else fact.source.at
        when = t.instant(confirmed) if confirmed else t("source.on_approval")
        said = _source(fact.source, t)
        if isinstance(fact, NotYet):
            said = t.sentence(t("form.not_yet"))
        rows.append((t(f"fact.{name}"), said, when))
    table = _table("sources", ("fact", "source", "confirmed"), tuple(rows), (4, 6, 5), t)
    return (*table, *pdf.ledger(facts, t))


def _source(source: Source, t: Speech) -> str:
    said = t.sentence(t(f"source.{source.kind}", reference=source.reference).strip(" :\u00a0"))
    return t("source.at", source=said, at=t.instant(source.at)) if source.at else said


def _table(
    name: str,
    head: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    widths: tuple[int, ...],
    t: Speech,
) -> tuple[Block, ...]:
    return (Table(t(f"dossier.{name}"), tuple(t(f"table.{each}") for each in head), rows, widths),)

"""What happened, in words: status, times, nature, this customer's data.

Source: Commission Implementing Decision (EU) 2021/915, clause 9.2(a); GDPR Art. 33(3)(a).
"""

from datetime import timedelta
from typing import TypeVar

from incidents.documents import edpb
from incidents.documents.blocks import Block, Para, Rows, Table
from incidents.documents.breach import Affected, Range
from incidents.documents.fact import Known, Missing, NotYet
from incidents.documents.facts import NoticeFacts
from incidents.documents.speech import Speech, same_minute

T = TypeVar("T")

OWN_PERIOD = timedelta(hours=72)
"""Of the controller, GDPR Art. 33(1): elapsed time, shown and never counted for it."""


def known(fact: Known[T] | NotYet | Missing | None) -> T | None:
    """Return the value of a fact, None if there is none yet."""
    return fact.value if isinstance(fact, Known) else None


def given(fact: Known[T] | Missing) -> T:
    """Return the value of a fact that ``check`` has seen."""
    assert isinstance(fact, Known)
    return fact.value


def kind(facts: NoticeFacts, t: Speech) -> str:
    """Return what this notice is."""
    return t(f"kind.{facts.kind}_{facts.status}", version=facts.version)


def status(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return what this notice is and what is new in it."""
    rows = (
        (t("label.notice"), kind(facts, t)),
        (t("label.reference"), f"{facts.reference}, {t('label.version').lower()} {facts.version}"),
        (t("label.prepared"), t.instant(facts.prepared_at)),
        (t("label.zone"), t.sentence(t.zone)),
    )
    changes = facts.changes.read(t.language)
    new = (Para(t("section.changes"), "strong"), Para(changes)) if changes else ()
    return (Rows(rows), *new)


def times(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return when it was, since when we know, and both readings of our clock."""
    clock = given(facts.clock)
    detected = "label.detected" if clock.known_by == "detection" else "label.reported"
    strict = "label.strict" if clock.known_by == "detection" else "label.strict_report"
    before_known = clock.aware_at is not None and clock.aware_at < clock.known_at
    aware = t("times.not_aware")
    if clock.aware_at:
        aware = t.instant(clock.aware_at)
        aware = t("times.aware_of_attack", at=aware) if facts.status == "suspected" else aware
    rows = [
        (t("label.breach"), t.sentence(_period(facts, t))),
        (t(detected), t.instant(clock.known_at)),
        (t("label.aware"), aware),
    ]
    if clock.starts_at and clock.starts_at != clock.aware_at:
        rows.append(
            (t("label.starts"), t(f"times.starts_{clock.starts_by}", at=t.instant(clock.starts_at)))
        )
    if facts.told:
        told = t("times.told", at=t.instant(facts.told.at), version=facts.told.version)
        rows.append((t("label.told"), told))
    if clock.due_at:
        due = t("times.due", at=t.instant(clock.due_at), hours=clock.hours)
        rows.append((t("label.due"), due))
    if clock.aware_due_at or before_known:  # then awareness is what was first
        aware_due_at = clock.aware_due_at or clock.strict_due_at
        rows.append((t("label.aware_due"), t.instant(aware_due_at)))
    if not before_known:
        rows.append((t(strict), t.instant(clock.strict_due_at)))
    blocks: list[Block] = [Rows(tuple(rows))]
    blocks += [
        Para(
            t(
                "times.corrected",
                corrected=t.instant(each.corrected_at),
                former=t.instant(each.former_at),
            )
        )
        for each in clock.corrections
    ]
    if facts.is_told_late:
        late = "late_told" if facts.told else "late"
        blocks.append(Para(t(f"label.{late}"), "strong"))
        blocks.append(Para(t(f"times.{late}", reason=clock.late_reason.read(t.language))))
    return (*blocks, Para(t("label.own_72"), "strong"), Para(_own_period(facts, t)))


def _own_period(facts: NoticeFacts, t: Speech) -> str:
    """Return when the customer's own 72 hours run: from its first notice, whatever follows it."""
    ends = t.instant(facts.first_at + OWN_PERIOD)
    if facts.told is None:
        return t("times.own_72", at=ends)
    surer = facts.told.status == "suspected" and facts.status == "established"
    key = "times.own_72_suspected" if surer else "times.own_72_told"
    return t(key, sent=t.instant(facts.told.at), at=ends)


def happened(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return the narrative and the nature of the breach."""
    nature = given(facts.nature)
    stopped = t.instant(nature.contained_at) if nature.contained_at else t("times.not_contained")
    rows = [
        (t("label.effects"), t.sentence(t.joined(t(f"effect.{e}") for e in nature.effects))),
        (t("label.type"), t.typeset(edpb.word(60, nature.incident_type, t.language))),
        (t("label.cause"), t.sentence(t(f"cause.{nature.cause}"))),
        (t("label.contained"), stopped),
    ]
    for field, name in ((58, "integrity_state"), (59, "availability_state")):
        state = getattr(nature, name)
        if state:
            said = t.typeset(edpb.word(field, edpb.code(field, state), t.language))
            rows.append((t(f"label.{name}"), said))
    return (Para(given(facts.narrative).read(t.language)), Rows(tuple(rows)))


def account(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return how this customer stands, and what is excluded."""
    standing = given(facts.standing)
    said = f"{t(f'standing.{standing.standing}')} {ground(standing.shown_by, facts, t)}"
    shown = t("standing.run", run=standing.run, at=t.instant(standing.first_shown_at))
    if standing.possible_at:
        at, run = t.instant(standing.possible_at), standing.possible_run
        shown = f"{shown} {t('standing.run_possible', run=run, at=at)}"
    blocks: list[Block] = [Para(f"{said} {shown}")]
    if facts.customer.accounts:
        blocks.append(Rows(((t("label.account"), ", ".join(facts.customer.accounts)),)))
    stated = [
        t(f"category.{each.category}")
        for each in given(facts.affected)
        if each.standing == "confirmed" and each.shown_by == "stated" != standing.shown_by
    ]
    if stated:
        blocks.append(Para(t("standing.also_stated", categories=t.listed(stated))))
    parts: dict[str, list[str]] = {}
    for each in maybe(facts):
        shown_by = each.shown_by or standing.shown_by
        parts.setdefault(shown_by, []).append(t(f"category.{each.category}"))
    for why, found in parts.items():
        also = t("standing.also_possible", categories=t.listed(found))
        blocks.append(Para(f"{also} {ground(why, facts, t, sure=False)}"))
    if standing.excluded:
        names = t.listed(t(f"category.{each}") for each in standing.excluded)
        blocks.append(Para(t("standing.excluded", categories=names)))
    return tuple(blocks)


def ground(shown_by: str, facts: NoticeFacts, t: Speech, *, sure: bool = True) -> str:
    """Return what shows that data were touched; of data not ``sure``, that they may have been."""
    may = not sure or _touched(facts) == "possible"
    return t(f"standing.by_{shown_by}{'_possible' if may and shown_by == 'stated' else ''}")


def data(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return the categories touched, with their numbers, and whether they could be read."""
    rows = tuple(
        (
            t.sentence(category_name(each, facts, t)),
            t.listed(t(f"effect_short.{effect}") for effect in each.effects),
            amount(known(each.records), "plain", t),
            amount(known(each.subjects), "plain", t),
        )
        for each in given(facts.affected)
    )
    head = tuple(t(f"table.{name}") for name in ("category", "effect", "records", "people"))
    caption = t(f"table.caption_{_touched(facts)}", customer=facts.customer.name)
    table, nature = Table(caption, head, rows, (4, 4, 5, 5)), given(facts.nature)
    if "confidentiality" not in nature.effects:
        return (table,)
    readable = (t("label.intelligibility"), t(f"intelligibility.{nature.intelligibility}"))
    return (table, Rows((readable,)))


def people(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return who is concerned, and how many."""
    categories = subjects(facts, t)
    rows = (
        (t("label.categories"), t.sentence(categories)),
        (t("label.subjects"), t.sentence(amount(known(facts.subjects), "people", t))),
        (t("label.records"), t.sentence(amount(known(facts.records), "records", t))),
    )
    return (Rows(rows),)


def access(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return who had access, where somebody said so, and whether data left; nothing without."""
    nature, rows = given(facts.nature), list[tuple[str, str]]()
    if accessed_by := who_had_access(facts):
        rows.append((t("label.access"), t(f"accessed_by.{accessed_by}")))
    if "confidentiality" in nature.effects:
        rows.append((t("label.exfiltration"), t(f"exfiltration.{taken_out(facts)}")))
    return (Rows(tuple(rows)),) if rows else ()


def maybe(facts: NoticeFacts) -> tuple[Affected, ...]:
    """Return the categories that are only possible, of a customer of which others are sure."""
    if _touched(facts) != "confirmed":
        return ()
    return tuple(each for each in given(facts.affected) if each.standing == "possible")


def categories(facts: NoticeFacts, t: Speech) -> str:
    """Return the names of the categories touched, those that are only possible as such."""
    unsure = maybe(facts)
    sure = [each for each in given(facts.affected) if each not in unsure]
    names = [[t(f"category.{each.category}") for each in of] for of in (sure, unsure)]
    return _beside(names[0], names[1], t)


def subjects(facts: NoticeFacts, t: Speech) -> str:
    """Return who is concerned, those that only may be as such."""
    groups = (given(facts.subject_categories), facts.possible_subjects)
    names = [[t(f"subjects.{each}") for each in of] for of in groups]
    return _beside(names[0], names[1], t)


def _beside(sure: list[str], unsure: list[str], t: Speech) -> str:
    if not unsure:
        return t.joined(sure)
    possibly = t("form.possibly", what=t.listed(unsure))
    return t.joined((*sure, possibly))


def category_name(each: Affected, facts: NoticeFacts, t: Speech) -> str:
    """Return the name of a category, one that is only possible as such."""
    name = t(f"category.{each.category}")
    return t("form.marked_possible", what=name) if each in maybe(facts) else name


def who_had_access(facts: NoticeFacts) -> str | None:
    """Return who had access to this customer's data; None where that is not said or not sure."""
    return given(facts.nature).accessed_by if _touched(facts) == "confirmed" else None


def taken_out(facts: NoticeFacts) -> str:
    """Return whether this customer's data left: what left of others' may be none of its own."""
    said = given(facts.nature).exfiltration
    sure = _touched(facts) == "confirmed"
    return said if sure or said not in ("exfiltrated", "likely") else "possible"


def _touched(facts: NoticeFacts) -> str:
    return given(facts.standing).standing


def amount(value: Range | None, key: str, t: Speech) -> str:
    """Return a number in words, or that it is not known yet."""
    return t.range(key, value) if value else t("form.number_not_yet")


def _period(facts: NoticeFacts, t: Speech) -> str:
    period = known(facts.period)
    if period is None:
        return t("form.time_not_yet")
    begun, ended = period.begun_at, period.ended_at
    text = t("times.ongoing", begun=t.instant(begun)) if ended is None else t.span(begun, ended)
    may = ""
    if period.possible_from and period.possible_until:
        span = t.span(period.possible_from, period.possible_until)
        may = f" {t('times.possibly', span=span)}"
    method = "estimate" if period.estimated else period.method
    if method == "log_events" and _touched(facts) == "possible":
        return f"{text}. {t('times.of_attack')}{may}"
    if method == "log_events" and ended is None:
        return f"{text}. {t('times.by_log_events_ongoing')}{may}"
    one = ended is None or same_minute(begun, ended)
    return f"{text}. {t(f'times.by_{method}_one' if one else f'times.by_{method}')}{may}"

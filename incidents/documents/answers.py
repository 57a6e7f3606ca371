"""What we can answer of what authorities ask: facts in, entries of the union schema out.

Source: EDPB common template, fields 3 to 126, whose codes stand here by their letters.
"""

from typing import Any

from incidents.documents import about_breach, about_numbers, about_response, edpb, log_entries
from incidents.documents.about_breach import given, known
from incidents.documents.entries import bounds, count, entry, instant, labelled, texts
from incidents.documents.fact import Known, Missing, Source
from incidents.documents.facts import Contact, NoticeFacts
from incidents.documents.speech import Speech
from incidents.documents.union import Entry, stamp

SUBJECTS = {"customers": "a", "employees": "b", "suppliers": "j"}
DATA = {"identification": "a", "contact": "b", "work": "u", "billing": "l", "conversations": "u"}
PREVENTIVE = {"permissions_reviewed": "i", "mfa_enforced": "j", "monitoring_raised": "o"}
NOTICE = {"initial": ("a", "b"), "update": ("b", "b"), "final": ("b", "a")}
"""Fields 3 and 4, proposed to the controller, who files."""

OURS = Source(kind="processor")


def answers(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    """Return every answer we can give, by key of the union schema."""
    return {
        **_case(facts, t),
        **_parties(facts, t),
        **_times(facts, t),
        **_nature(facts, t),
        **_numbers(facts, t),
        **_consequences(facts, t),
        **_response(facts, t),
    }


def _case(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    standing = given(facts.standing)
    shown = about_breach.ground(standing.shown_by, facts, t)
    said = f"{t(f'standing.{standing.standing}')} {shown}"
    return {
        "notice_kind": Entry(facts.kind, about_breach.kind(facts, t)),
        "breach_status": Entry(facts.status, about_breach.kind(facts, t)),
        "customer_status": entry(facts.standing, standing.standing, said, theirs=True),
        "negative_findings": log_entries.negative_findings(facts, t),
        "evidence_manifest": Entry(
            facts.checkpoint.model_dump() if facts.checkpoint else None,
            t("dossier.checkpoint", number=facts.checkpoint.number) if facts.checkpoint else "",
            Source(kind="ledger", reference=str(facts.checkpoint.number))
            if facts.checkpoint
            else None,
        ),
    }


def _parties(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    us, customer = facts.processor, facts.customer
    desk = given(us.contact)
    parties = [
        {"role": "processor", "name": us.name, "location": us.address, "contact": _reach(desk)},
        *(each.model_dump() for each in facts.parties),
    ]
    found = {
        "controller.name": customer.name,
        "controller.contact": customer.address,
        "controller.sector_note": customer.sector,
        "dpo.name": customer.dpo.name if customer.dpo else "",
        "dpo.contact": _reach(customer.dpo),
        "contact_point.name": customer.contact.name if customer.contact else "",
        "contact_point.contact": _reach(customer.contact),
    }
    register = Source(kind="register", reference=customer.id)
    said = {
        key: Entry(text, text, register, confirm="controller")
        for key, text in found.items()
        if text
    }
    if customer.sector:
        sector = said["controller.sector_note"]
        said["controller.sector_note"] = sector._replace(text=t.sentence(t.sector(customer.sector)))
    if customer.dpo:
        said["dpo.designated"] = Entry(True, t("form.yes"), register, confirm="controller")
    place = [f"{each['location']}, {each['contact']}".strip(", ") for each in parties]
    roles = [t(f"role.{each['role']}") for each in parties]
    names = [each["name"] for each in parties]
    whole = [
        f"{name} ({role}), {where}" for name, role, where in zip(names, roles, place, strict=True)
    ]
    return {
        **said,
        "other_parties.present": Entry("a", t("form.yes"), OURS),
        "other_parties": Entry(parties, t.joined(_numbered(whole)), OURS),
        "other_parties.role": Entry(
            [each["role"] for each in parties],
            t.joined(_numbered(roles)),
            OURS,
        ),
        "other_parties.name": Entry(names, t.joined(_numbered(names)), OURS),
        "other_parties.contact": Entry(place, t.joined(_numbered(place)), OURS),
    }


def _times(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    clock, period = given(facts.clock), known(facts.period)
    ended = period.ended_at if period else None
    mode = "tbd" if period is None else "ongoing" if ended is None else "range"
    if period and ended and t.same_day(period.begun_at, ended):
        mode = "day"
    rows = dict(labelled(about_breach.times(facts, t)))
    found = f"{t(f'discovery.{clock.known_by}')} {t.instant(clock.known_at)}."
    estimated = bool(period and period.estimated)
    return {
        "occurrence_mode": entry(facts.period, mode, rows[t("label.breach")], theirs=True),
        "occurrence_estimated": entry(
            facts.period, estimated, t("form.yes" if estimated else "form.no")
        ),
        "t_begin": instant(facts.period, period.begun_at if period else None, t),
        "t_end": instant(facts.period, ended, t),
        "t_detected": instant(facts.clock, clock.known_at, t),
        "t_aware_processor": instant(facts.clock, clock.aware_at, t),
        "t_contract_due": instant(facts.clock, clock.due_at, t),
        "t_aware_due": instant(facts.clock, clock.aware_due_at, t),
        "t_strict_due": instant(facts.clock, clock.strict_due_at, t),
        "t_notified_controller": Entry(
            stamp(facts.first_at),
            t.instant(facts.first_at),
            Source(kind="ledger", reference=facts.reference),
            confirm="controller",
        ),
        "timeline_note": Entry(
            None,
            " ".join(f"{key}{t('form.colon')}{text.rstrip('.')}." for key, text in rows.items()),
        ),
        "discovery": entry(facts.clock, "processor", found),
        "discovery_note": entry(facts.clock, found, found),
    }


def _nature(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    nature, systems = given(facts.nature), known(facts.systems)
    by = about_breach.who_had_access(facts)
    taken, cyber = about_breach.taken_out(facts), edpb.cyber(nature.incident_type)
    found: dict[str, tuple[Any, str]] = {
        "effects": (list(nature.effects), texts(about_breach.happened(facts, t)[1:], 1)),
        "confidentiality_state": (
            ("tbd" if taken == "possible" else taken)
            if "confidentiality" in nature.effects
            else None,
            t(f"exfiltration.{taken}"),
        ),
        "intelligibility": (
            nature.intelligibility if "confidentiality" in nature.effects else None,
            t(f"intelligibility.{nature.intelligibility}"),
        ),
        "integrity_state": (nature.integrity_state, ""),
        "availability_state": (nature.availability_state, ""),
        "incident_type": (nature.incident_type, edpb.word(60, nature.incident_type, t.language)),
        "cause": (nature.cause, edpb.word(61, nature.cause, t.language)),
        "accessed_by": (by, t(f"accessed_by.{by}") if by else ""),
        "cyber": (cyber, t(f"cyber.{cyber}")),
    }
    entries = {
        key: entry(facts.nature, value, text, theirs=True)
        for key, (value, text) in found.items()
        if value is not None
    }
    narrative = given(facts.narrative).read(t.language)
    places = [f"{s.name} ({t(f'system.{s.kind}')}), {s.location}" for s in systems or ()]
    return {
        **entries,
        "narrative": entry(facts.narrative, narrative, narrative, theirs=True),
        "systems": entry(
            facts.systems, [each.model_dump() for each in systems or ()], t.joined(places)
        ),
    }


def _numbers(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    affected, unsure = given(facts.affected), about_breach.maybe(facts)
    sure = given(facts.standing).standing == "confirmed"
    codes = [
        sorted({DATA[e.category] for e in affected if (e in unsure) is of}) for of in (False, True)
    ]
    who, what = about_breach.subjects(facts, t), about_breach.categories(facts, t)
    people = [
        sorted({SUBJECTS[each] for each in of})
        for of in (given(facts.subject_categories), facts.possible_subjects)
    ]
    return {
        "subject_categories": entry(facts.subject_categories, people[0], who, possible=not sure),
        **_possible("subject_categories", facts.subject_categories, people[1], who),
        "subject_categories_note": entry(facts.subject_categories, who, who),
        **count("subjects_count", facts.subjects, "people", t),
        "data_types": entry(facts.affected, codes[0], what, possible=not sure),
        **_possible("data_types", facts.affected, codes[1], what),
        "data_types_note": entry(facts.affected, what, what),
        **count("records", facts.records, "records", t),
        "affected": entry(
            facts.affected,
            [
                {
                    "category": each.category,
                    "effects": list(each.effects),
                    "records": bounds(known(each.records)),
                    "subjects": bounds(known(each.subjects)),
                    "standing": each.standing if sure else "possible",
                    "shown_by": each.shown_by,
                }
                for each in affected
            ],
            what,
            possible=not sure or bool(unsure),
        ),
        "coverage": log_entries.coverage(facts, t),
        "versions": Entry(
            facts.versions.model_dump() if facts.versions else None,
            about_numbers.versions(facts.versions, t) if facts.versions else "",
            Source(kind="impact", reference=str(facts.versions.run)) if facts.versions else None,
        ),
    }


def _possible(
    key: str, fact: Known[Any] | Missing, codes: list[str], said: str
) -> dict[str, Entry]:
    """Return the codes of what is only possible, beside those that are sure; {} without any."""
    return {f"{key}_possible": entry(fact, codes, said, possible=True)} if codes else {}


def _consequences(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    value = given(facts.consequences)
    found = {}
    of_data = about_response.of_data(facts)
    for key, field, codes in (
        *((f"consequences.{effect}", field, codes) for effect, field, codes in of_data),
        ("impacts", 85, value.impacts),
    ):
        said = t.joined(edpb.word(field, each, t.language) for each in codes)
        found[key] = entry(facts.consequences, list(codes), said, suggested=True)
    if note := value.note.read(t.language):
        found["impacts_note"] = entry(facts.consequences, note, note, suggested=True)
    measured = known(facts.severity)
    if measured and facts.severity:
        band, score = about_response.band(measured)
        said = texts(about_response.severity(facts, t)[:1])
        parts = {**measured.model_dump(), "score": score, "band": band}
        found["severity"] = entry(facts.severity, parts, said, suggested=True)
    return found


def _response(facts: NoticeFacts, t: Speech) -> dict[str, Entry]:
    measures = given(facts.measures)
    rows = list(labelled(about_response.measures(facts, t)))
    kinds = sorted({PREVENTIVE[each.kind] for each in measures if each.kind in PREVENTIVE})
    taken = " ".join(f"{when}{t('form.colon')}{text}" for when, text in rows)
    before = known(facts.measures_before)
    ask = texts(about_response.actions(facts, t))
    left = texts(about_response.still_open(facts, t)[:1])
    found = {
        "measures_taken": entry(facts.measures, taken, taken),
        "customer_actions": entry(facts.actions, ask, ask),
        "open_points": Entry(left, left, Source(kind="person")),
    }
    if kinds:
        said = t.joined(edpb.word(94, each, t.language) for each in kinds)
        found["measures_preventive"] = entry(facts.measures, kinds, said, theirs=True)
    if before and facts.measures_before:
        said = t.joined(edpb.word(edpb.BEFORE, each, t.language) for each in before)
        found["measures_before"] = entry(facts.measures_before, list(before), said)
    if facts.kind != "final":
        found["next_update_at"] = instant(facts.next_update_at, given(facts.next_update_at), t)
    return found


def _numbered(texts: list[str]) -> list[str]:
    """Return them with numbers where there are several: one party has one number in all fields."""
    if len(texts) == 1:
        return texts
    return [f"({number}) {text}" for number, text in enumerate(texts, 1)]


def _reach(person: Contact | None) -> str:
    """Return how to reach somebody: a register may know but an address, or but a number."""
    return ", ".join(filter(None, (person.email, person.phone))) if person else ""

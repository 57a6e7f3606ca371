"""What a notice says of a customer is what is known of that customer, and no more."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from incidents.documents import MissingFacts, NoticeFacts, render
from incidents.impact import Range
from tests.casework import office
from tests.casework.office import BOB, HOUR, MINUTE, MORNING, NOW
from tests.casework.worlds import (
    DAY,
    At,
    category,
    dossier,
    in_english,
    loosely_tied,
    with_impact,
    words,
    world,
)
from tests.incidents.reading import text_of
from tocsin.app.casework import acts, duties, filling, measuring, people
from tocsin.app.casework.desk import Desk

# ---- a customer that may have been touched


def test_a_possible_customer_is_told_of_a_suspicion_not_of_a_breach(
    suspected: NoticeFacts,
) -> None:
    assert "[SUSPECTÉE]" in words(suspected, "subject.txt")
    assert "[SUSPECTED]" in words(in_english(suspected), "subject.txt")
    text = words(in_english(suspected))
    assert "a breach is suspected" in text
    assert "This is not established yet." in text
    assert "confirmed" not in text.lower()
    assert dossier(suspected)["breach_status"]["value"] == "suspected"


def test_what_ties_a_possible_customer_is_said_as_it_is(suspected: NoticeFacts) -> None:
    text = words(in_english(suspected))
    assert "Your data may have been touched. A credential seen in the incident" in text
    assert "may have been honest work" in text
    assert "single reads show it" not in text
    assert "that were touched" not in text


def test_what_was_taken_from_others_was_possibly_taken_from_a_possible_customer(
    suspected: NoticeFacts,
) -> None:
    text = words(in_english(suspected))
    assert "Data taken out: Possibly." in text
    assert "Data were taken" not in text
    assert dossier(suspected)["confidentiality_state"]["value"] == "tbd"


def test_the_period_of_a_possible_customer_is_that_of_the_attack(suspected: NoticeFacts) -> None:
    assert suspected.period.state == "known"
    period = suspected.period.value
    assert (period.begun_at, period.ended_at) == (
        MORNING + 601 * MINUTE,
        MORNING + 613 * MINUTE,
    )
    text = words(in_english(suspected))
    assert "when the attack is seen in our logs" in text
    assert "event of it in our logs" not in text


def test_honest_work_alone_dates_no_attack(at: At) -> None:
    desk = at("assessed")
    duties.decide(desk, 1, ["c-3"], "notify", why="Be safe.", principal=BOB, now=NOW + HOUR)
    base = loosely_tied(world(desk), "c-3")
    for customer in ("c-1", "c-2"):
        base = with_impact(base, customer, events=0, lineage=0)
    facts = filling.facts(base, "c-3", version=1, now=NOW + HOUR)
    assert facts.period.state == "missing"


def test_the_period_of_one_that_a_person_decided_on_starts_with_that_decision(
    suspected: NoticeFacts,
) -> None:
    assert suspected.clock.state == "known"
    assert suspected.clock.value.starts_at == NOW + 2 * HOUR
    text = words(in_english(suspected))
    assert "a person here decided to tell you" in text
    assert "first showed that your data were touched" not in text


def test_the_reading_from_detection_counts_from_detection(suspected: NoticeFacts) -> None:
    assert suspected.clock.state == "known"
    clock = suspected.clock.value
    assert clock.known_at == NOW
    assert clock.strict_due_at == NOW + 2 * DAY
    assert clock.aware_due_at == NOW + 30 * MINUTE + 2 * DAY
    assert clock.due_at == NOW + 2 * HOUR + 2 * DAY
    text = words(in_english(suspected))
    assert "Counted from first detection: Wednesday 11 March 2026 at 15:00" in text
    assert "Counted from our awareness: Wednesday 11 March 2026 at 15:30" in text


def test_a_customer_that_the_judge_named_is_no_suspicion(at: At) -> None:
    desk = at("opened")
    office.judged(desk, customers=["c-3"])
    office.assessed(desk)
    facts = filling.facts(loosely_tied(world(desk), "c-3"), "c-3", version=1, now=NOW + HOUR)
    assert facts.status == "established"
    assert facts.standing.state == "known"
    assert (facts.standing.value.standing, facts.standing.value.shown_by) == ("confirmed", "person")


# ---- which run first showed it


def test_the_run_that_first_showed_a_customer_is_named_not_the_newest(at: At) -> None:
    desk = at("assessed")
    measuring.measure(desk, 1, principal=BOB, now=NOW + 2 * HOUR)
    facts = filling.facts(world(desk), "c-1", version=1, now=NOW + 3 * HOUR)
    assert facts.standing.state == "known"
    standing = facts.standing.value
    assert (standing.run, standing.first_shown_at) == (1, NOW)
    assert standing.possible_at is None
    assert facts.standing.source.reference == "2"  # what it says stands in the newest


def test_one_that_was_possible_first_shows_both_runs(at: At) -> None:
    desk = at("assessed")
    measuring.measure(desk, 1, principal=BOB, now=NOW + 2 * HOUR)
    base = world(desk)
    first = msgspec.structs.replace(base.shown["c-1"].possible, number=1)  # type: ignore[type-var] # there is one
    shown = {**base.shown, "c-1": base.shown["c-1"]._replace(possible=first, confirmed=base.run)}
    facts = filling.facts(
        base.model_copy(update={"shown": shown}), "c-1", version=1, now=NOW + 3 * HOUR
    )
    text = words(in_english(facts))
    assert "First shown by impact run 2 on" in text
    assert "As possibly touched, it was first shown by impact run 1 on" in text


# ---- where numbers come from


def test_the_day_of_the_inventory_goes_into_the_notice(at: At) -> None:
    found = Range(
        20, 100, 100, "bytes moved, 150 to 260 for a record; inventory of 2026-03-01: 100"
    )
    base = with_impact(
        world(at("assessed")), "c-1", categories=(category(records=found),), subjects=found
    )
    facts = filling.facts(base, "c-1", version=1, now=NOW + HOUR)
    for fact in (facts.records, facts.subjects):
        assert fact.state == "known"
        assert (fact.value.least_by, fact.value.most_by) == ("volume", "inventory")
        assert fact.value.as_of == date(2026, 3, 1)
    text = words(in_english(facts))
    assert "all that the inventory of 1 March 2026 holds" in text
    assert "Impact run 1; version 1 of the data map" in text


def test_a_sum_is_said_to_be_a_sum(at: At) -> None:
    one = Range(20, 100, 100, "bytes moved, 150 to 260 for a record; inventory of 2026-03-01: 100")
    two = Range(5, 5, 5, "5 objects named; inventory of 2026-03-01: 70")
    rows = (category(records=one), category("contact", two, stores=("lists",)))
    base = with_impact(world(at("assessed")), "c-1", categories=rows)
    facts = filling.facts(base, "c-1", version=1, now=NOW + HOUR)
    assert facts.records.state == "known"
    assert (facts.records.value.most, facts.records.value.most_by) == (105, "sum")


def test_how_a_sum_was_made_is_what_the_table_beside_it_gives(at: At) -> None:
    def held(number: int) -> Range:
        return Range(2, 9, number, f"{number} objects named; inventory of 2026-03-01: 9000")

    rows = (
        category("contact", held(5610), stores=("crm",)),
        category("identification", held(5610), stores=("crm",)),
        category("work-related", held(5500), stores=("crm", "desk")),
        category(records=held(170)),
    )
    facts = filling.facts(
        with_impact(world(at("assessed")), "c-1", categories=rows), "c-1", version=1, now=NOW + HOUR
    )
    assert facts.records.state == "known"
    # Of the same stores the larger counts; other stores may hold others.
    assert facts.records.value.most == 5610 + 5500 + 170
    assert "(categories kept in the same stores count once)" in words(in_english(facts))
    assert "les catégories conservées dans les mêmes espaces" in words(facts)


# ---- when it was


def given(desk: Desk, text: str) -> None:
    path = Path(desk.config.store.path).parents[1] / "more.toml"
    path.write_text(text)
    acts.assess(desk, 1, people.read(path), principal=BOB, now=NOW + HOUR)


def test_access_that_nobody_stopped_goes_on(at: At) -> None:
    desk = at("assessed")
    given(desk, office.FACTS.replace("contained_at = 2026-03-09T12:30:00Z", ""))
    facts = filling.facts(world(desk), "c-1", version=1, now=NOW + 2 * HOUR)
    assert facts.period.state == "known"
    assert facts.period.value.begun_at == MORNING + 601 * MINUTE
    assert facts.period.value.ended_at is None


def test_a_person_may_say_that_it_goes_on_by_naming_no_end(at: At) -> None:
    desk = at("assessed")
    given(desk, "[period]\nbegun_at = 2026-03-09T09:00:00Z\n")
    facts = filling.facts(world(desk), "c-1", version=1, now=NOW + 2 * HOUR)
    assert facts.period.state == "known"
    assert facts.period.value.ended_at is None
    assert "still going on" in words(in_english(facts))


# ---- what we promise


def test_no_call_is_promised_without_a_phone_or_a_number(at: At) -> None:
    base = world(at("assessed"))
    assert filling.facts(base, "c-1", version=1, now=NOW + HOUR).calls
    deaf = base.model_copy(update={"has_phone": False})
    assert not filling.facts(deaf, "c-1", version=1, now=NOW + HOUR).calls
    entry = base.customers["c-1"]
    contacts = tuple(one._replace(phone="") for one in entry.contacts if one.role == "breach")
    customers = {**base.customers, "c-1": entry._replace(contacts=contacts)}
    nameless = base.model_copy(update={"customers": customers})
    assert not filling.facts(nameless, "c-1", version=1, now=NOW + HOUR).calls


def test_a_relay_alone_makes_no_calls(at: At) -> None:
    desk = at("assessed", office.RELAY.replace("{port}", "25"))
    assert not world(desk).has_phone


def test_the_contract_is_not_said_to_name_a_key_that_was_just_made(at: At) -> None:
    base = world(at("assessed"))
    assert not filling.facts(base, "c-1", version=1, now=NOW + HOUR).processor.key_in_contract
    operator = base.operator.model_copy(update={"key_in_contract": True})
    base = base.model_copy(update={"operator": operator})
    assert filling.facts(base, "c-1", version=1, now=NOW + HOUR).processor.key_in_contract


@pytest.mark.parametrize("part", ["name", "location"])
def test_our_own_name_and_place_are_asked_of_who_configures_us(at: At, part: str) -> None:
    base = world(at("assessed"))
    operator = base.operator.model_copy(update={part: ""})
    facts = filling.facts(
        base.model_copy(update={"operator": operator}), "c-1", version=1, now=NOW + HOUR
    )
    with pytest.raises(MissingFacts) as caught:
        render(in_english(facts))
    (lacking,) = caught.value.facts
    assert lacking.fact == f"processor.{part}"
    assert f"[operator] {part} in config.toml" in lacking.how


def test_the_name_of_our_file_is_no_source_to_a_customer(at: At) -> None:
    facts = filling.facts(world(at("assessed")), "c-1", version=1, now=NOW + HOUR)
    (pdf,) = (text for name, text in render(in_english(facts)).items() if name.endswith(".pdf"))
    text = text_of(pdf)
    assert "config.toml" not in text
    assert "Our own particulars" in text

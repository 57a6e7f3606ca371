"""What nobody said is missing: named, with whose it is and how to give it; nothing is made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from incidents import obligations
from incidents.documents import MissingFacts
from tests.casework import office
from tests.casework.office import ALICE, BOB, CONTACTS, HOUR, MINUTE, NOW
from tocsin.app.casework import acts, filling, known, measuring, people, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, Refusal

At = Callable[..., Desk]
LATER = NOW + 20 * MINUTE
PEOPLES = {"nature", "narrative", "consequences", "measures", "actions", "next_update_at"}
FAULTY = """
not_yet = ["period"]
next_update_at = 2026-03-10T17:00:00
colour = "red"

[nature]
effects = ["colour"]
cause = "d"

[[measures]]
kind = "prayed"
at = 2026-03-09T12:30:00Z
done = "perhaps"
"""


def lacking(desk: Desk, folder: Path | None = None) -> dict[str, str]:
    """Return what a preview says is missing → how to give it; nothing was made or written."""
    before = office.everything(desk)
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, folder, principal=ALICE, now=LATER)
    assert office.everything(desk) == before
    assert folder is None or not folder.exists()
    for one in caught.value.facts:
        assert one.whose
        fact, _, customer = one.fact.partition(" of ")
        (line,) = [line for line in str(caught.value).splitlines() if f"  {fact}: from" in line]
        assert one.how.removesuffix(", in fr").removesuffix(", in en") in line
        assert customer in line
    return {one.fact: one.how for one in caught.value.facts}


def facts(desk: Desk, text: str) -> None:
    path = Path(desk.config.store.path).parents[1] / "more.toml"
    path.write_text(text)
    acts.assess(desk, 1, people.read(path), principal=BOB, now=LATER)


def take(desk: Desk, **texts: str) -> None:
    folder = Path(desk.config.store.path).parents[1]
    office.take_registers(desk, office.registers(folder, **texts), LATER)


def register(desk: Desk, name: str) -> str:
    return (Path(desk.config.store.path).parents[1] / "registers" / name).read_text()


def test_where_nobody_assessed_every_missing_fact_is_named_with_whose_it_is_and_how(
    at: At, tmp_path: Path
) -> None:
    desk = at("judged")
    found = lacking(desk, tmp_path / "out")
    assert found.keys() == {f"{fact} of {one}" for fact in PEOPLES for one in ("c-1", "c-2")}
    assert "tocsin incident assess 1 --facts" in found["nature of c-1"]
    assert found["narrative of c-1"].endswith("fr")
    assert found["narrative of c-2"].endswith("en")


def test_each_fact_that_is_given_is_missing_no_more(at: At) -> None:
    desk = at("judged")
    facts(desk, '[narrative]\nfr = "Une clé."\n')
    found = lacking(desk)
    assert "narrative of c-1" not in found
    assert "narrative of c-2" in found  # its customer reads English
    facts(desk, "next_update_at = 2026-03-10T17:00:00+01:00\n")
    assert "next_update_at of c-2" not in lacking(desk)
    facts(desk, office.FACTS)
    assert sending.preview(desk, 1, None, principal=ALICE, now=LATER).notices


def test_a_customer_whom_no_letter_reaches_is_named(at: At) -> None:
    desk = at("assessed")
    contacts = register(desk, "contacts.csv").splitlines()
    take(desk, contacts__csv="\n".join(one for one in contacts if not one.startswith("c-1")))
    assert list(lacking(desk)) == ["recipients of c-1"]


def test_a_notice_that_is_late_says_why_or_is_not_made(at: At) -> None:
    desk = at("assessed")
    late = NOW + 25 * HOUR  # over the 24 hours of c-2, within the 48 of c-1
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, None, principal=ALICE, now=late)
    assert [one.fact for one in caught.value.facts] == ["clock.late_reason of c-2"]
    facts(desk, '[late_reason]\nen = "The relay was down."\n')
    assert len(sending.preview(desk, 1, None, principal=ALICE, now=late).notices) == 2


def test_a_reason_given_before_it_was_late_counts_when_the_notice_says_it(at: At) -> None:
    desk = at("assessed")
    facts(desk, '[late_reason]\nen = "The relay was down."\n')
    late = NOW + 25 * HOUR
    made = sending.preview(desk, 1, None, principal=ALICE, now=late)
    sending.approve(desk, made.sha256, principal=ALICE, now=late)
    sending.send(desk, made.sha256, principal=ALICE, now=late)
    with desk.store.read() as db:
        owed = obligations.of_clause(db, obligations.NOTICE)
    assert {one.customer: one.late_reason for one in owed} == {
        "c-1": "",
        "c-2": "The relay was down.",
    }


def test_without_an_impact_run_or_a_decision_there_is_nothing_to_render(at: At) -> None:
    desk = at("opened")
    before = office.everything(desk)
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            sending.preview(desk, 1, None, principal=ALICE, now=LATER)
        assert caught.value.hint
        assert office.everything(desk) == before or "impact" not in caught.value.hint
        measuring.measure(desk, 1, principal=ALICE, now=LATER)
        before = office.everything(desk)


def test_a_facts_file_with_faults_names_all_of_them_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(FAULTY)
    with pytest.raises(ConfigError) as caught:
        people.read(path)
    said = str(caught.value).splitlines()
    places = {line.removeprefix(f"{path}: ").partition(":")[0] for line in said}
    assert all(line.startswith(f"{path}: ") for line in said)
    assert {
        "colour",
        "next_update_at",
        "nature.effects.1",
        "nature.incident_type",
        "measures.1.kind",
        "measures.1.done",
    } <= places
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[nature\n", "is no TOML"),
        ('not_yet = ["nature", "narrative"]\n', "nature, narrative cannot wait"),
    ],
)
def test_a_facts_file_that_cannot_be_is_refused(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=named):
        people.read(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        people.read(tmp_path / "none.toml")


def test_contacts_of_customers_stand_in_no_fact_of_another(at: At) -> None:
    desk = at("assessed")
    with desk.store.read() as db:
        world = known.world(desk, db, 1)
    for customer in ("c-1", "c-2"):
        made = filling.facts(world, customer, version=1, now=LATER).model_dump_json()
        for other, words in CONTACTS.items():
            assert other == customer or not any(word in made for word in words)

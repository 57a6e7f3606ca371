"""What ``notice preview`` shows: what is missing, said once, and the calls that go with it."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from incidents.documents import MissingFacts
from incidents.documents.missing import missing
from incidents.notices.lacking import Lacking, lines
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, NOW
from tests.casework.person import Person
from tocsin.app.casework import sending

AliceAt = Callable[[str], Person]


def test_a_fact_that_several_lack_is_named_once_with_the_languages_of_its_text(at: Copy) -> None:
    desk = at("judged")
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, None, principal=ALICE, now=NOW)
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert lines[0].endswith("customer 2 of 2: 6 facts missing")
    (nature,) = [line for line in lines if line.startswith("nature")]
    assert nature.endswith("--facts FILE.toml` (c-1, c-2)")
    (narrative,) = [line for line in lines if line.startswith("narrative")]
    assert narrative.endswith("(c-1, c-2; text in en, fr)")
    assert len(lines) == 7
    assert len(caught.value.facts) == 12  # each is still there, by customer


def test_a_text_is_asked_for_in_the_languages_that_lack_it(at: Copy) -> None:
    desk = at("assessed")
    late = NOW + 100 * office.HOUR  # both notices are late, and nobody said why
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, None, principal=ALICE, now=late)
    (line,) = str(caught.value).splitlines()[1:]
    assert line.endswith("(c-1, c-2; text in en, fr)")


def test_who_has_a_phone_alone_is_to_be_called_and_holds_up_nobody(at: Copy) -> None:
    desk = at("assessed")
    rows = ["customer;role;name;email;phone;verified_on"]
    for one, (email, phone, _, _) in office.CONTACTS.items():
        address = "" if one == "c-2" else email
        rows.append(f"{one};breach;Security desk;{address};{phone};2026-02-01")
    folder = Path(desk.config.store.path).parents[1]
    books = office.registers(folder, contacts__csv="\n".join(rows))
    office.take_registers(desk, books, NOW + office.MINUTE)
    later = NOW + 2 * office.MINUTE
    before = office.everything(desk)
    with pytest.raises(MissingFacts) as caught:
        sending.preview(desk, 1, None, principal=ALICE, now=later)
    (line,) = str(caught.value).splitlines()[1:]
    assert "an e-mail address of a contact with the role breach" in line
    assert f"it has only {office.CONTACTS['c-2'][1]}: call it" in line
    assert office.CONTACTS["c-1"][1] not in line
    assert line.endswith("(c-2)")
    assert caught.value.hint.endswith("`tocsin notice preview 1 --customer c-1`.")
    assert office.everything(desk) == before
    made = sending.preview(desk, 1, None, customers=["c-1"], principal=ALICE, now=later)
    assert [one.customer for one in made.notices] == ["c-1"]


def test_what_a_register_lacks_names_the_customer_or_how_many_they_are() -> None:
    def lack(customer: str) -> Lacking:
        return Lacking(customer, "fr", missing("affected.records", incident=7, customer=customer))

    (one,) = lines([lack("c-1")])
    assert "the inventory of c-1, with" in one
    assert one.endswith("(c-1)")
    (many,) = lines([lack(f"c-{number}") for number in range(9)])
    assert "the inventory of each of them, with" in many
    assert many.endswith("(9 customers)")


def test_the_preview_names_each_file_once_and_says_who_is_called_with_which_words(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("assessed")
    facts = alice.config.parent / "facts.toml"
    facts.write_text('[late_reason]\nfr = "En panne."\nen = "It was down."\n')
    alice.types("incident", "assess", 1, "--facts", facts)
    said = alice.types("notice", "preview", 1)
    assert said.count("body.html") == 1
    assert "In each: " in said
    for customer in ("c-1", "c-2"):
        assert office.CONTACTS[customer][1] in said
    plain = " ".join(said.split())
    assert "Calls say (en): This is an automatic call from Tocsin." in plain
    assert "Calls say (fr): Bonjour, ici Tocsin. Ceci est un appel automatique." in plain
    assert "Where no mail has left by then: This is an automatic call from Tocsin. We have" in plain
    assert "sans y parvenir jusqu'ici" in plain
    assert said.splitlines()[-1].startswith("  tocsin notice approve ")


def test_the_command_that_a_refusal_names_lets_the_notice_out_and_stays_on_view(
    alice_at: AliceAt,
) -> None:
    alice = alice_at("assessed")
    facts = alice.config.parent / "facts.toml"
    facts.write_text(
        '[narrative]\nfr = "À Zephyrine Optique, c-3."\nen = "x"\n'
        '[late_reason]\nfr = "En panne."\nen = "It was down."\n'
    )
    alice.types("incident", "assess", 1, "--facts", facts)
    refusal = alice.is_refused("notice", "preview", 1)
    assert "in “À Zephyrine Optique, c-3.”" in refusal
    _, command, _ = refusal.replace("\n", " ").split("`")[-3:]
    words = shlex.split(command)
    assert words[0] == "tocsin"
    assert words[-2:] == ["--why", "TEXT"]
    for _ in range(2):  # once said is enough
        shown = " ".join(alice.types(*words[1:]).split())
        assert shown.count('"Zephyrine Optique": TEXT') == 1
        assert '"c-3": TEXT' in shown
        words = words[:4]
    shown = " ".join(alice.types("incident", "show", 1).split())
    assert 'allowed all its customers to read "c-3"' in shown

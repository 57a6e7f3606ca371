"""No notice is rendered that names another customer or a colleague, wherever a person wrote it."""

import time
from pathlib import Path

import pytest

from incidents.disclosure import CUSTOMER, Names, Word
from incidents.notices.naming import naming
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, AWARE, MINUTE, NOW, everything
from tests.casework.test_declaring import SAID, reported, statement
from tests.incidents.samples import facts
from tocsin.app.casework import acts, declaring, people, sending
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

LATER = NOW + 10 * MINUTE
STAFF = """id;name;pseudonym;country;roles;since;until
lea;Léa Martin;operator 3;FR;support;2024-01-01;
cert;Voxline CERT;operator 4;FR;security;2024-01-01;
"""


def say(desk: Desk, text: str, number: int = 1) -> None:
    path = Path(desk.config.store.path).parents[1] / "more.toml"
    path.write_text(text)
    acts.assess(desk, number, people.read(path), principal=ALICE, now=LATER)


def refused(desk: Desk, number: int = 1, **more: object) -> list[str]:
    """Return what a preview is refused for; nothing was rendered, kept or written."""
    out = Path(desk.config.store.path).parents[1] / "out"
    before = everything(desk)
    with pytest.raises(Refusal) as raised:
        sending.preview(desk, number, out, principal=ALICE, now=LATER, **more)  # type: ignore[arg-type] # of these
    assert everything(desk) == before
    assert not out.exists()
    assert raised.value.hint
    return str(raised.value).splitlines()[1:]


WRITTEN = {
    "narrative": '[narrative]\nfr = "{0}"\nen = "{0}"',
    "consequences.note": '[consequences]\nimpacts = ["a"]\nnote = {{fr = "{0}", en = "{0}"}}',
    "measures.note": '[[measures]]\nkind = "other"\nat = 2026-03-09T12:30:00Z\ndone = true\n'
    'note = {{fr = "{0}", en = "{0}"}}',
    "actions.note": '[[actions]]\nkind = "review_logs"\nnote = {{fr = "{0}", en = "{0}"}}',
    "open_points.note": '[[open_points]]\nkind = "other"\nnote = {{fr = "{0}", en = "{0}"}}',
    "timeline.what": "[[timeline]]\nat = 2026-03-09T12:00:00Z\nwhat = {{fr = "
    '"{0}", en = "{0}"}}\nsource = {{kind = "log"}}',
    "parties.name": '[[parties]]\nrole = "other"\nname = "{0}"\nlocation = "Paris"',
    "parties.contact": '[[parties]]\nrole = "other"\nname = "x"\nlocation = "y"\ncontact = "{0}"',
}


@pytest.mark.parametrize("fact", WRITTEN)
def test_a_fact_that_names_another_customer_is_named_with_word_owner_and_remedy(
    at: Copy, fact: str
) -> None:
    desk = at("assessed")
    say(desk, WRITTEN[fact].format("The book of zéphyrine\N{NO-BREAK SPACE}OPTIQUE and yours."))
    lines = refused(desk)
    assert all('"Zephyrine Optique", the name of customer c-3' in line for line in lines)
    assert {
        line.strip().partition(": ")[0].removesuffix(".fr").removesuffix(".en") for line in lines
    } == {fact}
    said = "".join(lines)
    assert "c-1" in said
    assert "c-2" in said
    assert "`tocsin incident assess 1 --facts FILE.toml`" in said


def test_one_customers_own_name_is_only_kept_from_the_others(at: Copy) -> None:
    desk = at("assessed")
    say(desk, '[narrative]\nfr = "Les vôtres."\nen = "The book of Harbour Finch was read."')
    assert len(sending.preview(desk, 1, None, principal=ALICE, now=LATER).notices) == 2
    say(desk, '[narrative]\nfr = "Le carnet de Harbour Finch."\nen = "Yours."')
    (line,) = refused(desk)
    assert "which c-1 must not read" in line
    made = sending.preview(desk, 1, None, customers=["c-2"], principal=ALICE, now=LATER)
    assert [one.customer for one in made.notices] == ["c-2"]


@pytest.mark.parametrize("word", ["security@zephyrine.example", "+33 1 99 00 30 01", "c-3"])
def test_an_address_a_number_and_an_id_are_found_and_no_contact_is_repeated(
    at: Copy, word: str
) -> None:
    desk = at("assessed")
    say(desk, f'[narrative]\nfr = "Écrit à {word}."\nen = "Written to {word}."')
    lines = refused(desk)
    assert all("customer c-3" in line for line in lines)
    assert not [line for line in lines if word in line and word != "c-3"]


def test_what_a_statement_calls_a_store_names_nobody_else(at: Copy, tmp_path: Path) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="It is.", principal=ALICE, now=NOW)
    text = SAID.replace("e-mail of the support desk", "shared disk of Maison Lavande")
    declaring.declare(desk, number, statement(tmp_path, text), principal=ALICE, now=NOW)
    office.assessed(desk, number)
    (line,) = refused(desk, number)
    assert line.strip().startswith('systems.name: has "Maison Lavande", the name of customer c-1')
    assert line.endswith(f"`tocsin incident declare {number} FILE.toml`")
    declaring.declare(desk, number, statement(tmp_path), principal=ALICE, now=NOW)
    assert sending.preview(desk, number, None, principal=ALICE, now=LATER).notices


def test_a_colleague_is_named_in_no_notice_and_the_operators_own_contact_is(at: Copy) -> None:
    desk = at("assessed")
    folder = office.registers(Path(desk.config.store.path).parents[1], staff__csv=STAFF)
    office.take_registers(desk, folder, NOW)
    assert sending.preview(desk, 1, None, principal=ALICE, now=LATER).notices
    say(desk, '[narrative]\nfr = "Léa Martin a envoyé le fichier."\nen = "MARTIN, Léa sent it."')
    lines = refused(desk)
    assert len(lines) == 2
    assert all("the name of a colleague, operator 3" in line for line in lines)
    assert not [line for line in lines if "Martin" in line or "Léa" in line]


def test_what_is_missing_is_said_beside_what_must_not_be_said(at: Copy) -> None:
    desk = at("assessed")
    say(desk, '[narrative]\nfr = "Zephyrine Optique."\nen = ""')
    lines = refused(desk)
    assert [line.strip().partition(":")[0] for line in lines] == ["narrative.fr", "narrative"]
    assert lines[1].endswith("(c-2; text in en)")


def test_hundreds_of_customers_are_looked_through_quickly() -> None:
    words = [
        Word(CUSTOMER, f"k-{one}", what, text, "x")
        for one in range(600)
        for what, text in (("name", f"Maison {one} Frères"), ("address", f"sec@{one}.example"))
    ]
    names, letter = Names(words), facts("fr")
    begun = time.perf_counter()
    for one in range(600):
        assert not list(naming(letter, names.reader(f"k-{one}")))
    assert time.perf_counter() - begun < 20

"""No notice is rendered that names another customer or a colleague, wherever a person wrote it."""

import json
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
from tocsin.app.casework import acts, allowing, bundling, declaring, people, sending, ticking
from tocsin.app.casework.course import course
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
    "parties.location": '[[parties]]\nrole = "other"\nname = "x"\nlocation = "{0}"',
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
def test_an_address_a_number_and_an_id_are_found_and_shown_as_they_are_written(
    at: Copy, word: str
) -> None:
    desk = at("assessed")
    say(desk, f'[narrative]\nfr = "Écrit à {word}."\nen = "Written to {word}."')
    lines = refused(desk)
    assert all("customer c-3" in line for line in lines)
    assert all(word in line for line in lines)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Zeph\u00adyrine Optique", "customer c-3"),
        ("Zephyrine\u200b Optique", "customer c-3"),
        ("Zephyrine\u2060 Optique", "customer c-3"),
        ("Zephyrine\u200e Optique", "customer c-3"),
        ("Z\u0435phyrin\u0435 \u041eptique", "customer c-3"),
        ("+33199\u200b003001", "customer c-3"),
        ("security\u200b@zephyrine.example", "customer c-3"),
    ],
)
def test_what_nobody_sees_hides_no_word(at: Copy, written: str, found: str) -> None:
    desk = at("assessed")
    say(desk, f'[narrative]\nfr = "Chez {written}."\nen = "At {written}."')
    lines = refused(desk)
    assert lines
    assert all(found in line for line in lines)


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
    assert ["“Léa Martin a envoyé le fichier.”" in line for line in lines] == [True, False]
    assert ["“MARTIN, Léa sent it.”" in line for line in lines] == [False, True]


def test_a_word_that_may_be_read_is_allowed_with_reasons_for_the_incident_and_its_bundles(
    at: Copy, tmp_path: Path
) -> None:
    desk = at("assessed")
    say(desk, '[narrative]\nfr = "Zéphyrine Optique."\nen = "It was c-3, Zephyrine Optique."')
    before = everything(desk)
    with pytest.raises(Refusal) as raised:
        sending.preview(desk, 1, None, principal=ALICE, now=LATER)
    asked = "tocsin notice preview 1 --allow 'Zéphyrine Optique' --allow c-3 --allow"
    assert asked in raised.value.hint
    for words, why, said in (
        (["Zephyrine Optique"], " ", "why may this be read"),
        (["Zephyr"], "A supplier.", "there is nothing to allow"),
        ([], "A supplier.", "no word it is for"),
    ):
        with pytest.raises(Refusal, match=said):
            sending.preview(desk, 1, None, allow=words, why=why, principal=ALICE, now=LATER)
    assert everything(desk) == before

    with pytest.raises(Refusal, match="1 word is not for it"):  # the other word is still there
        sending.preview(
            desk, 1, None, allow=["zephyrine optique"], why="Ours too.", principal=ALICE, now=LATER
        )
    assert len(
        sending.preview(desk, 1, None, customers=["c-1"], principal=ALICE, now=LATER).notices
    )
    allow = ["c-3", "Zephyrine Optique"]
    made = sending.preview(desk, 1, None, allow=allow, why="Known.", principal=ALICE, now=LATER)
    assert [one.customer for one in made.notices] == ["c-1", "c-2"]
    entries = [one for one in office.intact(desk) if one.kind == "word.allowed"]
    assert [json.loads(one.body or "") for one in entries] == [
        {"incident": 1, "word": "zephyrine optique", "why": "Ours too."},
        {"incident": 1, "word": "c-3", "why": "Known."},
    ]
    assert allowing.allowed(desk, 1) == [
        'Allowed by shell:alice, "zephyrine optique": Ours too.',
        'Allowed by shell:alice, "c-3": Known.',
    ]
    steps = [step for step in course(entries) if not step.is_routine]
    assert [(step.what, step.why) for step in steps][1] == (
        'allowed all its customers to read "c-3"',
        "Known.",
    )
    sending.approve(desk, made.sha256, principal=ALICE, now=LATER)
    sending.send(desk, made.sha256, principal=ALICE, now=LATER)
    ticking.deliver(desk, LATER)
    folder = bundling.export(desk, 1, tmp_path / "b", customer="c-1", principal=ALICE, now=LATER)
    assert any("phyrine" in path.read_text() for path in folder.glob("notices/*.txt"))
    assert not [path for path in folder.rglob("*") if path.is_file() and "Known." in str(path)]
    for path in (folder / "timeline.json", folder / "decisions.jsonl"):
        assert "allowed" not in path.read_text()


def test_a_party_may_be_a_customer_and_is_named_by_a_person(at: Copy) -> None:
    desk = at("assessed")
    party = (
        '[[parties]]\nrole = "subprocessor"\nname = "Zephyrine Optique SAS"\nlocation = "Lyon"\n'
    )
    say(desk, party + '[narrative]\nfr = "x"\nen = "By Zephyrine Optique SAS, our supplier."')
    assert sending.preview(desk, 1, None, principal=ALICE, now=LATER).notices
    say(desk, '[narrative]\nfr = "x"\nen = "By Zephyrine Optique, our supplier."')
    (line,) = refused(desk)
    assert line.strip().startswith("narrative.en")


@pytest.mark.parametrize(
    "name",
    [
        *("Conversations", "Records", "Person", "Contact", "Billing", "Bucket", "Recordings"),
        *("Confirmed", "Other", "logs", "Call recordings", "Paris", "Voxline", "Clé", "Network"),
    ],
)
def test_a_customer_called_like_something_of_ours_or_an_ordinary_word_stops_nothing(
    at: Copy, name: str
) -> None:
    desk = at("assessed")
    folder = Path(desk.config.store.path).parents[1]
    path = office.registers(folder)
    rows = (path / "customers.csv").read_text().rstrip("\n")
    text = f"{rows}\n{name.lower()[:4]}-9;{name};fr;Europe/Paris;retail;FR;48;2024-02-01\n"
    office.take_registers(desk, office.registers(folder, customers__csv=text), NOW)
    assert len(sending.preview(desk, 1, None, principal=ALICE, now=LATER).notices) == 2


def test_the_operator_may_be_a_customer_and_its_stores_be_called_after_it(at: Copy) -> None:
    desk = at("assessed")
    folder = Path(desk.config.store.path).parents[1]
    path = office.registers(folder)
    rows = (path / "customers.csv").read_text().rstrip("\n")
    own = "voxline;Voxline (interne);fr;Europe/Paris;retail;FR;48;2024-02-01\n"
    books = office.registers(
        folder,
        customers__csv=f"{rows}\n{own}recordings;Zq;fr;Europe/Paris;retail;FR;48;2024-02-01\n",
        datamap__toml=office.MAP.replace("enregistrements d'appels", "voxline-exports").replace(
            "call recordings", "recordings"
        ),
    )
    office.take_registers(desk, books, NOW)
    say(desk, '[narrative]\nfr = "Les voxline-exports de Voxline."\nen = "Ours, of Voxline."')
    assert len(sending.preview(desk, 1, None, principal=ALICE, now=LATER).notices) == 2


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

"""Whose words our buckets, letters and numbers hold: a customer's are found, ours are nobody's."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.casework import office, test_bundle_names
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.test_bundle_names import CRM, again, exported, house, reader
from tests.casework.test_preview_names import LATER, say
from tocsin.app import checking
from tocsin.app.casework import bundling, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

At = Callable[..., Desk]
BUCKET = """
[[store]]
name = "recordings"
categories = ["telephone conversations"]
people = ["callers"]

[[action]]
name = "recordings of one are read"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = "{0}"
store = "recordings"
effect = "read"
"""
OURS = [
    *("Contact", "Center", "Arial", "Evidence", "Incident", "Records", "Update", "Table", "None"),
    *("Measures", "Bonjour", "Solid", "Collapse", "Content", "Next", "Page", "Title", "Typst"),
    *(
        "Notice",
        "Call",
        "Email",
        "Finding",
        "Events",
        "Data",
        "Public",
        "Mars",
        "Paris",
        "Multipart",
    ),
]


def delivered(at: At, narrative: str = "") -> Desk:
    """Return a desk whose letters were accepted."""
    desk = at("assessed")
    if narrative:
        say(desk, narrative)
    made = sending.preview(desk, 1, None, principal=ALICE, now=LATER)
    sending.approve(desk, made.sha256, principal=ALICE, now=NOW + HOUR)
    sending.send(desk, made.sha256, principal=ALICE, now=NOW + HOUR)
    ticking.deliver(desk, NOW + HOUR)
    return desk


def joined_by(desk: Desk, *names: str) -> None:
    """Take further customers into the register."""
    folder = Path(desk.config.store.path).parents[1]
    rows = (office.registers(folder) / "customers.csv").read_text().rstrip("\n")
    new = [f"z-{n};{name};fr;Europe/Paris;health;FR;48;2024-02-01" for n, name in enumerate(names)]
    books = office.registers(folder, customers__csv="\n".join((rows, *new, "")))
    office.take_registers(desk, books, NOW + HOUR)


def test_customers_called_like_our_own_words_keep_nobody_from_its_bundle(
    at: At, tmp_path: Path
) -> None:
    desk = delivered(at)
    joined_by(desk, *OURS)
    made = again(desk, tmp_path / "b")
    assert bundling.verify(made, None).passed
    assert list(made.glob("notices/*.eml"))
    for name in OURS:  # and they are found where somebody says them
        assert reader(desk, "c-1").in_value({"note": f"chez {name}, hier"}) is not None, name


@pytest.mark.parametrize("name", ["Contact", "Bonjour", "Mars"])
def test_a_word_of_our_letters_that_a_person_wrote_too_is_found_in_them(
    at: At, tmp_path: Path, name: str
) -> None:
    said = f"Le fichier de {name} a été lu."
    desk = delivered(at, f'[narrative]\nfr = "{said}"\nen = "It was read."')
    again(desk, tmp_path / "before")
    joined_by(desk, name)
    with pytest.raises(Refusal, match=f'"{name}", the name of customer z-0'):
        again(desk, tmp_path / "b")
    assert not (tmp_path / "b").exists()
    assert office.intact(desk)[-1].kind == "evidence.withheld"


@pytest.mark.parametrize("note", [{"customers": [552081318]}, {"tenant": {"id": 552081318.0}}])
def test_a_record_with_anothers_id_as_a_number_is_withheld(
    tmp_path: Path, note: dict[str, object]
) -> None:
    ids = {"552081317": "Alpha Conseil", "552081318": "Beta Lavande"}
    desk = house(tmp_path / "h", ids, note)  # type: ignore[arg-type] # a log says what it likes
    made = exported(desk, tmp_path / "b", "552081317")
    holds = [one for one in made.rglob("*") if one.is_file() and b"552081318" in one.read_bytes()]
    assert holds == []
    assert len(list(exported(desk, tmp_path / "c", "552081318").glob("raw/????????*.json"))) == 1
    desk.close()


@pytest.mark.parametrize(
    ("bucket", "note", "why"),
    [
        ("elan-conseil-recordings", "see s3://elan-conseil-recordings/2026/a.wav", "Élan Conseil"),
        ("c-2-exports", "see c-2-exports", "c-2"),
        ("elan-conseil-recordings", "Elan Conseil recordings", "Élan Conseil"),
    ],
)
def test_a_bucket_called_after_a_customer_tells_no_other_and_check_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: str, note: str, why: str
) -> None:
    monkeypatch.setattr(test_bundle_names, "CRM", CRM + BUCKET.format(bucket))
    desk = house(tmp_path / "h", {"c-1": "Alpha", "c-2": "Élan Conseil"}, note)
    (row,) = json.loads((exported(desk, tmp_path / "b", "c-1") / "raw/index.json").read_bytes())
    assert (row["state"], row["why"]) == ("withheld", "it holds data of other customers too")
    assert list(exported(desk, tmp_path / "own", "c-2").glob("raw/????????*.json"))

    (lacks,) = [one for one in checking.ask(desk.config, NOW) if one.part == "labels"]
    assert lacks.works
    assert lacks.lacks
    assert f'"{bucket}" holds' in lacks.said
    assert "of customer c-2" in lacks.said
    assert why.casefold() in lacks.said.casefold()
    assert "--allow WORD --why TEXT" in lacks.hint

    bundling.export(
        desk,
        1,
        tmp_path / "c",
        customer="c-1",
        allow=[why],
        why="They know each other.",
        principal=ALICE,
        now=NOW + HOUR,
    )
    assert list((tmp_path / "c").glob("raw/????????*.json"))
    desk.close()


def test_stores_that_are_called_after_nobody_are_no_lack(at: At) -> None:
    desk = at("assessed")
    assert not [one for one in checking.ask(desk.config, NOW) if one.part == "labels"]


def test_an_allowance_that_would_change_nothing_is_refused(at: At) -> None:
    desk = at("assessed")
    before = office.everything(desk)
    word = "@zephyrine.example"
    assert reader(desk, "c-1").in_value(word) is not None
    with pytest.raises(Refusal, match="would be refused all the same"):
        sending.preview(desk, 1, None, allow=[word], why="Ours.", principal=ALICE, now=LATER)
    assert office.everything(desk) == before


def test_a_folder_that_is_not_there_is_made_for_no_bundle(at: At, tmp_path: Path) -> None:
    desk = at("previewed")
    before = office.everything(desk)
    with pytest.raises(Refusal, match="the folder above it is not there") as told:
        bundling.export(desk, 1, tmp_path / "new" / "b", principal=ALICE, now=NOW + HOUR)
    assert f"mkdir -p -m 700 {tmp_path / 'new'}" in told.value.hint
    assert office.everything(desk) == before
    assert not (tmp_path / "new").exists()

"""The dossier as a PDF: for print, for screen readers, for archives, for machines."""

import io
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from incidents.documents import Facts, render
from tests.incidents.hostile import HOSTILE, infested
from tests.incidents.samples import LATER, PREPARED, facts, withdrawal
from tests.servers.verapdf import judge

LANGUAGES = (("fr", "fr-FR"), ("en", "en-GB"))


def dossier(language: str, status: str = "established", **changes: Any) -> tuple[PdfReader, bytes]:
    """Return the PDF, opened, and the JSON that was made beside it."""
    files = render(facts(language, status, **changes))
    pdf = next(content for name, content in files.items() if name.endswith(".pdf"))
    data = next(content for name, content in files.items() if name.endswith(".json"))
    return PdfReader(io.BytesIO(pdf)), data


def catalogue(pdf: PdfReader) -> Any:
    return pdf.trailer["/Root"]


@pytest.mark.parametrize(("language", "tag"), LANGUAGES)
def test_it_says_its_language_title_author_and_date(language: str, tag: str) -> None:
    pdf, _ = dossier(language)
    assert catalogue(pdf)["/Lang"] == tag
    said = pdf.metadata
    assert said is not None
    assert said.title is not None
    assert "BREACH-2026-0007" in said.title
    assert said.author == "Voxline"
    assert said.creation_date == PREPARED
    assert said.modification_date in (None, PREPARED)


@pytest.mark.parametrize(("language", "_tag"), LANGUAGES)
def test_it_claims_the_two_standards_and_is_tagged(language: str, _tag: str) -> None:
    pdf, _ = dossier(language)
    root = catalogue(pdf)
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


@pytest.mark.parametrize(("language", "_tag"), LANGUAGES)
def test_the_json_lies_inside_byte_for_byte_as_data(language: str, _tag: str) -> None:
    pdf, data = dossier(language)
    assert pdf.attachments["dossier.json"] == [data]
    (attached,) = catalogue(pdf)["/AF"]
    specification = attached.get_object()
    assert specification["/AFRelationship"] == "/Data"
    assert specification["/Desc"]


def fonts_of(page: Any) -> Any:
    return page["/Resources"]["/Font"].values()


def test_every_table_has_a_head_and_every_font_is_inside() -> None:
    pdf, _ = dossier("en")
    kinds: dict[str, int] = {}

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, DictionaryObject):
            kind = str(node.get("/S", ""))
            kinds[kind] = kinds.get(kind, 0) + 1
            if "/K" in node:
                walk(node["/K"])

    walk(catalogue(pdf)["/StructTreeRoot"])
    assert kinds["/Table"] == kinds["/THead"]
    assert kinds["/H1"] >= 4
    fonts = {str(font.get_object()["/BaseFont"]) for page in pdf.pages for font in fonts_of(page)}
    assert all("+" in font for font in fonts)  # a subset that lies inside
    assert all("Libertinus" in font for font in fonts)


def test_what_only_the_controller_can_answer_is_left_open_and_marked() -> None:
    pdf, data = dossier("en")
    text = "".join(page.extract_text() for page in pdf.pages)
    assert text.count("for you to complete") > 20
    for key in (b"risk_outcome", b"t_aware_controller", b"subjects_informed", b"reporter"):
        assert key not in data


@pytest.mark.parametrize(("language", "form"), [("fr", "CNIL"), ("en", "ICO")])
def test_the_annex_follows_the_form_of_the_customers_authority(language: str, form: str) -> None:
    def titles(pdf: PdfReader) -> str:
        return " ".join(str(each["/Title"]) for each in pdf.outline if isinstance(each, dict))

    assert form in titles(dossier(language)[0])
    base = facts(language)
    nameless = base.customer.model_copy(update={"authority": ""}).model_dump()
    assert form not in titles(dossier(language, customer=nameless)[0])


def test_a_dossier_is_a_dozen_pages_and_starts_with_the_customer() -> None:
    pdf, _ = dossier("en")
    assert 8 <= len(pdf.pages) <= 14
    assert "Harbour & Finch Ltd" in pdf.pages[0].extract_text()
    assert all("BREACH-2026-0007" in page.extract_text() for page in pdf.pages)


@pytest.mark.parametrize(("language", "_tag"), LANGUAGES)
def test_the_state_of_the_ledger_is_printed_with_its_whole_hash(language: str, _tag: str) -> None:
    ledger = facts(language).checkpoint
    assert ledger is not None
    assert ledger.grouped.replace(" ", "") == ledger.entry_hash
    with_it, without = (
        "".join(page.extract_text() for page in dossier(language, checkpoint=one)[0].pages)
        for one in (ledger, None)
    )
    assert ledger.grouped in with_it
    assert ledger.grouped[:9] not in without


def test_the_date_is_that_of_the_facts_whatever_the_clock_says() -> None:
    pdf, _ = dossier("en", prepared_at=datetime(2026, 11, 25, 23, 59, 58, tzinfo=UTC))
    assert pdf.metadata is not None
    assert pdf.metadata.creation_date == datetime(2026, 11, 25, 23, 59, 58, tzinfo=UTC)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return one file of each kind, and the worst texts, for one run of the validator."""
    folder = tmp_path_factory.mktemp("dossiers")
    made: dict[str, Facts] = {
        f"{status}-{language}": facts(language, status, exercise=status == "suspected")
        for status in ("established", "suspected")
        for language in ("fr", "en")
    }
    made["update"] = facts("fr", kind="update", version=2, **LATER)
    made["withdrawn-fr"], made["withdrawn-en"] = withdrawal("fr"), withdrawal("en", "excluded")
    made["hostile"] = infested(" ".join(HOSTILE.values()))
    for name, each in made.items():
        pdf = next(content for file, content in render(each).items() if file.endswith(".pdf"))
        (folder / f"{name}.pdf").write_bytes(pdf)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def _validator() -> None:
    if judge.fetched():
        return
    if not os.environ.get("CI"):
        pytest.skip("no veraPDF here: `python tests/servers/verapdf/judge.py` fetches it (Maven)")
    try:
        judge.fetch()
    except (RuntimeError, subprocess.CalledProcessError) as error:
        pytest.fail(f"CI must judge the documents with veraPDF: {error}")


@pytest.mark.usefixtures("_validator")
@pytest.mark.parametrize("profile", judge.PROFILES)
def test_verapdf_says_compliant(profile: str, files: list[Path]) -> None:
    assert judge.judge(files, profile) == {path: [] for path in files}


@pytest.mark.usefixtures("_validator")
def test_files_of_one_name_are_judged_each_by_itself(tmp_path: Path, files: list[Path]) -> None:
    good, bad = (tmp_path / folder / "BREACH-dossier.pdf" for folder in ("a", "b"))
    for path, content in ((good, files[0].read_bytes()), (bad, typst.compile(b"No title."))):
        path.parent.mkdir()
        path.write_bytes(content)
    for order in ((good, bad), (bad, good)):
        found = judge.judge(order, "3a")
        assert (found[good], bool(found[bad])) == ([], True)

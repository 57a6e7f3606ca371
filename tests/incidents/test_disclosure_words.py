"""Which words count: names that are ordinary words, joined, without legal form, ours or allowed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.disclosure import (
    COLLEAGUE,
    CUSTOMER,
    OURS,
    Names,
    Word,
    registered,
    telling,
    without_form,
)
from tests.incidents.test_disclosure import EVERYBODY, WORDS
from tocsin.registers import Contact, Contract, Customer, StaffEntry


def whose(words: list[Word], content: str, customer: str = "c-1") -> str:
    """Return whose of these words is found in a text; "" for nobody's."""
    mention = Names(words).reader(customer).in_file("file", content.encode())
    return mention.word.owner if mention else ""


def called(*names: str) -> list[Word]:
    return [Word(CUSTOMER, name, "name", name, f"the name of {name}") for name in names]


ORDINARY = called(
    "Orange", "Clé", "Free", "Claire", "A & D", "24/7", "EY", "IT", "apple", "Studio54"
)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "une clé d'accès",
            "alerte orange; sans frais",
            "the free tier",
            "une explication claire",
        ),
        *("la partie a, d'où la suite", "du 24, 7 fichiers", "l'orange", "It was read", "hey"),
        *('{"orange":1}', '{"free_tier":1}', "(orange)", "orange. Puis"),
    ],
)
def test_a_name_that_is_an_ordinary_word_is_none_in_prose(text: str) -> None:
    assert whose(ORDINARY, text) == ""


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        *(("chez Orange, hier", "Orange"), ("ORANGE", "Orange"), ("by CLE\u0301 alone", "Clé")),
        *(("a & d", "A & D"), ("A&D", "A & D"), ("open 24/7", "24/7"), ("IT read it", "IT")),
        *(("s3://x/orange/1", "Orange"), ("orange-exports", "Orange"), ("org=orange", "Orange")),
        *(("orange.voxline.example", "Orange"), ('{"org":"orange"}', "Orange")),
        *(
            ("Apple and apple", "apple"),
            ("studio54", "Studio54"),
            ('{"orange-exports":1}', "Orange"),
        ),
        *(("\N{FULLWIDTH LATIN CAPITAL LETTER F}ree", "Free"), ("xé Free", "Free")),
    ],
)
def test_a_name_that_is_an_ordinary_word_is_found_where_it_is_a_name(text: str, owner: str) -> None:
    assert whose(ORDINARY, text) == owner


def test_a_colleagues_id_that_is_a_plain_word_counts_only_where_an_id_can_stand() -> None:
    words = [Word(COLLEAGUE, one, "id", one, "x") for one in ("claire", "access", "b.roux")]
    for text in ("une explication claire", "access was revoked", '{"kind":"access"}'):
        assert whose(words, text) == ""
    for text in ('{"actor":"claire"}', "shell:claire", "arn:aws:iam::1:user/claire"):
        assert whose(words, text) == "claire"
    assert whose(words, "sent by b.roux") == "b.roux"
    mine = [*words, Word(CUSTOMER, "claire", "id", "claire", "x")]
    assert whose(mine, '{"customer":"claire"}', "claire") == ""


def test_what_a_person_allowed_is_read_over_however_it_is_written() -> None:
    def allowed(*texts: str) -> list[Word]:
        return [*WORDS, *(Word(CUSTOMER, OURS, "allowed", one, "") for one in texts)]

    for text, word in (
        ("of ÉLAN\nconseil", "elan conseil"),
        ('{"actor":"lea"}', "lea"),
        ("user/lea of c-2", "lea of c-2"),
        ("call 01.99.00.00.01", "+33 1 99 00 00 01"),
        ("customer=7", "7"),
        ("breach@elan.example", "breach@elan.example"),
    ):
        assert whose([*WORDS], text) != ""
        assert whose(allowed(word), text) == "", text
        assert Names(WORDS).holds(word)
    assert whose(allowed("Élan Conseil"), "Élan Conseil, c-2") == "c-2"
    assert not Names(WORDS).holds("Conseil")


def test_a_store_called_like_a_customer_is_read_as_a_value_and_nowhere_else() -> None:
    words = [
        *(Word(CUSTOMER, "billing", what, "billing", "x") for what in ("id", "name")),
        Word(CUSTOMER, OURS, "label", "billing", ""),
    ]
    assert whose(words, '{"stores":["billing"]}') == ""
    assert whose(words, "the data of billing") == "billing"
    assert whose(words, '{"customer":"billing"}') == "billing"


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("x" * 40 + " chez  ÉLAN\nCONSEIL, ici", "ÉLAN CONSEIL", "xxx chez ÉLAN CONSEIL, ici"),
        ("ﬁn: Élan Conseil.", "Élan Conseil", "ﬁn: Élan Conseil."),
        ("\u00b4 \u200b Élan Conseil", "Élan Conseil", "Élan Conseil"),
        (" é" * 30 + " E\u0301lan Conseil", "E\u0301lan Conseil", "é E\u0301lan Conseil"),
        ('{"actor":"lea"}', "lea", "lea"),
    ],
)
def test_a_mention_shows_the_word_as_it_is_written_and_what_stands_around_it(
    text: str, word: str, said: str
) -> None:
    mention = EVERYBODY.reader("c-1").in_file("file", text.encode())
    assert mention is not None
    assert mention.text == word
    assert mention.said.endswith(said)
    assert len(mention.said) < 70


@pytest.mark.parametrize(
    ("name", "short"),
    [
        *(("Voxline SAS", "Voxline"), ("Voxline, S.A.S.", "Voxline"), ("Sa", "Sa")),
        *(("Finch & Co Ltd", "Finch"), ("Élan", "Élan"), ("Acme France SARL", "Acme France")),
        *(("SAS Beau Rivage", "Beau Rivage"), ("S.A.R.L. Nord", "Nord"), ("S.N.C.F.", "S.N.C.F.")),
        *(("As Conseil", "As Conseil"), ("SAS", "SAS"), ("Finch (SAS)", "Finch")),
    ],
)
def test_a_name_is_said_without_its_legal_form(name: str, short: str) -> None:
    assert without_form(name) == short


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_word_is_shown_whatever_stands_around_it(before: str, after: str) -> None:
    for mention in EVERYBODY.reader("c-1").all_in(f"{before} Élan Conseil {after}"):
        if mention.word.owner == "c-2" and mention.word.what == "name":
            assert mention.text == "Élan Conseil"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Élan Conseil", "https://elanconseil.voxline.example/x"),
        ("Élan Conseil", "the tenant ElanConseil"),
        ("Élan Conseil SARL", "bucket elanconseil-exports"),
        ("Élan Conseil SARL", "élan conseil, yesterday"),
        ("Élan Conseil SARL", "elan_conseil_exports"),
        ("Studio 54 Ltd", "studio54.example"),
    ],
)
def test_a_name_is_found_joined_and_without_its_legal_form(name: str, text: str) -> None:
    assert whose(called(name), text) == name
    assert whose(called(name), text, name) == ""
    assert whose(called(name, "Élan SARL", "A B C"), "un élan; abc") == ""


def colleague(one: str, name: str, pseudonym: str) -> StaffEntry:
    return StaffEntry(id=one, name=name, pseudonym=pseudonym, country="FR", since=date(2024, 1, 1))


def customer(one: str, *emails: str) -> Customer:
    contacts = tuple(Contact("breach", "Desk", email, "", "fr", None) for email in emails)
    contract = Contract(48, date(2024, 2, 1), None)
    return Customer(one, f"Name of {one}", "fr", "Europe/Paris", "", "FR", contract, contacts)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        *(
            ("x@elan.example", "c-2"),
            ("by A.B+c@mail.ELAN.example.", "c-2"),
            ("@elan.example", "c-2"),
        ),
        *(("x@elan.example.org", ""), ("x@notelan.example", ""), ("https://elan.example", "")),
        *(("x@group.example", ""), ("x@gmail.com", ""), ("x@voxline.example", "")),
        *(("a@gmail.com", "c-2"), ("x@lavande.example", "")),
    ],
)
def test_an_address_at_a_customers_own_domain_is_that_customers(text: str, owner: str) -> None:
    everybody = registered(
        [
            customer("c-1", "sec@lavande.example", "a@group.example"),
            customer("c-2", "breach@elan.example", "b@group.example", "a@gmail.com"),
            customer("c-3", "us@voxline.example"),
        ],
        [],
        ours=["cert@voxline.example"],
    )
    found = list(everybody.reader("c-1").all_in(text))
    assert [one.word.owner for one in found] == ([owner] if owner else [])
    own = everybody.reader("c-2").in_value(text)
    assert (own is None) == ("lavande" not in text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("Nord Habitat S.A.S.", "par Nord Habitat"), ("Nord Habitat S. A.", "NORD-HABITAT")),
        *(("SAS Beau Rivage", "par Beau Rivage"), ("S.A.R.L. Beau Rivage", "beaurivage.example")),
        *(("Voxline SAS", "par Voxline, hier"), ("Voxline SAS", "voxline-exports")),
        *(("S.A.S. Orange", "chez Orange"), ("SFR", "par Sfr hier"), ("Sfr SA", "par SFR")),
        *(("Cle\u0301", "chez Clé"), ("Studio54 Ltd", "studio54"), ("Voxline SAS", "VOXLINE SAS")),
    ],
)
def test_a_name_is_found_whatever_its_legal_form_and_wherever_that_stands(
    name: str, text: str
) -> None:
    assert whose(called(name), text) == name
    assert whose(called(name), text, name) == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("Orange SAS", "l'orange, une orange."), ("Cle\u0301", "une clé d'accès")),
        *(("As Conseil", "un conseil, Conseil"), ("IT SARL", "It was read. It stood open.")),
        *(("BUT", "It stood open. But nobody read it.\nBut it did"), ("SAS", "the SAS said Sas")),
        *(("La SARL", "La liste"), ("S.N.C.F.", "the s and n"), ("SE Voyages", "Voyages")),
    ],
)
def test_a_legal_form_or_a_short_word_makes_no_name_of_prose(name: str, text: str) -> None:
    assert whose(called(name), text) == ("SAS" if name == "SAS" else "")


@pytest.mark.parametrize(
    "text", ["De La Tour Léa", "DE LA TOUR, Léa", "Léa de la Tour", "la Tour Lea De"]
)
def test_a_colleague_is_found_with_the_familys_name_first(text: str) -> None:
    lea = colleague("lea", "Léa De La Tour", "operator 3")
    reader = registered([], [lea]).reader("c-1")
    (one, *_) = reader.all_in(f"{text} did it")
    assert (one.word.kind, one.word.instead) == (COLLEAGUE, "operator 3")
    assert reader.in_value("De La Tour") is None
    assert reader.in_value("Tour La De Léa") is None


@pytest.mark.parametrize(
    ("value", "owner"),
    [
        *(({"actor": "archive"}, "archive"), ({"user": {"id": "archive"}}, "archive")),
        *(({"company": "Orange"}, "c-3"), ({"tenantName": "Orange"}, "c-3")),
        *(({"organisation": "orange"}, "c-3"), ({"organizationName": "orange"}, "c-3")),
        *(({"tenant": [{"name": "orange"}]}, "c-3"), ({"customer": {"id": "3"}}, "3")),
        *(({"bucket": "orange"}, ""), ({"stores": ["archive"]}, ""), ({"event": {"id": "3"}}, "")),
    ],
)
def test_a_store_called_like_somebody_hides_nobody_in_a_field_that_names_people(
    value: dict[str, object], owner: str
) -> None:
    guy = colleague("archive", "Guy Li", "operator 4")
    orange = customer("c-3")._replace(name="Orange")
    everybody = registered([orange, customer("3")], [guy], labels=["orange", "archive"])
    mention = everybody.reader("c-1").in_value(value)
    assert (mention.word.owner if mention else "") == owner


@pytest.mark.parametrize("label", ["elan-conseil-recordings", "c-2-exports", "Élan Conseil, calls"])
def test_a_store_called_after_a_customer_is_read_by_no_other(label: str) -> None:
    elan = customer("c-2")._replace(name="Élan Conseil")
    everybody = registered([elan], [], labels=[label, "call recordings", "recordings"])
    for value in (label, f"see s3://{label}/a.wav", {"bucket": label}):
        assert everybody.reader("c-1").in_value(value) is not None
        assert everybody.reader("c-2").in_value(value) is None
    found = telling(label, registered([elan], []))
    assert found is not None
    assert found.word.owner == "c-2"
    assert telling("call recordings", registered([elan], [])) is None
    assert telling("élan conseil", registered([elan], [])) is None  # a value, and no more
    free = registered([elan], [], labels=[label], allowed=[found.text])
    assert free.reader("c-1").in_value(label) is None


def test_a_word_of_ours_is_nobodys_as_a_whole_and_somebodys_alone() -> None:
    everybody = registered(
        [customer("c-2")._replace(name="Evidence")], [], codes=["evidence.exported", "evidence"]
    ).reader("c-1")
    assert everybody.in_value({"kind": "evidence.exported"}) is None
    assert everybody.in_value({"kind": "evidence"}) is None
    for text in ("of Evidence", "evidence.exports", "x evidence.exported by Evidence"):
        assert everybody.in_value({"note": text}) is not None
    assert everybody.in_value({"company": "evidence"}) is not None


@pytest.mark.parametrize(
    "text", ["caller_0199000001", "x.0199000001", "tel_+33199000001_x", "01 99 00 00 01."]
)
def test_a_number_is_found_behind_a_line_or_a_point(text: str) -> None:
    assert whose([*WORDS], text) == "c-2"
    assert whose([*WORDS], text.replace("99", "88")) == ""

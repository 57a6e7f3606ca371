"""What mails, PDFs, HTML and escapes hide is found; the words they are built of are nobody's."""

import base64
import json
import quopri
from collections.abc import Callable

import pytest

from incidents.disclosure import CUSTOMER, Names, Word
from incidents.disclosure.markup import told
from incidents.documents import render
from tests.incidents.samples import facts
from tests.incidents.test_disclosure import found

NAME = "Élan Conseil"
IN_QP = quopri.encodestring(f"de la part de {NAME}".encode()).decode()
IN_LATIN = quopri.encodestring(f"de la part de {NAME}".encode("latin-1")).decode()
MAIL = (
    "From: a@b.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n"
    f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{IN_QP}\r\n"
)
OLD_MAIL = MAIL.replace("utf-8", "iso-8859-1").replace(IN_QP, IN_LATIN)


def called(*names: str) -> Names:
    return Names([Word(CUSTOMER, f"k-{name}", "name", name, name) for name in names])


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"raw": MAIL}),
        json.dumps({"raw": OLD_MAIL}),
        json.dumps({"raw": base64.b64encode(OLD_MAIL.encode()).decode()}),
        "From a@b.example Mon Jan 1 00:00:00 2026\n" + OLD_MAIL,
        "From a@b.example Mon Jan 1\nSubject: y\nTo: z\n\nx\n\nFrom c@d.example Tue\n" + OLD_MAIL,
        "\r\n\n" + OLD_MAIL,
        "X_Spam.Score: 1\r\n" + OLD_MAIL,
        OLD_MAIL.replace("Subject: x", "Subject: x\r\nX.Y_Z: 1"),
        f"Subject: x\nX-{NAME.replace('É', 'E').replace(' ', '-')}: 1\n\nx",
        f"From: a@b.example\nSubject: {NAME}\n\nx",
        f"From: a@b.example\nSubject: {NAME}\n\nx".encode("latin-1"),
        "From: a@b.example\nSubject: =?utf8mb4?q?=C3=89lan_Conseil?=\n\nx",
        "From: a@b.example\nSubject: =?utf-8?q?=C3?=\n =?utf-8?q?=89lan_Conseil?=\n\nx",
        "Subject: x\nContent-Type: text/plain; name*0*=utf-8''%C3%89lan; name*1*=%20Conseil\n\nx",
        "Subject: x\nContent-Type: text/plain; name*=iso-8859-1''%C9lan%20Conseil\n\nx",
        'Subject: x\nContent-Disposition: attachment; filename*0="Elan Con"; filename*1=seil\n\nx',
        "Subject: x\nContent-Type: text/plain; charset=latin1\n\n" + NAME,
        "Subject: x\nContent-Type: Elan Conseil/plain\n\nx",
    ],
)
def test_a_mail_is_read_wherever_it_stands_and_however_its_letters_are_encoded(
    content: str | bytes,
) -> None:
    assert found(content) == "c-2"
    assert found(content, "c-2") == ""


@pytest.mark.parametrize(
    "text",
    [
        *("=?utf-8?q?=C3=89lan_Conseil?=", "=?UTF-8*fr?B?w4lsYW4gQ29uc2VpbA==?="),
        *("said =C3=89lan=20Con=\nseil", "%C9lan%20Conseil", "?x=Elan%20Conseil"),
        *(r"\303\211lan Conseil", r"\xc3\x89lan Conseil", r"\xc9lan Conseil", r"\u{c9}lan Conseil"),
        *(r"\U000000c9lan Conseil", "<p>&Eacute;l<font>an</font> Conseil</p>"),
        *("&Eacute;lan<!-- x --> Conseil<!--", "<Elan Conseil>", "<b title='Elan Conseil'>x</b>"),
        *(
            "<p style='background:url(/elan-conseil.png)'>x</p>",
            "<p class='of-elan-conseil'>x</p>",
        ),
        *('<a href="https://elanconseil.example/">x</a>', "<!-- Elan Conseil"),
    ],
)
def test_a_name_within_other_texts_is_found_too(text: str) -> None:
    for content in (f"{text} and so on", json.dumps({"note": f"so: {text}"})):
        assert found(content) == "c-2", content
        assert found(content, "c-2") == ""


@pytest.mark.parametrize(
    "text", ["\ud800", "\ud800=?utf-8?q?=ED=A0?= %ED%A0 \\xed", "A: \ud800\nB: c*0*=x\n\n\ud800"]
)
def test_half_a_character_fails_no_search(text: str) -> None:
    said = f"{text} Élan Conseil"
    assert found(json.dumps({"note": said})) == "c-2"
    assert found(json.dumps({"note": text})) == ""


@pytest.mark.parametrize(
    ("key", "number"), [("customer", "552081318"), ("customers", "552081318.0"), ("id", "1e9")]
)
def test_an_id_of_many_digits_is_found_as_a_number_of_json(key: str, number: str) -> None:
    ids = ("552081318", "552081317", "1000000000")
    names = Names(
        [
            *(Word(CUSTOMER, one, "id", one, "x") for one in ids),
            Word(CUSTOMER, "c-2", "number", "+33199000001", "x"),
        ]
    )
    for content in (f'{{"{key}":{number}}}', f'{{"{key}":[{number}]}}'):
        nested = f'{{"customer":{content}}}'
        mention = names.reader("552081317").in_file("file", nested.encode())
        assert (mention.word.owner if mention else "") == str(int(float(number)))
    assert names.reader("c-1").in_file("x", b'{"n":[33199000001,0.5,true,1e999]}') is not None
    assert names.reader("c-2").in_file("x", b'{"n":[33199000001,0.5,true,1e999]}') is None


@pytest.mark.parametrize(
    "pdf",
    [
        b"%PDF-1.7\n1 0 obj<</Title(x \\311lan Conseil)>>endobj",
        b"%PDF-1.7\n<</Title(a (\xfe\xff) Elan\\\n Conseil)>>",
        b"%PDF-1.7\n<</Title(\xfe\xff" + NAME.encode("utf-16-be") + b")>>",
        b"%PDF-1.7\n<</Title<FEFF" + NAME.encode("utf-16-be").hex().encode() + b">>>",
        b"%PDF-1.7\n(Elan Conseil",
        b"%PDF-1.7\nstream\n{}endstream (x) said Elan Conseil % (",
        b'%PDF-1.7\nstream\n["Elan Conseil"]endstream',
    ],
)
def test_the_strings_and_texts_of_a_pdf_are_found(pdf: bytes) -> None:
    assert found(pdf) == "c-2"
    assert found(pdf, "c-2") == ""


STRUCTURE = [
    *("Next", "Page", "Pages", "Title", "Type", "Catalog", "Table", "Span", "Figure", "Alpha"),
    *("Parent", "Root", "Info", "Producer", "Subtype", "Regular", "Link", "Width"),
]


def test_the_words_a_pdf_is_built_of_are_nobodys() -> None:
    made = render(facts("en"))
    pdf = next(content for name, content in made.items() if name.endswith(".pdf"))
    bare = pdf[: pdf.index(b"stream")]  # the letters' own words stand behind
    for name in STRUCTURE:
        assert called(name).reader("c-1").in_file("a.pdf", bare) is None, name


@pytest.mark.parametrize(
    "text",
    [
        "<td align='center'>x</td>",
        '<p style="border-collapse:collapse;font:12px Solid">x</p>',
        "<TABLE><Center>x</Center></TABLE>",
        '<rdf:Table xmlns:dc="http://center.example/">x</rdf:Table>',
    ],
)
def test_the_words_html_is_built_of_are_nobodys(text: str) -> None:
    names = called("Collapse", "Solid", "Table", "Style")
    assert names.reader("c-1").in_file("a.html", text.encode()) is None


@pytest.mark.parametrize("text", ["a < b", "<Nord Habitat>", "x<y>z", "<a", "Voxline <Free>"])
def test_what_only_looks_like_a_tag_stays(text: str) -> None:
    assert told(text) == text


HEADERS: dict[str, Callable[[str], str]] = {
    "Multipart": lambda name: f"Subject: x\nContent-Type: {name.lower()}/mixed; boundary=x\n\nx",
    "Quoted": lambda name: f"Subject: x\nContent-Transfer-Encoding: {name.lower()}-printable\n\nx",
    "Content": lambda name: f"Subject: x\n{name}-Language: fr\n\nx",
    "Message": lambda name: f"Subject: x\n{name}-ID: <x@y.example>\n\nx",
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_words_a_mail_is_built_of_are_nobodys(name: str) -> None:
    made = HEADERS[name](name)
    assert called(name).reader("c-1").in_file("a.eml", made.encode()) is None
    assert called(name).reader("c-1").in_file("a.eml", f"{made} {name}".encode()) is not None

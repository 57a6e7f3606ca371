"""Texts that try to break out of a document, and facts that hold one wherever they can."""

from incidents.documents import Known, NoticeFacts
from tests.incidents.samples import CUSTOMERS, at, facts, known, said

HOSTILE = {
    "html": "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>",
    "html end": '</td></table></body></html>"\'><a href="javascript:x">click</a><!--',
    "entities": "&lt;b&gt; &amp;amp; &#x202e;",
    "typst code": '#panic("x") #import "@preview/x:1.0.0" #read("/etc/passwd")',
    "typst markup": "= Heading\n*strong* _emph_ `raw` $x$ @ref <label> // no /* no */ \\ #[x]",
    "jinja": "{{ 7 * 7 }} {% include 'x' %} {# gone #}",
    "format": "{customer} {0.__class__} %s %(x)s ${x}",
    "header": "name\r\nBcc: everybody@evil.example\r\n\r\nbody",
    "nul": "before\x00after\x1b[31mred\x07",
    "right to left": "invoice\u202efdp.exe\u2066\u2069\u200f\u061c",
    "invisible": "a\u200bb\u00adc\ufeffd\u2028e\u2029f\u0085g",
    "formula": '=HYPERLINK("http://evil.example","x")+cmd|\' /C calc\'!A0',
    "other scripts": "顧客 عميل 😀 ลูกค้า \U000e0041",
    "json": '","value":null},"x":{"',
    "long word": "W" * 50_000,
    "long text": "word " * 20_000,
    "marks": "e" + "\u0301" * 500,
}


def infested(text: str, language: str = "en") -> NoticeFacts:
    """Return facts with this text wherever a text can come from outside."""
    words = {"fr": text, "en": text}
    contact = known(
        {"name": text, "function": words, "email": text, "phone": text, "always": False}
    )
    base = facts(language)
    assert isinstance(base.coverage, Known)
    assert base.clock.state == base.consequences.state == "known"
    source = {"kind": "log", "reference": text}
    coverage = [
        {**each.model_dump(), "source": text, "only_some": True, "reads_of": (text,)}
        for each in base.coverage.value
    ]
    log = {"source": text, "hours": 1, "present": 1}
    return facts(
        language,
        kind="update",
        version=2,
        prepared_at=at(26, 10),
        customer={**CUSTOMERS[language], "id": text, "name": text, "accounts": (text, text)}
        | {"address": text, "sector": text}
        | {"dpo": {"name": text, "email": text, "phone": text}},
        processor={"name": text, "address": text, "contact": contact, "dpo": contact}
        | {"signing_key": text},
        clock=known(base.clock.value.model_dump() | {"late_reason": words}),
        narrative=said(words),
        changes=words,
        systems=known(
            ({"name": text, "kind": "bucket", "location": text, "object_log": True},),
            reference=text,
        ),
        coverage=known(tuple(coverage), reference=text),
        negative_findings=(
            {"store": text, "finding": "not_accessed", "logs": (log,)},
            {"store": text, "finding": "not_logged"},
        ),
        consequences=said(base.consequences.value.model_dump() | {"note": words}),
        measures=said(({"kind": "other", "at": at(24, 4), "done": True, "note": words},)),
        actions=said(({"kind": "other", "note": words}, {"kind": "rotate_keys", "note": words})),
        open_points=({"kind": "other", "note": words},),
        parties=({"role": "other", "name": text, "location": text, "contact": text},),
        timeline=({"at": at(24, 2), "what": words, "source": source},),
        reply_to=text,
    )

"""A document as a PDF, with the same facts as JSON inside it: one layout for all of them.

PDF/A-3a and PDF/UA-1 at once. Its date is that of the facts, so the same facts give the same bytes,
and an approval can be bound to them. Texts reach the compiler as data; only the fonts inside it are
used.

Source: ISO 19005-3, ISO 14289-1; typst documentation, "PDF".
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

from incidents.documents import safe
from incidents.documents.blocks import Block, Para, Section
from incidents.documents.speech import LOCALES, Speech
from incidents.documents.withdrawal import Facts
from tocsin.errors import Refusal

NOT_MADE = (
    "Write the words that hold these letters in Latin letters, in the register, the data map or "
    "the facts, then preview again; the others until then: "
    "`tocsin notice preview INCIDENT --customer ID`."
)
"""What to do where the compiler stops."""

_NAMED = 8
"""Letters of a text that are named."""


def compiled(drawing: Mapping[str, object], data: bytes, *, of: str, customer: str) -> bytes:
    """Return a document as a PDF that holds its data.

    Args:
        drawing: What the layout draws.
        data: JSON, put inside.
        of: The incident, as documents name it.
        customer: Id.

    Raises:
        Refusal: The compiler cannot make the PDF; nothing was rendered.
    """
    import typst  # noqa: PLC0415 - 40 MB, and only documents need it

    try:
        return bytes(
            typst.compile(
                _layout(),
                pdf_standards=["a-3a", "ua-1"],
                ignore_system_fonts=True,
                sys_inputs={
                    "document": json.dumps(_drawn(drawing), ensure_ascii=False),
                    "dossier": data.decode(),
                },
            )
        )
    except typst.TypstError as error:
        raise Refusal(
            f"{of}: the PDF for customer {customer} cannot be made: {_without_texts(str(error))}",
            hint=NOT_MADE,
        ) from None


def document(
    facts: Facts, t: Speech, name: str, kind: str, sections: Iterable[Section]
) -> dict[str, object]:
    """Return what the layout draws.

    Args:
        facts: Of one customer.
        t: How it speaks.
        name: Of the table of our words that has its title and what it is for.
        kind: What kind of notice it goes with, in words.
        sections: What it says, in order.
    """
    at = facts.prepared_at.astimezone(UTC)
    notice = f"{t('label.version')} {facts.version}"
    ledger = facts.checkpoint
    cover = [
        (t("label.reference"), facts.reference),
        (t("label.version"), kind),
        (t("label.prepared"), t.instant(facts.prepared_at)),
        (t("label.zone"), t.sentence(t.zone)),
    ]
    exercise = {"mark": t("exercise.mark"), "sentence": t("exercise.sentence")}
    return {
        "lang": t.language,
        "region": str(LOCALES[t.language].territory),
        "date": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "title": t(f"{name}.title"),
        "subtitle": t(f"{name}.subtitle"),
        "description": t(f"{name}.subtitle"),
        "author": facts.processor.name,
        "by": t("dossier.by", processor=facts.processor.name),
        "prepared_for": t("dossier.prepared_for"),
        "customer": facts.customer.name,
        "reference": facts.reference,
        "exercise": exercise if facts.exercise else None,
        "cover": cover,
        "running": f"{facts.reference} · {notice}",
        "foot": t("dossier.checkpoint", number=ledger.number) if ledger else facts.reference,
        "page": t("dossier.page", page="{page}", pages="{pages}"),
        "json": t(f"{name}.json"),
        "sections": [asdict(section) for section in sections],
    }


def ledger(facts: Facts, t: Speech) -> tuple[Block, ...]:
    """Return the state of our ledger with its whole hash: a reader can hold us to it later."""
    state = facts.checkpoint
    if state is None:
        return ()
    return (Para(t("dossier.ledger", number=state.number, hash=state.grouped)),)


def undrawn(drawing: Mapping[str, object]) -> set[str]:
    """Return the letters of a document that its PDF shows as their code points."""
    return safe.undrawn("\n".join(_texts(drawing)))


def _drawn(part: Any) -> Any:
    """Return a part of the document with every text as the fonts can show it."""
    if isinstance(part, str):
        return safe.drawn(part)
    if isinstance(part, dict):
        return {name: _drawn(each) for name, each in part.items()}
    return [_drawn(each) for each in part] if isinstance(part, list | tuple) else part


def _without_texts(told: str) -> str:
    """Return what the compiler says, with numbers for the letters of a text: it may name people."""
    return re.sub(r'`"(.*?)"`', lambda text: safe.numbers(text[1][:_NAMED]), told, flags=re.DOTALL)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list | tuple):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _texts(each)


@cache
def _layout() -> bytes:
    return files(__package__).joinpath("templates", "dossier.typ").read_bytes()

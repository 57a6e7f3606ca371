"""All files of one notice: the e-mail and the dossier that goes with it."""

import hashlib

from incidents.documents import dossier, withdrawn
from incidents.documents.fact import Language
from incidents.documents.notice import render_notice
from incidents.documents.speech import Speech
from incidents.documents.withdrawal import Facts, WithdrawalFacts


def render(facts: Facts, language: Language | None = None) -> dict[str, bytes]:
    """Return every file of a notice by name, of one that withdraws others too.

    ``subject.txt``, ``body.txt`` and ``body.html`` are the e-mail, which names the PDF and its
    SHA-256; the PDF goes with it and holds the JSON, which is here for machines beside it.

    Args:
        facts: Of one customer.
        language: The customer's, if not given.

    Raises:
        MissingFacts: A fact is missing; nothing was rendered.
        Refusal: The PDF cannot be made; nothing was rendered.
    """
    language = language or facts.customer.language
    t = Speech(language, facts.customer.time_zone)
    stem = f"{facts.reference}-{facts.version}"
    if facts.exercise:
        stem = f"{t('exercise.file')}-{stem}"
    if isinstance(facts, WithdrawalFacts):
        name, (pdf, data) = f"{stem}-withdrawal", withdrawn.render_document(facts, language)
    else:
        made = dossier.render_dossier(facts, language)
        name, pdf, data = f"{stem}-dossier", made["dossier.pdf"], made["dossier.json"]
    named = {f"{name}.pdf": hashlib.sha256(pdf).hexdigest()}
    if isinstance(facts, WithdrawalFacts):
        mail = withdrawn.render_mail(facts, language, named)
    else:
        mail = render_notice(facts, language, named)
    return {**mail, f"{name}.pdf": pdf, f"{name}.json": data}


def undrawn(facts: Facts, language: Language) -> set[str]:
    """Return the letters that the PDF shows as their code points, as its fonts lack them.

    Raises:
        MissingFacts: A fact is missing: there is no PDF.
    """
    if isinstance(facts, WithdrawalFacts):
        return withdrawn.undrawn(facts, language)
    return dossier.undrawn(facts, language)

"""All files of one notice: the e-mail and the dossier that goes with it."""

import hashlib

from incidents.documents.dossier import render_dossier
from incidents.documents.fact import Language
from incidents.documents.facts import NoticeFacts
from incidents.documents.notice import render_notice
from incidents.documents.speech import Speech


def render(facts: NoticeFacts, language: Language | None = None) -> dict[str, bytes]:
    """Return every file of a notice by name.

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
    dossier = render_dossier(facts, language)
    pdf, data = dossier["dossier.pdf"], dossier["dossier.json"]
    name = f"{stem}-dossier"
    mail = render_notice(facts, language, {f"{name}.pdf": hashlib.sha256(pdf).hexdigest()})
    return {**mail, f"{name}.pdf": pdf, f"{name}.json": data}

"""The notice that takes earlier ones back: e-mail, PDF and JSON, in one language.

Both say the same, section by section. It asks for nothing but a receipt: what a customer that has
notified its authority makes of it is the customer's, and the authority's.

Source: GDPR Art. 33(4) and (5); EDPB Guidelines 9/2022, on notifications that turn out not to have
been needed.
"""

from collections.abc import Mapping

import rfc8785

from incidents.documents import about_response, pdf
from incidents.documents.about_breach import given
from incidents.documents.blocks import Block, Items, Para, Section
from incidents.documents.fact import Language
from incidents.documents.missing import check
from incidents.documents.notice import attached, mail
from incidents.documents.speech import Speech
from incidents.documents.union import stamp
from incidents.documents.withdrawal import WithdrawalFacts

SCHEMA = "tocsin-withdrawal-1"


def render_mail(
    facts: WithdrawalFacts, language: Language, attachments: Mapping[str, str]
) -> dict[str, bytes]:
    """Return ``subject.txt``, ``body.txt`` and ``body.html``.

    Args:
        facts: Of one customer.
        language: Of the notice.
        attachments: SHA-256 of each file that goes with it, by name.

    Raises:
        MissingFacts: A fact is missing; nothing was rendered.
    """
    check(facts, language)
    t = _speech(facts, language)
    more = {
        "kind": t("kind.withdrawn"),
        "short": _short(facts, t),
        "sections": sections(facts, t, attachments),
    }
    return mail(facts, t, ("withdrawn-subject.txt", "withdrawn.txt", "withdrawn.html"), more)


def render_document(facts: WithdrawalFacts, language: Language) -> tuple[bytes, bytes]:
    """Return the PDF, and the JSON that lies inside it.

    Raises:
        MissingFacts: A fact is missing; nothing was rendered.
        Refusal: The compiler cannot make the PDF; nothing was rendered.
    """
    check(facts, language)
    t, data = _speech(facts, language), to_json(facts)
    drawing = _drawing(facts, t)
    made = pdf.compiled(drawing, data, of=facts.reference, customer=facts.customer.id)
    return made, data


def undrawn(facts: WithdrawalFacts, language: Language) -> set[str]:
    """Return the letters that the PDF shows as their code points, as its fonts lack them.

    Raises:
        MissingFacts: A fact is missing: there is no PDF.
    """
    check(facts, language)
    return pdf.undrawn(_drawing(facts, _speech(facts, language)))


def to_json(facts: WithdrawalFacts) -> bytes:
    """Return what it says as canonical JSON."""
    return rfc8785.dumps(
        {
            "schema_version": SCHEMA,
            "incident_id": facts.reference,
            "notice": {
                "kind": facts.kind,
                "status": facts.status,
                "version": facts.version,
                "prepared_at": stamp(facts.prepared_at),
                "exercise": facts.exercise,
                "language": facts.customer.language,
                "customer": facts.customer.id,
            },
            "withdraws": {
                "version": facts.told.version,
                "status": facts.told.status,
                "sent_at": stamp(facts.told.at),
            },
            "ground": facts.ground,
            "why": given(facts.withdrawal).read(facts.customer.language),
        }
    )


def sections(
    facts: WithdrawalFacts, t: Speech, attachments: Mapping[str, str] | None = None
) -> list[Section]:
    """Return the parts of mail and document in their order; the document has no attachments.

    It prints the state of our ledger instead.
    """
    ledger = pdf.ledger(facts, t) if attachments is None else ()
    told = facts.told
    before = t(f"withdrawn.before_{told.status}", version=told.version, at=t.instant(told.at))
    parts: dict[str, tuple[Block, ...]] = {
        "withdrawn.now": (
            Para(before),
            Para(t(f"withdrawn.now_{facts.ground}"), "strong"),
            Para(t("withdrawn.stay")),
        ),
        "withdrawn.why": (Para(given(facts.withdrawal).read(t.language)),),
        "withdrawn.yours": (Items(_yours(facts, t)),),
        "section.contact": about_response.contact(facts, t),
        "section.attachments": attached(attachments or {}, t, "withdrawn.attachment"),
        "section.acknowledge": about_response.acknowledge(facts, t),
        "section.legal": (Para(t("withdrawn.legal")), *ledger),
    }
    return [Section(t(name), blocks, 1) for name, blocks in parts.items() if blocks]


def _yours(facts: WithdrawalFacts, t: Speech) -> tuple[str, ...]:
    filed = t("withdrawn.filed")
    if facts.law == "gdpr":  # the Board speaks for the authorities of the Union
        filed = f"{filed} {t('withdrawn.no_penalty')}"
    return (t("withdrawn.not_filed"), filed, t("withdrawn.people"), t("withdrawn.record"))


def _short(facts: WithdrawalFacts, t: Speech) -> tuple[tuple[str, str], ...]:
    contact, told = given(facts.processor.contact), facts.told
    form = "withdrawn.notice" if told.version == 1 else "withdrawn.notices"
    return (
        (t("label.notice"), _kind(facts, t)),
        (t("withdrawn.withdraws"), t(form, version=told.version, at=t.instant(told.at))),
        (t("short.call"), f"{contact.phone}, {contact.email}"),
        (t("acknowledge.short"), facts.acknowledgement_code),
    )


def _kind(facts: WithdrawalFacts, t: Speech) -> str:
    return t(f"kind.withdrawn_{facts.ground}", version=facts.version)


def _drawing(facts: WithdrawalFacts, t: Speech) -> dict[str, object]:
    return pdf.document(facts, t, "withdrawn", _kind(facts, t), sections(facts, t))


def _speech(facts: WithdrawalFacts, language: Language) -> Speech:
    return Speech(language, facts.customer.time_zone, facts.law)

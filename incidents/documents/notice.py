"""The notice e-mail: subject, text and HTML, in one language.

Nothing personal stands in the subject, and one message names one customer.

Source: Commission Implementing Decision (EU) 2021/915, clause 9.2; GDPR Art. 33(2) and (3).
"""

import textwrap
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from incidents.documents import about_breach, about_logs, about_numbers, about_response
from incidents.documents.about_breach import amount, given, known
from incidents.documents.blocks import Block, Items, Para, Rows, Section
from incidents.documents.fact import Language
from incidents.documents.facts import NoticeFacts
from incidents.documents.missing import check
from incidents.documents.speech import Speech
from incidents.documents.withdrawal import Facts

WIDTH = 76
"""Columns of the text: no mail program folds it again."""


def render_notice(
    facts: NoticeFacts, language: Language, attachments: Mapping[str, str]
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
    t = Speech(language, facts.customer.time_zone, facts.law)
    more = {
        "kind_of": facts.kind,
        "kind": label(facts, t),
        "suspected": facts.status == "suspected",
        "law": t(f"law.{facts.law}"),
        "always": given(facts.processor.contact).always,
        "short": _short(facts, t),
        "sections": sections(facts, t, attachments),
    }
    return mail(facts, t, ("subject.txt", "body.txt", "body.html"), more)


def mail(
    facts: Facts, t: Speech, templates: tuple[str, str, str], more: Mapping[str, object]
) -> dict[str, bytes]:
    """Return ``subject.txt``, ``body.txt`` and ``body.html`` of any notice.

    Args:
        facts: Of one customer.
        t: Speaks its language.
        templates: Of the subject, the text and the HTML.
        more: What they ask for beside what every notice says of itself.
    """
    values = {
        "t": t,
        "language": t.language,
        "exercise": facts.exercise,
        "processor": facts.processor.name,
        "customer": facts.customer.name,
        "reference": facts.reference,
        "version": facts.version,
        "contact": given(facts.processor.contact).name,
        **more,
    }
    subject, text, html = (f"{t.language}/{name}" for name in templates)
    line = _rendered(subject, values).strip()
    return {
        "subject.txt": line.encode(),
        "body.txt": _rendered(text, values).encode(),
        "body.html": _rendered(html, {**values, "subject": line}).encode(),
    }


def label(facts: NoticeFacts, t: Speech) -> str:
    """Return what the notice is, in capitals, as the subject says it."""
    return t(
        f"kind.{facts.status if facts.kind == 'initial' else facts.kind}", version=facts.version
    )


def sections(facts: NoticeFacts, t: Speech, attachments: Mapping[str, str]) -> list[Section]:
    """Return the parts of the notice in their order."""
    parts: dict[str, tuple[Block, ...]] = {
        "status": about_breach.status(facts, t),
        "times": about_breach.times(facts, t),
        "happened": about_breach.happened(facts, t),
        "account": (*about_breach.account(facts, t), *about_logs.coverage(facts, t)),
        "data": about_breach.data(facts, t),
        "people": (*about_breach.people(facts, t), *_numbers(facts, t)),
        "access": about_breach.access(facts, t),
        "consequences": about_response.consequences(facts, t),
        "measures": about_response.measures(facts, t),
        "actions": about_response.actions(facts, t),
        "contact": about_response.contact(facts, t),
        "open": about_response.still_open(facts, t),
        "attachments": attached(attachments, t),
        "acknowledge": about_response.acknowledge(facts, t),
        "legal": about_response.legal(facts, t),
    }
    return [Section(t(f"section.{name}"), blocks) for name, blocks in parts.items() if blocks]


def _short(facts: NoticeFacts, t: Speech) -> tuple[tuple[str, str], ...]:
    names = t.listed(t(f"category.{each.category}") for each in given(facts.affected))
    if about_breach.maybe(facts):
        names = about_breach.categories(facts, t)
    contact = given(facts.processor.contact)
    rows = [
        (t("label.notice"), about_breach.kind(facts, t)),
        (t("short.data"), t.sentence(names)),
        (t("short.people"), t.sentence(amount(known(facts.subjects), "people", t))),
        (t("short.call"), f"{contact.phone}, {contact.email}"),
        (t("acknowledge.short"), facts.acknowledgement_code),
    ]
    if facts.kind != "final":
        at = t.sentence(t.instant(given(facts.next_update_at)))
        rows.insert(-2, (t("label.next"), at))
    return tuple(rows)


def _numbers(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    blocks = about_numbers.numbers(facts, t)
    if not any(isinstance(each, Items) for each in blocks):
        return blocks  # no number is known yet
    return (Para(f"{t('dossier.numbers')}{t('form.colon').rstrip()}"), *blocks)


def attached(
    attachments: Mapping[str, str], t: Speech, words: str = "attachment.dossier"
) -> tuple[Block, ...]:
    """Return the files that go with a notice, each with its SHA-256."""
    return tuple(
        block
        for name, sha256 in attachments.items()
        for block in (
            Para(t(words, name=name)),
            Rows(((t("label.hash"), sha256),)),
        )
    )


def _rendered(name: str, values: Mapping[str, object]) -> str:
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("incidents.documents", "templates/notice"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    environment.filters["hanging"] = _hanging
    return environment


def _wrapped(text: str) -> str:
    return "\n".join(_hanging(part, "") for part in text.split("\n"))


def _hanging(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

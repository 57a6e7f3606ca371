"""What the logs can say, in words: of which hours and stores, and of stores that nothing reached.

A store is said not to be accessed only where each read of it is logged, for the hours named beside
it; of any other that no log shows to have been reached, it is said that we cannot tell, and why.

Source: GDPR Art. 33(3)(a); Commission Implementing Decision (EU) 2021/915, clause 9.2(a).
"""

from collections.abc import Iterator

from incidents.documents.about_breach import given
from incidents.documents.blocks import Block, Items, Para, Table
from incidents.documents.breach import Coverage, NegativeFinding
from incidents.documents.facts import NoticeFacts
from incidents.documents.speech import Speech


def coverage(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return what the logs behind all this cover, and what they say of further stores, as lists."""
    if facts.coverage is None:
        return (Para(t("coverage.none")),)
    lines = tuple(
        t(
            "coverage.line",
            source=each.source,
            since=t.instant(each.since),
            until=t.instant(each.until),
            present=t.number(each.present),
            hours=t.number(each.hours),
            reads=_reads(each, t),
        )
        for each in given(facts.coverage)
    )
    blocks: tuple[Block, ...] = (Para(t("coverage.intro")), Items(lines))
    if not facts.negative_findings:
        return blocks
    return (*blocks, Para(t("finding.intro")), Items(tuple(findings(facts, t))))


def tables(facts: NoticeFacts, t: Speech) -> tuple[Block, ...]:
    """Return the same as tables, for print."""
    if facts.coverage is None:
        return coverage(facts, t)
    rows = tuple(
        (
            each.source,
            t("times.from_to", begun=t.instant(each.since), ended=t.instant(each.until)),
            f"{t.number(each.present)} / {t.number(each.hours)}",
            _cell(each, t),
        )
        for each in given(facts.coverage)
    )
    head = tuple(t(f"table.{name}") for name in ("source", "period", "hours", "reads_of_yours"))
    table = Table(t("dossier.coverage"), head, rows, (4, 7, 3, 6))
    blocks: tuple[Block, ...] = (Para(t("coverage.intro")), table)
    if not facts.negative_findings:
        return blocks
    found = tuple((each.store, t.sentence(_finding(each, t))) for each in facts.negative_findings)
    head = tuple(t(f"table.{name}") for name in ("system", "finding"))
    return (*blocks, Para(t("finding.intro")), Table(t("finding.caption"), head, found, (5, 11)))


def findings(facts: NoticeFacts, t: Speech) -> Iterator[str]:
    """Yield a sentence for each store that no log shows to have been reached."""
    for each in facts.negative_findings:
        yield t("finding.line", store=each.store, says=_finding(each, t))


def _finding(each: NegativeFinding, t: Speech) -> str:
    """Return what logs can say of a store, with the logs and hours behind it."""
    logs = (
        t(
            "finding.log",
            source=log.source,
            present=t.number(log.present),
            hours=t.number(log.hours),
        )
        for log in each.logs
    )
    return t(f"finding.{each.finding}", logs=t.joined(logs))


def _reads(each: Coverage, t: Speech) -> str:
    if not each.only_some:
        whole = each.object_level or each.partly_unread
        said = t("coverage.reads" if whole else "coverage.no_reads")
    elif each.reads_of:
        said = t("coverage.reads_of", stores=t.listed(each.reads_of))
    else:
        said = t("coverage.reads_some")
    return t("coverage.in_part", reads=said) if each.partly_unread else said


def _cell(each: Coverage, t: Speech) -> str:
    if each.partly_unread:
        return t.sentence(_reads(each, t))
    if each.only_some:
        names = t.listed(each.reads_of)
        return t("coverage.cell_of", stores=names) if names else t("coverage.cell_some")
    return t("form.yes" if each.object_level else "form.no")

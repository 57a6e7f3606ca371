"""Rendering notices and keeping their bytes, so that what is looked at is what is approved."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from incidents.disclosure import Names
from incidents.documents import Facts, Missing, MissingFacts, check, render
from incidents.notices.lacking import Lacking, lines
from incidents.notices.manifest import Addressed, Listed, Manifest
from incidents.notices.naming import Naming, allowing, naming
from incidents.notices.naming import lines as naming_lines
from incidents.notices.tables import manifest, notice, notice_file
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal


def preview(
    db: Connection,
    letters: Sequence[Addressed],
    *,
    names: Names,
    principal: Principal,
    now: datetime,
) -> Manifest:
    """Render the notices of one incident, keep the bytes and return their manifest.

    Earlier renderings of the same notices no longer count, nor do approvals of them.

    Args:
        db: A transaction; it holds all of it or, after a refusal, nothing.
        letters: One per customer, all of one incident.
        names: Everybody's: no customer reads another's, or a colleague's.
        principal: Who asks.
        now: When.

    Raises:
        MissingFacts: Facts or recipients are missing, of any of them; all are named.
        Refusal: Nothing to render, several incidents, a customer twice, a notice that has been
            handed over already, one that would name somebody its customer must not read of, or PDFs
            that cannot be made; all of these are named.
    """
    incident = _one_incident(letters)
    _nobody_twice(letters)
    for each in letters:
        _not_handed_over(db, each)
    rendered = _render_all(letters, names)
    made = Manifest(incident, tuple(listed for listed, _ in rendered))
    known = db.scalar(select(manifest.c.sha256).where(manifest.c.sha256 == made.sha256))
    if known is None:
        db.execute(
            insert(manifest).values(
                sha256=made.sha256,
                incident=incident,
                body=made.body.decode(),
                made_at=to_us(now),
                made_by=str(principal),
            )
        )
    facts_of = {each.facts.customer.id: each.facts for each in letters}
    for listed, files in rendered:
        for content in files.values():
            _keep(db, content)
        _record(db, made, listed, facts_of[listed.customer], principal=principal, now=now)
    return made


def file_of(db: Connection, sha256: str) -> bytes:
    """Return the bytes of one rendered file, as they were rendered.

    Raises:
        Refusal: There is no such file, or its bytes were altered.
    """
    content = db.scalar(select(notice_file.c.content).where(notice_file.c.sha256 == sha256))
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        state = "is not there" if content is None else "was altered in the database"
        raise Refusal(f"the rendered file {sha256} {state}", hint="Preview the notice again.")
    return bytes(content)


def _one_incident(letters: Sequence[Addressed]) -> int:
    incidents = {each.facts.incident for each in letters}
    if len(incidents) != 1:
        raise Refusal(
            f"one incident's notices are previewed at a time, got {sorted(incidents) or 'none'}",
            hint="Name one incident that has customers to tell.",
        )
    return incidents.pop()


def _nobody_twice(letters: Sequence[Addressed]) -> None:
    seen: set[str] = set()
    for each in letters:
        customer = each.facts.customer.id
        if customer in seen:
            raise Refusal(
                f"customer {customer} stands twice in the preview", hint="Name each once."
            )
        seen.add(customer)


def _not_handed_over(db: Connection, letter: Addressed) -> None:
    facts, n = letter.facts, notice.c
    newest = db.scalar(
        select(func.max(n.version)).where(
            n.incident == facts.incident,
            n.customer == facts.customer.id,
            n.handed_over_at.is_not(None),
        )
    )
    if newest is not None and facts.version <= newest:
        raise Refusal(
            f"{facts.reference}: notice {newest} to customer {facts.customer.id} has been handed "
            f"over; {facts.version} cannot be rendered any more",
            hint=f"Prepare notice {newest + 1} as an update.",
        )


def _render_all(
    letters: Sequence[Addressed], names: Names
) -> list[tuple[Listed, dict[str, bytes]]]:
    rendered, lacking, named = [], list[Lacking](), list[Naming]()
    unmade = dict[str, Refusal]()
    for each in sorted(letters, key=lambda letter: letter.facts.customer.id):
        facts, customer = each.facts, each.facts.customer
        if not each.to:
            lacking.append(Lacking(customer.id, customer.language, _address(each.phones)))
        strange = list(naming(facts, names.reader(customer.id)))
        named += strange
        try:
            check(facts, customer.language)
            files = {} if strange else render(facts)
        except MissingFacts as error:
            lacking += [Lacking(customer.id, customer.language, fact) for fact in error.facts]
            continue
        except Refusal as error:
            unmade[customer.id] = error
            continue
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        to = tuple(sorted(set(each.to)))
        rendered.append((Listed(customer.id, facts.version, customer.language, to, hashes), files))
    whose = sorted({one.customer for one in lacking} | {one.customer for one in named})
    of = whose[0] if len(whose) == 1 else f"{len(whose)} of {len(letters)}"
    others = _others(letters, {*whose, *unmade})
    if named:
        said, missing = naming_lines(named), lines(lacking)
        words = "1 word is" if len(said) == 1 else f"{len(said)} words are"
        told = f"{letters[0].facts.reference}, customer {of}: {words} not for it"
        raise Refusal(
            "\n  ".join((told, *said, *missing)),
            hint=f"Give each as said, then preview again. {others}".rstrip()
            + " Words that may be read all the same, because they are ordinary ones or a "
            "supplier's, say with your reasons: "
            f"`{allowing(named, letters[0].facts.incident)}`",
        )
    if lacking:
        raise MissingFacts(
            tuple(
                one.fact.model_copy(update={"fact": f"{one.fact.fact} of {one.customer}"})
                for one in lacking
            ),
            reference=letters[0].facts.reference,
            customer=of,
            lines=lines(lacking),
            others=others,
        )
    if unmade:
        hint = next(iter(unmade.values())).hint
        once = dict.fromkeys(map(str, unmade.values()))  # one line for all of whom it is true
        raise Refusal("\n  ".join(once), hint=f"{hint} {others}".strip())
    return rendered


def _address(phones: Collection[str]) -> Missing:
    """Return how to come by an address; who has a phone alone can be called meanwhile."""
    call = f" (it has only {', '.join(phones)}: call it)" if phones else ""
    return Missing(
        fact="recipients",
        whose="who keeps the registers",
        how=f"an e-mail address of a contact with the role breach{call}, "
        "`tocsin customer import FILE`",
    )


def _others(letters: Sequence[Addressed], held_up: Collection[str]) -> str:
    """Return how to go on with the customers that nothing holds up; "" where there are none."""
    free = [one.facts.customer.id for one in letters if one.facts.customer.id not in held_up]
    if not free:
        return ""
    chosen = " ".join(f"--customer {one}" for one in sorted(free))
    number = letters[0].facts.incident
    return f"The others need not wait: `tocsin notice preview {number} {chosen}`."


def _keep(db: Connection, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    if db.scalar(select(notice_file.c.sha256).where(notice_file.c.sha256 == sha256)) is None:
        db.execute(insert(notice_file).values(sha256=sha256, content=content))


def _record(
    db: Connection,
    made: Manifest,
    listed: Listed,
    facts: Facts,
    *,
    principal: Principal,
    now: datetime,
) -> None:
    n = notice.c
    last = db.scalar(
        select(func.max(n.render)).where(
            n.incident == made.incident,
            n.customer == listed.customer,
            n.version == listed.version,
        )
    )
    db.execute(
        insert(notice).values(
            incident=made.incident,
            customer=listed.customer,
            version=listed.version,
            render=(last or 0) + 1,
            manifest=made.sha256,
            facts=facts.model_dump_json(),
        )
    )
    fact = {
        "incident": made.incident,
        "customer": listed.customer,
        "notice": listed.version,
        "manifest": made.sha256,
        "files": listed.files,
    }
    ledger.append(db, "notice.prepared", fact, principal=principal, at=now)

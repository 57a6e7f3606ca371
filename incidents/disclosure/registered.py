"""Everybody's words, from the registers: what tells who somebody is."""

from collections.abc import Collection, Iterable, Iterator

from incidents.disclosure.folding import TOKEN, fold
from incidents.disclosure.names import Names
from incidents.disclosure.words import COLLEAGUE, CUSTOMER, OURS, Word
from tocsin import registers

_FORMS = frozenset(
    (
        *("ab", "ag", "aps", "as", "bv", "co", "corp", "eirl", "eurl", "gmbh", "inc", "kg"),
        *("limited", "llc", "llp", "ltd", "nv", "oy", "plc", "sa", "sarl", "sas", "sasu", "sca"),
        *("scop", "se", "snc", "spa", "srl"),
    )
)
"""Legal forms of companies, as they end names."""


def registered(
    customers: Iterable[registers.Customer],
    staff: Iterable[registers.StaffEntry],
    ours: Iterable[str] = (),
    fields: Collection[str] = (),
    *,
    labels: Iterable[str] = (),
    allowed: Iterable[str] = (),
) -> Names:
    """Return the words of all customers and colleagues.

    Args:
        customers: The register.
        staff: The register of colleagues.
        ours: What any customer may read: the operator's names, contacts and their addresses.
        fields: See :class:`Names`.
        labels: What we call stores and sources: any customer may read it, though a customer were
            called the same; of that customer it says nothing elsewhere.
        allowed: What a person said any customer of an incident may read.
    """
    words = [
        *(word for one in customers for word in _of_customer(one)),
        *(word for one in staff for word in _of_colleague(one)),
        *(Word(CUSTOMER, OURS, "other", one, "") for one in ours),
        *(Word(CUSTOMER, OURS, "allowed", one, "") for one in allowed),
    ]
    taken = {fold(one.text) for one in words if one.owner != OURS}
    for label in dict.fromkeys(labels):
        words.append(Word(CUSTOMER, OURS, "label", label, ""))
        if fold(label) not in taken:
            words.append(Word(CUSTOMER, OURS, "allowed", label, ""))
    return Names(words, fields)


def without_form(name: str) -> str:
    """Return a company's name without its legal form: Voxline of Voxline SAS."""
    said = name.strip()
    while len(tokens := TOKEN.findall(fold(said))) > 1 and tokens[-1] in _FORMS:
        said = said.rpartition(" ")[0].rstrip(" ,&") if " " in said else said
        if TOKEN.findall(fold(said)) == tokens:
            break
    return said


def _of_customer(one: registers.Customer) -> Iterator[Word]:
    whose = f"customer {one.id}"
    yield Word(CUSTOMER, one.id, "name", one.name, f'"{one.name}", the name of {whose}')
    yield Word(CUSTOMER, one.id, "id", one.id, f'"{one.id}", the id of {whose}')
    for contact in one.contacts:
        of = f"of a contact of {whose} ({contact.role})"
        # Its own contact's name may hold another customer's, and is nobody else's secret.
        yield Word(CUSTOMER, one.id, "other", contact.name, "")
        if contact.email:
            yield Word(CUSTOMER, one.id, "address", contact.email, f"the e-mail address {of}")
            yield Word(CUSTOMER, one.id, "other", contact.email.partition("@")[2], "")
        if contact.phone:
            yield Word(CUSTOMER, one.id, "number", contact.phone, f"the phone number {of}")


def _of_colleague(one: registers.StaffEntry) -> Iterator[Word]:
    whose = f"a colleague, {one.pseudonym}"
    turned = " ".join(reversed(one.name.split()))
    for name in dict.fromkeys((one.name, turned)):
        yield Word(COLLEAGUE, one.id, "name", name, f"the name of {whose}", one.pseudonym)
    yield Word(COLLEAGUE, one.id, "id", one.id, f"the id of {whose}", one.pseudonym)

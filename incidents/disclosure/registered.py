"""Everybody's words, from the registers: what tells who somebody is."""

from collections.abc import Collection, Iterable, Iterator

from incidents.disclosure.names import COLLEAGUE, CUSTOMER, OURS, Names, Word
from tocsin import registers


def registered(
    customers: Iterable[registers.Customer],
    staff: Iterable[registers.StaffEntry],
    ours: Iterable[str] = (),
    fields: Collection[str] = (),
    unregistered: Iterable[str] = (),
) -> Names:
    """Return the words of all customers and colleagues.

    Args:
        customers: The register.
        staff: The register of colleagues.
        ours: What any customer may read: the operator's names, contacts and their addresses.
        fields: See :class:`Names`.
        unregistered: Ids that logs name as customers' and no register knows.
    """
    words = [
        *(word for one in customers for word in _of_customer(one)),
        *map(_unregistered, unregistered),
        *(word for one in staff for word in _of_colleague(one)),
        *(Word(CUSTOMER, OURS, "other", one, "") for one in ours),
    ]
    return Names(words, fields)


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


def _unregistered(one: str) -> Word:
    """Return the word of a customer that only logs name.

    A log names whom it likes: what is a word like any other counts only where an id can stand, else
    no notice could be written with it.
    """
    what = "placed" if one.isalpha() else "id"
    return Word(CUSTOMER, one, what, one, f'"{one}", the id of a customer that no register knows')


def _of_colleague(one: registers.StaffEntry) -> Iterator[Word]:
    whose = f"a colleague, {one.pseudonym}"
    turned = " ".join(reversed(one.name.split()))
    for name in dict.fromkeys((one.name, turned)):
        yield Word(COLLEAGUE, one.id, "name", name, f"the name of {whose}", one.pseudonym)
    yield Word(COLLEAGUE, one.id, "id", one.id, f"the id of {whose}", one.pseudonym)

"""Everybody's words, from the registers: what tells who somebody is."""

from collections.abc import Collection, Iterable, Iterator

from incidents.disclosure.folding import fold
from incidents.disclosure.names import Mention, Names
from incidents.disclosure.words import COLLEAGUE, CUSTOMER, OURS, Word
from tocsin import registers

_PUBLIC = frozenset(
    (
        *("aol.com", "bbox.fr", "bluewin.ch", "bt.com", "btinternet.com", "free.fr", "gmail.com"),
        *("gmx.de", "gmx.fr", "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com"),
        *("hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "live.fr", "mac.com"),
        *("mail.com", "mailo.com", "me.com", "msn.com", "neuf.fr", "numericable.fr", "orange.fr"),
        *(
            "outlook.com",
            "outlook.fr",
            "pm.me",
            "proton.me",
            "protonmail.com",
            "sfr.fr",
            "skynet.be",
        ),
        *("t-online.de", "tutanota.com", "wanadoo.fr", "web.de", "yahoo.co.uk", "yahoo.com"),
        *("yahoo.fr", "ymail.com", "zoho.com"),
    )
)
"""Domains at which anybody may have an address."""


def registered(
    customers: Iterable[registers.Customer],
    staff: Iterable[registers.StaffEntry],
    ours: Iterable[str] = (),
    fields: Collection[str] = (),
    unregistered: Iterable[str] = (),
    *,
    labels: Iterable[str] = (),
    codes: Iterable[str] = (),
    allowed: Iterable[str] = (),
    fixed: Iterable[str] = (),
) -> Names:
    """Return the words of all customers and colleagues.

    Args:
        customers: The register.
        staff: The register of colleagues.
        ours: What any customer may read: the operator's names, contacts and their addresses.
        fields: See :class:`Names`.
        unregistered: Ids that logs name as customers' and no register knows.
        labels: What we call stores and sources: any customer may read it, but for one that holds
            somebody's word (see :func:`telling`). One that is somebody's word and no more may be
            read as a value: of that customer it says nothing there.
        codes: What we call facts, kinds of entries, messages, files: as a whole they are nobody's,
            ``evidence.exported`` though a customer were called Evidence; one that is one word only
            where it is all that a value says.
        allowed: What a person said any customer of an incident may read.
        fixed: See :class:`Names`.
    """
    customers = list(customers)
    words = [
        *(word for one in customers for word in _of_customer(one)),
        *_domains(customers),
        *map(_unregistered, unregistered),
        *(word for one in staff for word in _of_colleague(one)),
        *(Word(CUSTOMER, OURS, "other", one, "") for one in ours),
        *(Word(CUSTOMER, OURS, "domain", _domain(one), "") for one in ours if "@" in one),
        *(Word(CUSTOMER, OURS, "allowed", one, "") for one in allowed),
    ]
    taken = {fold(one.text) for one in words if one.owner != OURS}
    without = Names(words, fields)
    for label in dict.fromkeys(labels):
        found = without.reader(OURS).in_value(label)
        if found is None or _is_all(found, label):
            words.append(Word(CUSTOMER, OURS, "label", label, ""))
        if found is None and fold(label).strip() not in taken:
            words.append(Word(CUSTOMER, OURS, "allowed", label, ""))
    words += [
        Word(CUSTOMER, OURS, "label" if one.isalpha() else "other", one, "")
        for one in dict.fromkeys(codes)
        if one.isalpha() or fold(one).strip() not in taken
    ]
    return Names(words, fields, fixed)


def telling(label: str, names: Names) -> Mention | None:
    """Return the first word of a customer or colleague that a label of ours holds beside others.

    A bucket that is called after a customer tells all others of it: only a person allows that.

    Args:
        label: Of a store, a bucket, a source.
        names: Everybody's, put together without labels.
    """
    found = names.reader(OURS).in_value(label)
    return None if found is None or _is_all(found, label) else found


def _is_all(found: Mention, label: str) -> bool:
    return fold(found.text).strip() == fold(label).strip()


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


def _domains(customers: Iterable[registers.Customer]) -> Iterator[Word]:
    """Yield the domains of customers' contacts; a mail service's, or several's, is nobody's."""
    whose = dict[str, set[str]]()
    for one in customers:
        for contact in one.contacts:
            if "." in (domain := _domain(contact.email)):
                whose.setdefault(domain, set()).add(one.id)
    for domain, ids in whose.items():
        if len(ids) == 1 and domain not in _PUBLIC:
            (of,) = ids
            yield Word(CUSTOMER, of, "domain", domain, f"an e-mail address at customer {of}")


def _domain(address: str) -> str:
    return fold(address.rpartition("@")[2]).strip()


def _unregistered(one: str) -> Word:
    """Return the word of a customer that only logs name.

    A log names whom it likes: what is a word like any other counts only where an id can stand, else
    no notice could be written with it.
    """
    what = "placed" if one.isalpha() else "id"
    return Word(CUSTOMER, one, what, one, f'"{one}", the id of a customer that no register knows')


def _of_colleague(one: registers.StaffEntry) -> Iterator[Word]:
    whose = f"a colleague, {one.pseudonym}"
    said = one.name.split()
    # The family's name, of one word or several, may stand first.
    turned = (" ".join(said[first:] + said[:first]) for first in range(len(said)))
    for name in dict.fromkeys((one.name, *turned)):
        yield Word(COLLEAGUE, one.id, "name", name, f"the name of {whose}", one.pseudonym)
    yield Word(COLLEAGUE, one.id, "id", one.id, f"the id of {whose}", one.pseudonym)

"""What must not reach a customer: names, ids, addresses and numbers of others, and colleagues'.

    folding      texts so that they can be compared
    encodings    bytes that a text hides
    texts        what a file says, however it is encoded
    places       where a short id can stand
    words        words that belong to somebody, and how each is looked for
    names        all of them, looked for at once, and what one reader must not read
    registered   everybody's words, from the registers
    allowing     words that a person allows the customers of an incident to read
    pseudonyms   colleagues' words replaced by what stands for them

One search for all: before a notice is rendered, and before a bundle of evidence is written.
"""

from incidents.disclosure.allowing import Allowance, allow, allowances
from incidents.disclosure.names import Mention, Names, Reader
from incidents.disclosure.pseudonyms import pseudonymed
from incidents.disclosure.registered import registered, telling
from incidents.disclosure.words import COLLEAGUE, CUSTOMER, OURS, Word, without_form

__all__ = [
    "COLLEAGUE",
    "CUSTOMER",
    "OURS",
    "Allowance",
    "Mention",
    "Names",
    "Reader",
    "Word",
    "allow",
    "allowances",
    "pseudonymed",
    "registered",
    "telling",
    "without_form",
]

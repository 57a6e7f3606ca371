"""What must not reach a customer: names, ids, addresses and numbers of others, and colleagues'.

    folding      texts so that they can be compared
    texts        what a file says, however it is encoded
    places       where a short id can stand
    names        everybody's words, looked for at once, and what one reader must not read
    registered   everybody's words, from the registers
    pseudonyms   colleagues' words replaced by what stands for them

One search for all: before a notice is rendered, and before a bundle of evidence is written.
"""

from incidents.disclosure.names import COLLEAGUE, CUSTOMER, OURS, Mention, Names, Reader, Word
from incidents.disclosure.pseudonyms import pseudonymed
from incidents.disclosure.registered import registered

__all__ = [
    "COLLEAGUE",
    "CUSTOMER",
    "OURS",
    "Mention",
    "Names",
    "Reader",
    "Word",
    "pseudonymed",
    "registered",
]

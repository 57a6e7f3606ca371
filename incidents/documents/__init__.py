"""Notice and dossier of one customer: facts in, bytes out.

    safe       text from outside, made harmless
    fact       known, not known yet, missing
    breach, response, facts
               everything the documents say
    missing    what they cannot do without, and whom to ask

Pure: no database, no clock; the same facts give the same bytes.
"""

from incidents.documents.fact import Known, Missing, NotYet, Source
from incidents.documents.facts import NoticeFacts
from incidents.documents.missing import MissingFacts, check, missing

__all__ = [
    "Known",
    "Missing",
    "MissingFacts",
    "NotYet",
    "NoticeFacts",
    "Source",
    "check",
    "missing",
]

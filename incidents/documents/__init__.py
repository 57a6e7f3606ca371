"""Notice and dossier of one customer: facts in, bytes out.

    safe       text from outside, made harmless
    fact       known, not known yet, missing
    breach, response, facts
               everything the documents say
    withdrawal what is said where it was no breach after all
    missing    what they cannot do without, and whom to ask
    fixed      our own words, the same in everybody's documents
    speech, blocks, about_breach, about_logs, about_numbers, about_response
               the facts in words, once for mail and dossier
    union, entries, answers, log_entries, edpb, annex
               the facts as data, and in the order of the authorities' forms
    notice, dossier, withdrawn, pdf, render
               the files

Pure: no database, no clock; the same facts give the same bytes. Another language is one more file
in ``words``, one more folder of templates and one more ``Words`` field; a test compares their keys.
"""

from incidents.documents.fact import Known, Missing, NotYet, Source, Words
from incidents.documents.facts import NoticeFacts, Told
from incidents.documents.fixed import fixed
from incidents.documents.missing import MissingFacts, check, missing
from incidents.documents.render import render, undrawn
from incidents.documents.withdrawal import Facts, Ground, WithdrawalFacts, read

__all__ = [
    "Facts",
    "Ground",
    "Known",
    "Missing",
    "MissingFacts",
    "NotYet",
    "NoticeFacts",
    "Source",
    "Told",
    "WithdrawalFacts",
    "Words",
    "check",
    "fixed",
    "missing",
    "read",
    "render",
    "undrawn",
]

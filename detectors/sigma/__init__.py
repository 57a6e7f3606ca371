"""Sigma rules on single events: loading, testing and matching them, fast.

    load       files → rules, and every fault in them with file and line
    document   one YAML document that knows its lines
    rule       one rule: what it is, how it explains itself
    translate  pySigma's condition tree → ``expr``, whose leaves are made in ``predicates``
    elements   the key ``each``: a condition asked of the elements of a list one by one
    reading    what a field name means in a record
    places     which group of a batch decides a field; see ``tocsin.model.rows``
    needs      what a rule cannot do without, asked of many rows at a time
    plan       what is still open of which rules after each group has been looked at
    match      a batch of records → hits
    check      the tests a rule carries

pySigma reads the rules; judging events with them is ours, because a tree walked per event is an
order of magnitude too slow. Source: Sigma specification v2.1.0 (rules, modifiers).
"""

"""The words everything else is written in: events, columns, rows, findings, incidents.

No input, no output, no reading of the time. ``events`` says what one event is; ``columns`` is
the same for many events at once, as FOLLOW sees them; ``rows`` is a batch of decoded records as
MATCH sees them; ``findings`` is what detectors say and what incidents are made of.
"""

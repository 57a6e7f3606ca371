"""From an incident to the customers' hands: what the rooms of ``incidents`` need of each other.

settings   what config.toml says of operator, team, channels, evidence
desk       state, archive, key and channels, opened once
people     what people say about a breach, from a file
filling    the facts of one customer's notice, from everything known
acts       commands on incidents, notices, registers and evidence
owing      what ends an obligation besides a delivery: decisions, filings, reasons, a person's word
telling    alerts, reminders and calls as messages
ticking    clocks, reminders, delivery: what the service does besides collecting
bundling   everything about an incident, for a bundle of evidence
"""

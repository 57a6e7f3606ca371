"""Evidence of an incident: raw records captured, bundles written and verified."""

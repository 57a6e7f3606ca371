"""Every kind of entry there is. An entry of another kind is refused.

To add one: a line here, ``noun.verb`` in the past, with what the entry says in one line.
"""

KINDS = {
    "approval.given": "a principal said yes to exactly these bytes",
    "approval.withdrawn": "a yes was taken back",
    "assessment.taken": "a person has taken an incident and looks into it",
    "attempt.accepted": "the other side accepted a message",
    "attempt.begun": "a try to send a message is about to leave the house",
    "attempt.refused": "the other side refused a message",
    "attempt.unknown": "a try broke off; the message may have gone out",
    "awareness.corrected": "awareness stands at another instant, or is void; both stay on record",
    "breach.confirmed": "a person judged an incident to be a breach; awareness is recorded",
<<<<<<< HEAD
    "breach.corrected": "awareness was corrected; both instants stay",
    "breach.dismissed": "a person judged an incident to be no breach",
    "call.answered": "a call was completed; nobody is known to have understood it",
    "call.unreached": "a call reached nobody, or a machine",
    "checkpoint.sent": "a signed checkpoint was handed to somebody outside",
    "correction.proposed": "a person asked for a later or void awareness; another has to agree",
    "coverage.stated": "which hours and sources a claim rests on",
=======
    "breach.dismissed": "a person judged an incident to be no breach",
    "correction.proposed": "a person asked for a later or void awareness; another has to agree",
>>>>>>> assess
    "customer.added": "an impact run showed a customer to be touched",
    "customer.decided": "a person decided what a possible customer is told",
    "datamap.imported": "a version of the data map was taken",
    "evidence.captured": "raw records of an incident were copied into evidence",
    "evidence.exported": "a bundle of evidence was written",
    "fact.recorded": "an incident is contained, restored or notified, or no longer so",
    "facts.given": "a person said what kind of breach it is, what may follow, what is done",
    "finding.disposed": "a person said what became of a finding",
    "impact.computed": "an impact run was kept",
    "incident.closed": "nothing is left to do for an incident",
    "incident.grown": "detection knows more of an incident",
    "incident.merged": "an incident was joined to another",
<<<<<<< HEAD
    "incident.noted": "a note was written: fact, working or privileged",
    "incident.notified": "an incident's customer was reached, or is no longer held to be",
    "incident.opened": "an incident is there, by detection or by a person's report",
    "incident.reopened": "an incident begins again",
    "incident.restored": "what an incident damaged works again",
=======
    "incident.opened": "an incident is there, by detection or by a person's report",
    "incident.reopened": "an incident begins again",
>>>>>>> assess
    "incident.split": "an incident was divided",
    "inventory.imported": "a version of the inventory was taken",
    "key.created": "the first key of the ledger, with its public part",
    "key.rotated": "the key was replaced, signed by the old and the new one",
    "message.cancelled": "a message that waited will not be sent",
    "message.failed": "a message will not arrive until a person changes something",
    "message.queued": "a message waits to be sent",
    "message.requeued": "a message that failed waits again",
    "note.taken": "a note: fact, working or privileged",
    "notice.held": "a notice was held back",
    "notice.prepared": "a notice was rendered",
<<<<<<< HEAD
    "obligation.changed": "a clock was moved, or does not count any more",
    "obligation.explained": "the reasons of a late notice were given",
=======
    "obligation.changed": "the instants of a clock moved",
    "obligation.explained": "a person gave the reasons why something is late",
>>>>>>> assess
    "obligation.met": "an obligation was met",
    "obligation.reopened": "what met an obligation was taken back, by a bounce for one",
    "obligation.started": "a clock started",
<<<<<<< HEAD
    "obligation.voided": "an obligation does not stand any more",
    "obligation.waived": "a principal said, with reasons, that nothing is owed",
    "payload.erased": "payloads of entries were erased: which, who, when, why",
    "receipt.acknowledged": "a person said they have a message",
    "receipt.answered": "a call was answered by somebody or something",
    "receipt.bounced": "a message came back",
=======
    "obligation.voided": "an obligation has lost its ground",
    "obligation.waived": "a person said, with reasons, that nothing is owed",
    "payload.erased": "payloads of entries were erased: which, who, when, why",
    "receipt.acknowledged": "a person said they have a message",
    "receipt.answered": "a call was answered by somebody or something",
>>>>>>> assess
    "receipt.delayed": "a message is under way for longer than usual",
    "receipt.delivered": "a message arrived",
    "receipt.failed": "a message came back, or a call did not come through",
    "receipt.relayed": "a message was passed on to a system that gives no receipts",
    "receipt.unreached": "a call was made and no person was reached",
    "register.imported": "a version of the registers was taken",
    "reminder.queued": "a reminder fell due",
    "report.received": "somebody told us about an incident that is there already",
}
"""Kind → what it says."""

LASTING = frozenset({"key.created", "key.rotated", "payload.erased"})
"""Kinds whose payload is never erased: nothing personal is in them, and proofs need them."""

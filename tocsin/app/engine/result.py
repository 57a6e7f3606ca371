"""What a scan brings: what was read, what was found, and what could not be read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tocsin.app.engine.spool import FindingSpool, RejectSpool
from tocsin.errors import RuleError
from tocsin.model.findings import Finding, Incident, Level
from tocsin.model.sources import Reject

MOST_REASONS = 200
"""So many reasons are told apart; those of further ones are counted together."""

EXAMPLES = 3
OTHER = "other reasons"


@dataclass(slots=True)
class Rejected:
    """What could not be read, in bounded memory: by reason its number and the first few."""

    count: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Reject]] = field(default_factory=dict)

    def add(self, rejects: Iterable[Reject]) -> None:
        """Count rejects; the examples that stay do not depend on their order."""
        for reject in rejects:
            reason = reject.reason
            if reason not in self.count and len(self.count) >= MOST_REASONS:
                reason = OTHER
            self.count[reason] += 1
            kept = self.examples.setdefault(reason, [])
            kept.append(reject)
            if len(kept) > EXAMPLES:
                kept.sort()
                kept.pop()


@dataclass(slots=True)
class Summary:
    """What was read.

    Attributes:
        records: Records in all files, readable or not.
        events: Distinct events that were judged.
        duplicates: Copies of them.
        rejected: Records and files that could not be read.
        files: Files that were opened.
        read: Files of those that could be read to their end.
        outside: Events before ``--since`` or after ``--until``.
        bytes: As stored.
        seconds: From the first look at the sources to the last finding.
    """

    records: int = 0
    events: int = 0
    duplicates: int = 0
    rejected: int = 0
    files: int = 0
    read: int = 0
    outside: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @property
    def nothing_read(self) -> bool:
        """Whether there is no event, and files or records that could not be read."""
        taken = self.events + self.duplicates + self.outside
        return not taken and (not self.read or self.rejected > 0)


@dataclass(slots=True)
class ScanResult:
    """What a scan brings.

    Attributes:
        summary: What was read.
        incidents: Most urgent first.
        findings: All findings; closed with the scan's temporary folder.
        rejected: What could not be read, by reason.
        rejects: All of it, while the scan's temporary folder is there.
        faults: Rules that raised: rule id → what happened.
        rule_errors: Rules that cannot be used.
        rules: How many rules were asked.
        unmapped: Words of outcomes that no mapping knows, each behind its source; some of them.
        mute: Sources none of whose records says its outcome, and nobody said what that means.
    """

    summary: Summary
    incidents: list[Incident]
    findings: FindingSpool
    rejected: Rejected
    rejects: RejectSpool
    faults: dict[str, str]
    rule_errors: list[RuleError]
    rules: int
    unmapped: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()

    def has(self, level: Level) -> bool:
        """Return whether an incident, or a finding that counts, is urgent enough."""
        return any(incident.level >= level for incident in self.incidents) or any(
            finding.level >= level and not finding.disposition for finding in self.findings
        )

    def at_or_above(self, level: Level) -> list[Incident]:
        """Return the incidents that are urgent enough."""
        return [incident for incident in self.incidents if incident.level >= level]

    def lone(self, level: Level) -> list[Finding]:
        """Return the findings that are urgent enough and in no incident that is."""
        held = {one for incident in self.at_or_above(level) for one in incident.finding_ids}
        return [
            finding
            for finding in self.findings
            if finding.level >= level and not finding.disposition and finding.id not in held
        ]

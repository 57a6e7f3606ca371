"""Kinds of things of which somebody may go through many: which calls read or destroy them.

To add one: a line in ``KINDS``; ``tests/detectors/test_many.py`` has a table.

Source: AWS Service Authorization Reference, for the names of actions; MITRE ATT&CK T1213,
T1555.006, T1485, T1490.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of things.

    Attributes:
        name: In the finding's rule.
        medium: From so many different ones on.
        high: The same, for who is no program of the house.
        what: What is done to them, in words.
        tactic: ATT&CK tactic.
        actions: ``service:action`` of the calls.
        batches: Those about several things at once → for how many such a call counts.
        by_hand: Programs do this all day; only clients count that are used by hand.
    """

    name: str
    medium: int
    high: int
    what: str
    tactic: str
    actions: tuple[str, ...]
    batches: dict[str, int]
    by_hand: bool = False

    def by_service(self) -> dict[str, list[str]]:
        """Return service → actions."""
        parts = [name.partition(":") for name in self.actions]
        return {service: [a for s, _, a in parts if s == service] for service, _, _ in parts}


KINDS = (
    Kind(
        "secrets",
        20,
        100,
        "read {} different secrets",
        "credential-access",
        ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"),
        {"secretsmanager:BatchGetSecretValue": 10},
    ),
    Kind(
        "parameters",
        30,
        300,
        "read {} different parameters",
        "credential-access",
        ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
        {"ssm:GetParametersByPath": 5},
    ),
    Kind(
        "insides",
        20,
        400,
        "looked into {} different functions, machines, stacks and repositories",
        "collection",
        (
            "lambda:GetFunction",
            "ec2:GetConsoleScreenshot",
            "ec2:GetConsoleOutput",
            "cloudformation:GetTemplate",
            "codecommit:GitPull",
        ),
        {},
    ),
    Kind(
        "pages",
        30,
        1_000,
        "read {} pages of whole tables",
        "collection",
        ("dynamodb:Scan",),
        {"dynamodb:Scan": 1},
        by_hand=True,
    ),
    Kind(
        "stores",
        8,
        40,
        "destroyed {} different stores (buckets, databases, disks, vaults)",
        "impact",
        (
            "s3:DeleteBucket",
            "rds:DeleteDBInstance",
            "rds:DeleteDBCluster",
            "dynamodb:DeleteTable",
            "ec2:DeleteVolume",
            "elasticfilesystem:DeleteFileSystem",
            "redshift:DeleteCluster",
            "es:DeleteDomain",
            "glacier:DeleteVault",
            "glacier:DeleteArchive",
            "backup:DeleteBackupVault",
        ),
        {},
    ),
    Kind(
        "machines",
        10,
        60,
        "ended {} different machines",
        "impact",
        ("ec2:TerminateInstances",),
        {},
        by_hand=True,
    ),
    Kind(
        "identities",
        10,
        60,
        "deleted {} different users and roles",
        "impact",
        ("iam:DeleteUser", "iam:DeleteRole"),
        {},
        by_hand=True,
    ),
    Kind(
        "copies",
        20,
        200,
        "destroyed {} different snapshots and backups",
        "impact",
        (
            "ec2:DeleteSnapshot",
            "ec2:DeregisterImage",
            "rds:DeleteDBSnapshot",
            "rds:DeleteDBClusterSnapshot",
            "rds:DeleteDBInstanceAutomatedBackup",
            "backup:DeleteRecoveryPoint",
            "dynamodb:DeleteBackup",
            "redshift:DeleteClusterSnapshot",
            "elasticache:DeleteSnapshot",
            "fsx:DeleteBackup",
        ),
        {},
    ),
    Kind(
        "objects",
        150,
        2_000,
        "deleted {} different objects",
        "impact",
        ("s3:DeleteObject", "s3:DeleteObjects"),
        {"s3:DeleteObjects": 10},
    ),
)
"""In the cloud. In an application every deletion is of one kind."""

BATCHES = {name.partition(":")[2] for kind in KINDS for name in kind.batches}

RECORDS = Kind("records", 200, 2_000, "deleted {} different records", "impact", (), {})

"""One breach as facts: a French and an English customer, suspected and confirmed."""

from datetime import UTC, date, datetime
from typing import Any

from incidents.documents import Known, NoticeFacts, NotYet, Source, WithdrawalFacts

AWARE = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
PREPARED = datetime(2026, 11, 24, 12, 40, tzinfo=UTC)

CUSTOMERS: dict[str, dict[str, Any]] = {
    "fr": {
        "id": "c-017",
        "name": "Maison Lavande SAS",
        "language": "fr",
        "time_zone": "Europe/Paris",
        "accounts": ("lavande-paris", "lavande-lyon"),
        "address": "12 rue des Remparts, 69002 Lyon, France",
        "authority": "cnil",
    },
    "en": {
        "id": "c-042",
        "name": "Harbour & Finch Ltd",
        "language": "en",
        "time_zone": "Europe/London",
        "accounts": ("harbour-finch",),
        "address": "4 Quay Street, Bristol BS1 4DJ, United Kingdom",
        "authority": "ico",
    },
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def known(value: Any, kind: str = "impact", reference: str = "3", **more: Any) -> Known[Any]:
    source = Source.model_validate({"kind": kind, "reference": reference, "at": at(24, 11, 5)})
    return Known(value=value, source=source, **more)


def said(value: Any) -> Known[Any]:
    """A fact a person gave."""
    return known(value, "person", "", confirmed_at=at(24, 12))


NOT_YET = NotYet(source=Source(kind="person", at=at(24, 12)))


def count(least: int, best: int | None, most: int, method: str = "distinct") -> dict[str, Any]:
    held = method == "inventory"
    return {
        "least": least,
        "best": best,
        "most": most,
        "least_by": "nothing" if held else method,
        "best_by": None if best is None else method,
        "most_by": method,
        "as_of": date(2026, 11, 1) if held else None,
    }


def facts(language: str = "fr", status: str = "established", **changes: Any) -> NoticeFacts:
    """Return the facts of one customer; ``changes`` replace fields."""
    confirmed = status == "established"
    values: dict[str, Any] = {
        "kind": "initial",
        "status": status,
        "version": 1,
        "incident": 7,
        "opened_at": at(24, 2, 41),
        "prepared_at": PREPARED,
        "processor": {
            "name": "Voxline",
            "address": "8 quai de la Rapée, 75012 Paris, France",
            "contact": known(
                {
                    "name": "Voxline CERT",
                    "function": {"fr": "astreinte sécurité", "en": "security on call"},
                    "email": "breach@voxline.example",
                    "phone": "+33 1 55 50 01 12",
                    "always": True,
                },
                "register",
                "config 4",
            ),
            "dpo": known(
                {"name": "DPO desk", "email": "dpo@voxline.example", "phone": "+33 1 55 50 01 13"},
                "register",
                "config 4",
            ),
            "signing_key": "SHA256:4f2a 90c1 77de 03b8 5e6c 21aa 9d40 cc17",
            "key_in_contract": True,
        },
        "customer": CUSTOMERS[language],
        "clock": known(
            {
                "hours": 48,
                "known_at": at(24, 2, 40),
                "known_by": "detection",
                "aware_at": AWARE if confirmed else None,
                "starts_at": AWARE if confirmed else None,
                "due_at": at(26, 9, 15) if confirmed else None,
                "strict_due_at": at(26, 2, 40),
            },
            "decision",
            "",
            confirmed_at=AWARE,
        ),
        "standing": known(
            {
                "standing": "confirmed" if confirmed else "possible",
                "shown_by": "object_log" if confirmed else "not_covered",
                "first_shown_at": at(24, 9, 10),
                "run": 3,
                "excluded": ("billing",) if confirmed else (),
            }
        ),
        "period": known({"begun_at": at(23, 22, 4), "ended_at": at(24, 2, 58)}, "log", "CloudTrail")
        if confirmed
        else NOT_YET,
        "nature": said(
            {
                "effects": ("confidentiality",),
                "incident_type": "f",
                "cause": "d",
                "exfiltration": "likely",
                "intelligibility": "not_protected",
                "contained_at": at(24, 3, 30),
            }
        ),
        "narrative": said(
            {
                "fr": "Dans la nuit du 23 au 24 novembre, une clé d'accès d'un de nos comptes de "
                "service a été utilisée depuis un réseau inconnu. Elle a servi à lire des exports "
                "de contacts et des enregistrements d'appels. La clé a été retirée à 3 h 30 UTC.",
                "en": "In the night of 23 to 24 November an access key of one of our service "
                "accounts was used from a network we do not know. With it, exports of contacts and "
                "recordings of calls were read. The key was withdrawn at 03:30 UTC.",
            }
        ),
        "systems": known(
            (
                {
                    "name": "crm-exports",
                    "kind": "bucket",
                    "location": "AWS eu-west-3, Paris",
                    "object_log": True,
                },
                {
                    "name": "call-recordings",
                    "kind": "bucket",
                    "location": "AWS eu-west-3, Paris",
                    "object_log": False,
                },
            ),
            "data_map",
            "12",
        ),
        "affected": known(
            (
                {
                    "category": "contact",
                    "effects": ("confidentiality",),
                    "records": known(count(1204, 1350, 2000, "volume")),
                    "subjects": known(count(980, 1100, 1640)) if confirmed else NOT_YET,
                },
                {
                    "category": "conversations",
                    "effects": ("confidentiality",),
                    "records": known(count(0, None, 412, "inventory"), "inventory", "2026-11"),
                    "subjects": NOT_YET,
                },
            )
        ),
        "subject_categories": known(("customers", "employees"), "data_map", "12"),
        "subjects": known(count(980, 1100, 1640)) if confirmed else NOT_YET,
        "records": known(count(1204, None, 2412) | {"least_by": "counted", "most_by": "sum"})
        if confirmed
        else NOT_YET,
        "versions": {"run": 3, "data_map": 12, "registers": 9},
        "coverage": known(
            (
                {
                    "source": "CloudTrail",
                    "since": at(1, 0),
                    "until": at(24, 12),
                    "hours": 564,
                    "present": 564,
                    "object_level": False,
                    "only_some": True,
                    "reads_of": ("crm-exports", "invoice-files"),
                },
                {
                    "source": "application log",
                    "since": at(20, 0),
                    "until": at(24, 12),
                    "hours": 108,
                    "present": 106,
                    "object_level": False,
                },
            )
        ),
        "negative_findings": (
            {
                "store": "invoice-files",
                "finding": "not_accessed",
                "logs": ({"source": "CloudTrail", "hours": 564, "present": 564},),
                "may_hold": ("billing",),
            },
            {
                "store": "recordings-index",
                "finding": "not_logged",
                "may_hold": ("conversations",),
            },
        ),
        "consequences": said(
            {"confidentiality": ("b", "c"), "impacts": ("a", "d", "e", "j")},
        ),
        "severity": known({"dpc": 2, "ei": 1, "cb": 1}) if confirmed else NOT_YET,
        "measures": said(
            (
                {"kind": "access_revoked", "at": at(24, 3, 30), "done": True},
                {"kind": "evidence_secured", "at": at(24, 3, 45), "done": True},
                {"kind": "credentials_rotated", "at": at(24, 18), "done": False},
                {"kind": "permissions_reviewed", "at": at(27, 17), "done": False},
            )
        ),
        "measures_before": known(("c", "f", "h"), "register", "config 4"),
        "actions": said(
            (
                {"kind": "rotate_keys"},
                {"kind": "review_logs"},
                {"kind": "warn_staff"},
                {"kind": "assess_33"},
                {"kind": "assess_34"},
            )
        ),
        "open_points": ({"kind": "exfiltration"}, {"kind": "entry"}),
        "next_update_at": said(at(25, 17)),
        "parties": (
            {
                "role": "subprocessor",
                "name": "Amazon Web Services EMEA SARL",
                "location": "eu-west-3, Paris, France",
            },
        ),
        "timeline": (
            {
                "at": at(23, 22, 4),
                "what": {
                    "fr": "Première utilisation de la clé depuis un réseau inconnu.",
                    "en": "First use of the key from a network we do not know.",
                },
                "source": {"kind": "log", "reference": "CloudTrail"},
            },
            {
                "at": at(24, 2, 40),
                "what": {
                    "fr": "Détection : volume inhabituel de lectures.",
                    "en": "Detection: an unusual amount of reading.",
                },
                "source": {"kind": "ledger", "reference": "41"},
            },
            {
                "at": at(24, 3, 30),
                "what": {"fr": "Clé retirée.", "en": "Key withdrawn."},
                "source": {"kind": "ledger", "reference": "44"},
            },
        ),
        "checkpoint": {"number": 57, "entry_hash": "9f86d081884c7d659a2feaa0c55ad015" * 2},
        "calls": True,
        "acknowledgement_code": "K7QF-2M9D",
        "reply_to": "breach@voxline.example",
    }
    return NoticeFacts.model_validate({**values, **changes})


LATER: dict[str, Any] = {
    "prepared_at": at(25, 16, 20),
    "told": {"version": 1, "at": at(24, 12, 52), "status": "established"},
    "period": known({"begun_at": at(23, 22, 4), "ended_at": at(24, 2, 58)}, "log", "CloudTrail"),
    "changes": {
        "fr": "L'accès a été obtenu par une clé publiée par erreur dans un dépôt de code.",
        "en": "Access was obtained with a key published by mistake in a code repository.",
    },
    "affected": known(
        (
            {
                "category": "contact",
                "effects": ("confidentiality",),
                "records": known(count(1312, 1312, 1312, "counted")),
                "subjects": known(count(1071, 1071, 1071)),
            },
            {
                "category": "conversations",
                "effects": ("confidentiality",),
                "records": known(count(1, 1, 1, "counted")),
                "subjects": known(count(1, 1, 1, "counted")),
            },
        ),
        reference="5",
    ),
    "subjects": known(count(1071, 1071, 1071), reference="5"),
    "records": known(count(1313, 1313, 1313, "counted"), reference="5"),
    "measures": said(
        (
            {"kind": "access_revoked", "at": at(24, 3, 30), "done": True},
            {"kind": "evidence_secured", "at": at(24, 3, 45), "done": True},
            {"kind": "credentials_rotated", "at": at(24, 18), "done": True},
            {"kind": "permissions_reviewed", "at": at(27, 17), "done": False},
        )
    ),
    "open_points": (),
}
"""What a later notice knows."""


def withdrawal(language: str = "fr", ground: str = "no_breach", **changes: Any) -> WithdrawalFacts:
    """The message that takes the breach back, to the same customers."""
    of = facts(language)
    values: dict[str, Any] = {
        "ground": ground,
        "version": 2,
        "incident": of.incident,
        "opened_at": of.opened_at,
        "prepared_at": at(26, 9),
        "told": {"version": 1, "at": at(24, 13, 5), "status": "established"},
        "processor": of.processor,
        "customer": of.customer,
        "withdrawal": said(
            {
                "fr": "L'adresse inconnue est celle de notre propre test.",
                "en": "The unknown address is that of our own test.",
            }
        ),
        "checkpoint": of.checkpoint,
        "acknowledgement_code": "R3TW-8H2C",
        "reply_to": of.reply_to,
    }
    return WithdrawalFacts.model_validate({**values, **changes})

"""The command line: every command there is, by name, in the order in which help lists them.

Nothing heavy is loaded before a command needs it: ``--help`` must answer at once.
"""

import gc
import sys
import traceback
from collections.abc import Callable, Mapping

import typer

from tocsin.app.commands.base import FAULT, Commands
from tocsin.app.commands.customer import customer_contacts, customer_import, customer_list
from tocsin.app.commands.demo import demo
from tocsin.app.commands.duties import (
    incident_decide,
    incident_explain,
    incident_filed,
    incident_waive,
)
from tocsin.app.commands.evidence import evidence_export, evidence_rotate_key, evidence_verify
from tocsin.app.commands.impact import incident_assess, incident_declare, incident_impact
from tocsin.app.commands.incident import (
    incident_close,
    incident_contain,
    incident_list,
    incident_note,
    incident_open,
    incident_reopen,
    incident_report,
    incident_runbook,
    incident_show,
    incident_take,
)
from tocsin.app.commands.judging import (
    incident_agree,
    incident_confirm,
    incident_correct,
    incident_dismiss,
)
from tocsin.app.commands.notice import notice_approve, notice_preview, notice_send, notice_status
from tocsin.app.commands.replies import (
    notice_acknowledge,
    notice_again,
    notice_cancel,
    notice_reply,
)
from tocsin.app.commands.rule import rule_list, rule_test
from tocsin.app.commands.scan import scan
from tocsin.app.commands.watch import check, run

TOP: Mapping[str, Callable[..., None]] = {"scan": scan, "run": run, "check": check, "demo": demo}
GROUPS: Mapping[str, tuple[str, Mapping[str, Callable[..., None]]]] = {
    "rule": ("List and test rules.", {"list": rule_list, "test": rule_test}),
    "incident": (
        "Incidents: look, count, decide, close.",
        {
            "list": incident_list,
            "show": incident_show,
            "open": incident_open,
            "report": incident_report,
            "confirm": incident_confirm,
            "dismiss": incident_dismiss,
            "correct": incident_correct,
            "agree": incident_agree,
            "note": incident_note,
            "contain": incident_contain,
            "impact": incident_impact,
            "assess": incident_assess,
            "close": incident_close,
            "runbook": incident_runbook,
            "declare": incident_declare,
            "take": incident_take,
            "reopen": incident_reopen,
            "decide": incident_decide,
            "explain": incident_explain,
            "waive": incident_waive,
            "filed": incident_filed,
        },
    ),
    "notice": (
        "Notices to customers: look, approve, send.",
        {
            "preview": notice_preview,
            "approve": notice_approve,
            "send": notice_send,
            "status": notice_status,
            "reply": notice_reply,
            "acknowledge": notice_acknowledge,
            "again": notice_again,
            "cancel": notice_cancel,
        },
    ),
    "customer": (
        "Customers, contracts, contacts; the data map.",
        {"import": customer_import, "list": customer_list, "contacts": customer_contacts},
    ),
    "evidence": (
        "Proof: write it out, verify it; the key that signs.",
        {
            "export": evidence_export,
            "verify": evidence_verify,
            "rotate-key": evidence_rotate_key,
        },
    ),
}
"""Name of a group → what it is for, and its commands."""


def _app() -> typer.Typer:
    top = typer.Typer(
        cls=Commands,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="From the first suspicious log line to the breach notice in each customer's hand.",
    )
    for name, command in TOP.items():
        top.command(name)(command)
    for name, (about, commands) in GROUPS.items():
        group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=about)
        for word, command in commands.items():
            group.command(word)(command)
        top.add_typer(group, name=name)
    return top


app = _app()

NEW_OBJECTS = 50_000
"""So many between two searches for cycles of references. What a command loads is many objects that
stay, and Python's 700 spends a fifth of a short command's time on looking at them."""


def main() -> None:
    """Run what the command line asks for."""
    gc.set_threshold(NEW_OBJECTS)
    try:
        app()
    except Exception:  # noqa: BLE001 - a fault of ours: it is shown whole and ends the process
        # Left to Python, its exit code 1 would say that something was found.
        traceback.print_exc()
        typer.echo("tocsin: a fault of Tocsin itself; please report the lines above", err=True)
        sys.exit(FAULT)


if __name__ == "__main__":
    main()

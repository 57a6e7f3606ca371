"""Notices: rendered, approved by a person to the byte, and only then handed to the outbox.

tables     what is kept
manifest   many notices as one thing to say yes to
preview    render, keep the bytes, make the manifest
lacking    what they lack, said once for all customers
approval   a yes to one manifest
kept       what was previewed, read again
status     how each stands
unchanged  whether what was rendered still holds
sending    what was approved, as letters for the outbox
"""

from incidents.notices.approval import Approval, approvals, approve
from incidents.notices.manifest import Addressed, Manifest
from incidents.notices.preview import file_of, preview
from incidents.notices.sending import Letter, send_plan
from incidents.notices.status import NoticeState, next_versions, status
from incidents.notices.unchanged import changed, unchanged

__all__ = [
    "Addressed",
    "Approval",
    "Letter",
    "Manifest",
    "NoticeState",
    "approvals",
    "approve",
    "changed",
    "file_of",
    "next_versions",
    "preview",
    "send_plan",
    "status",
    "unchanged",
]

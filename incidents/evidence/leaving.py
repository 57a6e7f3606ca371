"""What a person leaves out of a customer's bundle, and what is refused until a person does.

A mail that was sent, an impact run or what an entry says may hold a word that the customer must not
read. No program decides what becomes of it: the refusal names the file and the word, and a person
leaves the file out, or mends what says it. The bundle says what was left out.
"""

import json
import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from incidents.disclosure import Mention
from incidents.evidence.contents import DECISIONS
from incidents.evidence.proving import Disclosed
from incidents.evidence.sections import document
from tocsin.errors import Refusal

LEFT_OUT = "left out by a person when the bundle was made"
_PAYLOAD = re.compile(r"payloads/([1-9][0-9]*)\.bin")
_LEAVABLE = re.compile(rf"impact/run-\d+\.json|(?:impact|notices)/\d+\.[a-z]+|{_PAYLOAD.pattern}")
_INDEX = "notices/index.json"


def withheld(shown: Iterable[Disclosed], leave_out: Collection[str]) -> list[Disclosed]:
    """Return entries of the ledger, what the named payloads say withheld.

    Raises:
        Refusal: A file is named that cannot be left out.
    """
    for path in leave_out:
        if not _LEAVABLE.fullmatch(path):
            raise Refusal(
                f"{path!a}: this file is never left out of a bundle",
                hint="Name one of impact/, notices/ or payloads/, as the refusal named it.",
            )
    shown = list(shown)
    out = {int(well[1]) for path in leave_out if (well := _PAYLOAD.fullmatch(path))}
    for number in sorted(out - {one.entry.number for one in shown}):
        raise _not_there(f"payloads/{number}.bin")
    return [
        one._replace(fact={}, withheld=one.withheld or LEFT_OUT) if one.entry.number in out else one
        for one in shown
    ]


def left_out(files: dict[str, bytes], leave_out: Collection[str]) -> dict[str, bytes]:
    """Return the files without those left out; in their place, or in their index, it is said.

    Raises:
        Refusal: There is no such file.
    """
    kept, out = dict(files), set[str]()
    for path in leave_out:
        if _PAYLOAD.fullmatch(path):
            continue
        if path not in kept:
            raise _not_there(path)
        if path.startswith("impact/run-"):
            kept[path] = document({"withheld": LEFT_OUT})
        else:
            del kept[path]
            out.add(path)
    if out:
        index: list[dict[str, Any]] = json.loads(kept[_INDEX])
        for row in index:
            if row["path"] in out:
                row |= {"name": "", "what": "", "withheld": LEFT_OUT}
        kept[_INDEX] = document(index)
    return kept


def _not_there(path: str) -> Refusal:
    return Refusal(f"{path!a}: the bundle has no such file", hint="Name one that it has.")


def refusal(found: Mapping[str, Sequence[Mention]]) -> Refusal:
    """Return the refusal of a bundle that would show somebody's words to its customer.

    Args:
        found: File → the words in it that the customer must not read; one file and word at least.
    """
    # What an entry says stands in its payload and in the decisions: it is left out by its payload.
    told = {path: those for path, those in found.items() if path != DECISIONS} or found
    lines = list[str]()
    for those in told.values():
        first = {one.of: one for one in reversed(those)}
        lines += [
            f"{first[of].where}: {of}, in “{first[of].said}”"
            for of in dict.fromkeys(one.of for one in those)
        ]
    out = [f"--leave-out {path}" for path in told if _LEAVABLE.fullmatch(path)]
    mend = [path for path in told if not _LEAVABLE.fullmatch(path)]
    hints = list[str]()
    if out:
        hints.append(f"Leave out what was sent or said, and the bundle says so: `{' '.join(out)}`.")
    if mend:
        hints.append(f"Mend what says it in {', '.join(mend)}, a rule's title for one.")
    words = dict.fromkeys(one.text for those in told.values() for one in those)
    allow = " ".join(f"--allow {shlex.quote(word)}" for word in words)
    hints.append(
        "Words that may be read all the same, say with your reasons, for notices and bundles of "
        f"this incident: `{allow} --why 'TEXT'`. No folder was made."
    )
    return Refusal(
        "\n  ".join(("the bundle would show this customer what is not for it:", *lines)),
        hint=" ".join(hints),
    )

"""What a document is made of, whatever it is rendered to: sections of a few kinds of blocks.

The mail's templates and the dossier's layout know these kinds and nothing else, so both say the
same in the same words.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph.

    Attributes:
        text: May hold line breaks; an empty line begins a new paragraph.
        tone: Small print, or emphasis.
    """

    text: str
    tone: Literal["plain", "small", "strong"] = "plain"
    kind: Literal["para"] = "para"


@dataclass(frozen=True, slots=True)
class Rows:
    """Labels, and what stands beside each."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["rows"] = "rows"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; numbered where the order matters."""

    items: tuple[str, ...]
    numbered: bool = False
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        caption: What it shows, for those who hear it.
        head: One title a column.
        rows: As many cells as titles.
        widths: Share of each column in the width.
        open_cells: Cells with this text are for the reader to fill in.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    open_cells: tuple[str, ...] = ()
    kind: Literal["table"] = "table"


Block = Para | Rows | Items | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A title and what stands under it.

    Attributes:
        level: 1 for a part of the dossier, 2 for a section.
        breaks: Begins a new page in print.
    """

    title: str
    blocks: tuple[Block, ...]
    level: int = 2
    breaks: bool = False

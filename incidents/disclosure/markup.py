"""What HTML and XML say, without the words they are built of.

Of a tag that HTML or XML has, its name is nobody's, and of a style only what it quotes or loads may
be somebody's. What only looks like a tag, ``<Nord Habitat>``, stays: it may be a name.

Source: HTML, "Elements", "Comments"; CSS Style Attributes; Namespaces in XML.
"""

import re

_ELEMENTS = (
    "a abbr address article aside audio b base blockquote body br button canvas caption cite code "
    "col colgroup dd del details div dl doctype dt em embed fieldset figcaption figure font footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins label legend li link main "
    "map mark meta nav object ol optgroup option p param picture pre q s script section select "
    "small source span strong style sub summary sup svg table tbody td template textarea tfoot th "
    "thead time title tr tt u ul var video wbr"
)
_NAMES = _ELEMENTS.replace(" ", "|")
_PREFIXED = r"[A-Za-z]\w*:[A-Za-z][\w.-]*"
_TAG = re.compile(rf"<([/!?]?)({_NAMES}|{_PREFIXED})(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_STYLE = re.compile(r"""(\sstyle\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
_TOLD = re.compile(r"""url\([^()]*\)|'[^']*'|"[^"]*\"""")
_SPACE = re.compile(r"""\s(?:xmlns(?::\w+)?|rdf:parseType|x:xmptk)\s*=\s*(?:"[^"]*"|'[^']*')""")
_ATTRIBUTE = re.compile(r"""(?<=\s)[A-Za-z][\w:-]*\s*=\s*(?=["'])""")
_ANY = re.compile(r"</?[A-Za-z!?][^<>]*>")
_CELL = re.compile(r"</?(?:td|th|tr)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a|b|i|u|em|font|strong|span|small|sub|sup|wbr|mark)\b[^<>]*>", re.IGNORECASE
)


def untagged(text: str) -> str:
    """Return what a text says to its reader: no tags, no comments."""
    return _ANY.sub(" ", _CELL.sub("\x1f", _INLINE.sub("", _uncommented(text))))


def told(text: str) -> str:
    """Return a text with all that tags and comments hold but the language's own words."""
    return _TAG.sub(_values, text)


def _values(tag: re.Match[str]) -> str:
    inside = _STYLE.sub(_style, _SPACE.sub("", tag[3]))
    return f"<{tag[1]}{_ATTRIBUTE.sub('', inside)}>"


def _style(found: re.Match[str]) -> str:
    return f" {' '.join(_TOLD.findall(found[2][1:-1]))} "


def _uncommented(text: str) -> str:
    kept, end = list[str](), 0
    while (begins := text.find("<!--", end)) >= 0:
        ends = text.find("-->", begins)
        if ends < 0:
            break
        kept.append(text[end:begins])
        end = ends + len("-->")
    return "".join((*kept, text[end:]))

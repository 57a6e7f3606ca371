"""What was attached to reports, written out byte for byte, so that it can be opened."""

from collections.abc import Iterable
from pathlib import Path

from incidents.assessment import Report, original_bytes
from tocsin.app.casework.desk import Desk
from tocsin.errors import ConfigError, Refusal
from tocsin.paths import make_private


def write(desk: Desk, reports: Iterable[Report], folder: Path) -> list[Path]:
    """Write the originals of reports into a folder; a file that is there already stays.

    Args:
        desk: The desk.
        reports: Of one incident.
        folder: Made if it is not there.

    Returns:
        Where they lie. The name begins with the SHA-256: the sender chose the rest of it.

    Raises:
        Refusal: Nothing was attached, or the stored bytes are damaged.
        ConfigError: The folder cannot be written to.
    """
    originals = [original for report in reports for original in report.originals]
    if not originals:
        raise Refusal("no report of this incident has anything attached")
    with desk.store.read() as db:
        contents = [(one, original_bytes(db, one.sha256)) for one in originals]
    made = []
    try:
        make_private(folder)
        for one, content in contents:
            path = folder / f"{one.sha256[:12]}-{_plain(one.name)}"
            if not path.exists():
                path.write_bytes(content)
            made.append(path)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written to: {error.strerror or error}") from error
    return made


def _plain(name: str) -> str:
    """Return a name that is no path and starts no option."""
    kept = (c if c.isalnum() or c in "._-" else "_" for c in name)
    return "".join(kept)[-100:] or "original"

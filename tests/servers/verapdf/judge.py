"""veraPDF: says whether a PDF is what it claims to be.

    python tests/servers/verapdf/judge.py              fetches it (19 MB, Maven) if it is not there
    python tests/servers/verapdf/judge.py FILE.pdf …   the verdict of each file under each profile

Needs Java 17 or newer and, to fetch, Maven; after that no network. Each profile is asked for by
name: left to itself veraPDF judges only what a file claims to be.

Source: veraPDF 1.28.2, "Validating PDF/A and PDF/UA via the command line".
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
LIB = HERE / "lib"
DONE = LIB / ".complete"
PROFILES = ("3a", "ua1")


def fetched() -> bool:
    """Return whether it can run here without a network."""
    return DONE.exists() and shutil.which("java") is not None


def fetch() -> None:
    """Fetch it.

    Raises:
        RuntimeError: Java or Maven is not installed.
        subprocess.CalledProcessError: Maven could not fetch it.
    """
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise RuntimeError(f"veraPDF needs {tool}: apt-get install openjdk-17-jre maven")
    if DONE.exists():
        return
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={LIB}")
    subprocess.run(["mvn", "-q", "-B", "-f", HERE / "pom.xml", *goal], check=True)
    DONE.touch()


def judge(files: Iterable[Path], profile: str) -> dict[str, list[str]]:
    """Return the rules each file breaks, by its name; an empty list is a pass.

    Args:
        files: Judged in one run: starting takes five seconds, a file a tenth.
        profile: ``3a`` (PDF/A-3a) or ``ua1`` (PDF/UA-1).
    """
    program = ("-Xmx256m", "-cp", f"{LIB}/*", "org.verapdf.apps.GreenfieldCliWrapper")
    said = subprocess.run(
        ["java", *program, "--format", "json", "-f", profile, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode not in (0, 1):
        raise RuntimeError(f"veraPDF ended with {said.returncode}: {said.stderr[-500:]}")
    verdicts = {}
    for job in json.loads(said.stdout)["report"]["jobs"]:
        (result,) = job["validationResult"]
        broken = [
            f"{rule['clause']}-{rule['testNumber']}: {rule['description']}"
            for rule in result["details"]["ruleSummaries"]
            if rule["ruleStatus"] == "FAILED"
        ]
        name = Path(job["itemDetails"]["name"]).name
        verdicts[name] = broken if not result["compliant"] else []
    return verdicts


if __name__ == "__main__":
    fetch()
    for asked in PROFILES if sys.argv[1:] else ():
        for name, rules in judge(map(Path, sys.argv[1:]), asked).items():
            lines = (f"{'FAIL' if rules else 'PASS'} {name} {asked}", *rules)
            sys.stdout.write("\n    ".join(lines) + "\n")

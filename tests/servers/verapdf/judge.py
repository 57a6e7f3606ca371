"""veraPDF: says whether a PDF is what it claims to be.

    python tests/servers/verapdf/judge.py              fetches it (19 MB, Maven) if it is not there
    python tests/servers/verapdf/judge.py FILE.pdf …   the verdict of each file under each profile;
                                                       exit code 1 where one fails

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


def judge(files: Iterable[Path], profile: str) -> dict[Path, list[str]]:
    """Return the rules each file breaks, by its path as given; an empty list is a pass.

    Args:
        files: Judged in one run: starting takes five seconds, a file a tenth. Those of several
            customers may have one name.
        profile: ``3a`` (PDF/A-3a) or ``ua1`` (PDF/UA-1).

    Raises:
        RuntimeError: It did not judge each of them.
    """
    asked = {path.resolve(): path for path in files}
    program = ("-Xmx256m", "-cp", f"{LIB}/*", "org.verapdf.apps.GreenfieldCliWrapper")
    said = subprocess.run(
        ["java", *program, "--format", "json", "-f", profile, *map(str, asked)],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode not in (0, 1):
        raise RuntimeError(f"veraPDF ended with {said.returncode}: {said.stderr[-500:]}")
    verdicts = dict[Path, list[str]]()
    for job in json.loads(said.stdout)["report"]["jobs"]:
        (result,) = job["validationResult"]
        broken = [
            f"{rule['clause']}-{rule['testNumber']}: {rule['description']}"
            for rule in result["details"]["ruleSummaries"]
            if rule["ruleStatus"] == "FAILED"
        ]
        path = asked[Path(job["itemDetails"]["name"]).resolve()]
        verdicts[path] = broken if not result["compliant"] else []
    if left := [str(path) for path in asked.values() if path not in verdicts]:
        raise RuntimeError(f"veraPDF gave no verdict of {', '.join(left)}")
    return verdicts


if __name__ == "__main__":
    fetch()
    failed = False
    for profile in PROFILES if sys.argv[1:] else ():
        for path, rules in judge(map(Path, sys.argv[1:]), profile).items():
            failed |= bool(rules)
            lines = (f"{'FAIL' if rules else 'PASS'} {path} {profile}", *rules)
            sys.stdout.write("\n    ".join(lines) + "\n")
    sys.exit(failed)

"""Make ``twilio_calls.json``: what Twilio's published API description says of what we use.

    python tests/servers/reduce_description.py twilio_api_v2010.json

Source: github.com/twilio/twilio-oai, ``spec/json/twilio_api_v2010.json`` (licence: as its
``info.license`` says, which is kept). Descriptions, examples and headers are left out; fields that
are lists are said to be repeated, which the client does and the description leaves open.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

BASE = "/2010-04-01/Accounts/{AccountSid}"
USED = {
    "/2010-04-01/Accounts/{Sid}.json": ("get",),
    f"{BASE}/Calls.json": ("post", "get"),
    f"{BASE}/Calls/{{Sid}}.json": ("get",),
    f"{BASE}/Calls/{{CallSid}}/Events.json": ("get",),
}
LEFT_OUT = ("description", "summary", "examples", "example", "headers", "x-twilio", "tags")
OUTPUT = Path(__file__).with_name("twilio_calls.json")


def reduced(value: Any, *, names: bool = False) -> Any:
    """Return a value without what only people read; ``names``: its keys are names, all kept."""
    if isinstance(value, dict):
        return {
            key: reduced(one, names=key == "properties")
            for key, one in value.items()
            if names or key not in LEFT_OUT
        }
    return [reduced(one) for one in value] if isinstance(value, list) else value


def referenced(value: Any) -> set[str]:
    """Return the names of the schemas a value refers to."""
    if isinstance(value, dict):
        here = {value["$ref"].rpartition("/")[2]} if "$ref" in value else set()
        return here.union(*map(referenced, value.values()))
    return set().union(*map(referenced, value)) if isinstance(value, list) else set()


def main(source: Path) -> None:
    """Write the reduced description."""
    raw = source.read_bytes()
    whole = json.loads(raw)
    paths = {
        path: {verb: reduced(whole["paths"][path][verb]) for verb in verbs}
        for path, verbs in USED.items()
    }
    schemas: dict[str, Any] = {}
    wanted = referenced(paths)
    while missing := wanted - schemas.keys():
        for name in sorted(missing):
            schemas[name] = reduced(whole["components"]["schemas"][name])
        wanted |= referenced(schemas)
    for verbs in paths.values():
        for operation in verbs.values():
            for code, response in operation["responses"].items():
                response["description"] = code  # OpenAPI wants one
    described = {
        "openapi": whole["openapi"],
        "info": {
            "title": whole["info"]["title"],
            "version": whole["info"]["version"],
            "license": whole["info"]["license"],
            "x-source": "github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json",
            "x-source-sha256": hashlib.sha256(raw).hexdigest(),
        },
        "servers": whole["servers"],
        "paths": paths,
        "components": {
            "securitySchemes": whole["components"]["securitySchemes"],
            "schemas": dict(sorted(schemas.items())),
        },
    }
    OUTPUT.write_text(json.dumps(described, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

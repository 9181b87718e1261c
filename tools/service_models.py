"""Writes the service models of botocore in a compact form that the gateway of the local AWS reads.

Usage: service_models.py OUTPUT

OUTPUT/index.json maps each signing name to its services. OUTPUT/NAME contains one line for each operation and shape of
a service: the kind, the name, and a JSON object, separated by spaces. Documentation is omitted. The gateway parses only
the lines that a request needs.
"""

import json
import sys
from pathlib import Path

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

OMITTED = {"documentation", "deprecated", "deprecatedMessage", "deprecatedSince"}


def bare(value):
    """Returns a shape without its documentation."""
    kept = {name: item for name, item in value.items() if name not in OMITTED}
    if "members" in kept:
        kept["members"] = {name: bare(item) for name, item in kept["members"].items()}
    for name in ("member", "key", "value"):
        if isinstance(kept.get(name), dict):
            kept[name] = bare(kept[name])
    return kept


def operation(value):
    """Returns the parts of an operation that a request or a response depends on."""
    output = value.get("output", {})
    return {
        "method": value["http"].get("method", "POST"),
        "uri": value["http"].get("requestUri", "/"),
        "input": value.get("input", {}).get("shape"),
        "output": output.get("shape"),
        "wrapper": output.get("resultWrapper"),
        "errors": [error["shape"] for error in value.get("errors", [])],
    }


def line(kind, name, value):
    return f"{kind} {name} {json.dumps(value, separators=(',', ':'))}\n"


def main(output):
    loader = Loader()
    index = {}
    for service in loader.list_available_services("service-2"):
        try:
            model = loader.load_service_model(service, "service-2")
        except UnknownServiceError:
            continue
        metadata = model["metadata"]
        signing = metadata.get("signingName", metadata["endpointPrefix"])
        index.setdefault(signing, []).append(
            {
                "service": service,
                "version": metadata["apiVersion"],
                "target": metadata.get("targetPrefix"),
                "protocol": metadata["protocol"],
            }
        )
        lines = [line("operation", name, operation(value)) for name, value in model["operations"].items()]
        lines += [line("shape", name, bare(value)) for name, value in model["shapes"].items()]
        (output / service).write_text("".join(sorted(lines)))
    for services in index.values():
        services.sort(key=lambda entry: entry["service"])
    (output / "index.json").write_text(json.dumps(index, indent=1, sort_keys=True))


main(Path(sys.argv[1]))

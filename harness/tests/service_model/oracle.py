"""Serializes requests with botocore, sends them to a gateway, and compares the verdicts.

Usage: oracle.py ADDRESS < CASES

Prints one JSON object per case: the rules that botocore reports for the parameters, whether the gateway forwarded the
request, the status, and the error code that botocore reads from the response. botocore itself does not check maximums, patterns, and enumerations, so this
script reads them from the shapes of botocore and checks them with the re module of Python.
"""

import http.client
import json
import re
import sys
import unicodedata
from urllib.parse import urlencode

import botocore.session
from botocore.compat import HTTPHeaders
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

NAMES = {
    "missing required field": "required member",
    "unknown field": "unknown member",
    "invalid type": "type",
    "invalid length": "length",
    "invalid range": "range",
    "empty input": "union",
    "more than one input": "union",
}
SESSION = botocore.session.get_session()


def matches(pattern, text):
    """Matches a pattern. The re module does not support Unicode categories, so they become lists of characters."""

    def characters(found):
        category = [chr(code) for code in range(0x250) if unicodedata.category(chr(code)).startswith(found[1])]
        return "".join(map(re.escape, category))

    return re.fullmatch(re.sub(r"\\p\{(\w+)\}", characters, pattern), text)


def maximums(shape, value, found):
    """Adds the rules that botocore reads but does not check."""
    limit = shape.metadata.get("max")
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:
                maximums(shape.members[name], item, found)
    elif shape.type_name == "list" and isinstance(value, list):
        if limit is not None and len(value) > limit:
            found.add("length")
        for item in value:
            maximums(shape.member, item, found)
    elif shape.type_name == "map" and isinstance(value, dict):
        for key, item in value.items():
            maximums(shape.key, key, found)
            maximums(shape.value, item, found)
    elif shape.type_name == "string" and isinstance(value, str):
        if limit is not None and len(value) > limit:
            found.add("length")
        if shape.enum and value not in shape.enum:
            found.add("enumeration")
        pattern = shape.metadata.get("pattern")
        if pattern and not matches(pattern, value):
            found.add("pattern")
    elif shape.type_name in ("integer", "long") and isinstance(value, int):
        if limit is not None and value > limit:
            found.add("range")


def verdict(operation, parameters):
    """Returns the names of the rules that the parameters violate."""
    report = ParamValidator().validate(parameters, operation.input_shape)
    found = {NAMES[reason] for reason, _, _ in report._errors}
    maximums(operation.input_shape, parameters, found)
    return sorted(found)


def without_unknown(shape, value):
    """Removes the members that the model does not define, which botocore cannot serialize."""
    if shape.type_name == "structure" and isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name in shape.members}
        return {name: without_unknown(shape.members[name], item) for name, item in kept.items()}
    return value


def send(address, model, operation, case):
    protocol = model.metadata["protocol"]
    serializer = create_serializer(protocol, include_validation=False)
    parameters = without_unknown(operation.input_shape, case.get("sent", case["parameters"]))
    request = serializer.serialize_to_request(parameters, operation)
    body = request["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    if isinstance(body, bytes):
        body = body.decode()
    if "replace" in case:
        old, new = case["replace"]
        assert old in body, (case, body)
        body = body.replace(old, new, 1)
    body = case.get("body", body)
    path = request["url_path"]
    query = urlencode(request["query_string"] or {}, doseq=True)
    if query:
        path += ("&" if "?" in path else "?") + query
    signing = model.signing_name
    headers = dict(request["headers"])
    headers.update(case.get("headers", {}))
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=100000000001/20260101/us-east-1/{signing}/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )
    connection = http.client.HTTPConnection(address)
    connection.request(request["method"], case.get("path", path), body.encode(), headers)
    response = connection.getresponse()
    content = response.read()
    parts = {"status_code": response.status, "headers": HTTPHeaders.from_pairs(response.getheaders()), "body": content}
    error = {}
    if response.status >= 300:
        error = create_parser(protocol).parse(parts, operation.output_shape)["Error"]
    return {
        "forwarded": response.getheader("x-forwarded") is not None,
        "status": response.status,
        "code": error.get("Code"),
        "enclosed": content.startswith(b"<ErrorResponse") or b"?><ErrorResponse" in content,
        "text": content.decode(),
    }


def main(address):
    for case in json.load(sys.stdin):
        model = SESSION.get_service_model(case["service"])
        operation = model.operation_model(case["operation"])
        result = send(address, model, operation, case)
        # A changed body does not correspond to the parameters. The table states the rule.
        changed = "body" in case
        result["rules"] = [case["rule"]] if changed and "rule" in case else [] if changed else verdict(operation, case["parameters"])
        print(json.dumps(result))


main(sys.argv[1])

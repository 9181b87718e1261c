"""Runs commands of the AWS CLI with botocore, which serializes the requests and parses the responses.

Usage: aws SERVICE OPERATION --NAME VALUE… [FILE]. Supports s3api commands with string parameters, `--endpoint-url`,
`--query`, and `--output text`. A value in the response that is a stream goes to FILE.
"""

import json
import sys

import botocore.session
import jmespath
from botocore import xform_name

_, operation, *words = sys.argv[1:]
session = botocore.session.Session()
session.set_config_variable("region", session.get_config_variable("region") or "us-east-1")
name = operation.replace("-", "_")
service = session.get_service_model("s3")
model = next(
    service.operation_model(one) for one in service.operation_names if xform_name(one) == name
)
members = {"--" + xform_name(one).replace("_", "-"): one for one in model.input_shape.members}

parameters, options, files = {}, {}, []
while words:
    word = words.pop(0)
    if word in members:
        parameters[members[word]] = words.pop(0)
    elif word in ("--query", "--output", "--endpoint-url"):
        options[word] = words.pop(0)
    elif word.startswith("--"):
        sys.exit(f"aws: unknown option {word}")
    else:
        files.append(word)

client = session.create_client("s3", endpoint_url=options.get("--endpoint-url"))
response = getattr(client, name)(**parameters)
response.pop("ResponseMetadata")
if files:
    with open(files[0], "wb") as file:
        file.write(response.pop("Body").read())
if "--query" in options:
    response = jmespath.search(options["--query"], response)
if options.get("--output") == "text":
    for row in response or []:
        print("\t".join(str(cell) for cell in row))
else:
    print(json.dumps(response, default=str))

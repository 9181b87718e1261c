"""Calls services through botocore, which serializes the requests and parses the responses.

Usage: client.py ENDPOINT ACCOUNT

Reads one JSON object per line: service, region, operation, and parameters. Prints one JSON object per line: the result,
or the code and message of the error.
"""

import json
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, ACCOUNT = sys.argv[1:]
SESSION = botocore.session.Session()
CONFIG = Config(retries={"max_attempts": 0}, parameter_validation=False)
CLIENTS = {}


def client(service, region):
    key = service, region
    if key not in CLIENTS:
        CLIENTS[key] = SESSION.create_client(
            service,
            region_name=region,
            endpoint_url=ENDPOINT,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
            config=CONFIG,
        )
    return CLIENTS[key]


for line in sys.stdin:
    call = json.loads(line)
    try:
        made = client(call["service"], call["region"])._make_api_call(call["operation"], call["parameters"])
        made.pop("ResponseMetadata", None)
        answer = {"result": made}
    except ClientError as error:
        answer = {"error": error.response["Error"]}
    print(json.dumps(answer, default=str), flush=True)

"""Runs the program under test, and validates documents, in forks of one process that has loaded all modules. A separate
start of Python for each step would take most of the time of the tests.

Arguments: the folder of the program, and the path of the socket. Each connection carries one request, a line of JSON. The
process ends with its standard input.
"""

import json
import os
import select
import socketserver
import sys

sys.path.insert(0, sys.argv[1])
import jsonschema  # noqa: E402
import preview  # noqa: E402


class Handler(socketserver.StreamRequestHandler):
    """Answers one request, in its own process."""

    def handle(self):
        request = json.loads(self.rfile.readline())
        answer = validate(*request["validate"]) if "validate" in request else run(request)
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def validate(schema, document):
    """Returns the violations of a schema."""
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(document)
    return "\n".join(f"{error.json_path}: {error.message}" for error in errors)


def run(request):
    """Returns the exit code of a command of the program."""
    file = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in [(nothing, 0), (file, 1), (file, 2)]:
        os.dup2(source, target)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    try:
        return preview.main(request["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Ends when the standard input ends."""

    max_children = 1000
    request_queue_size = 100

    def service_actions(self):
        super().service_actions()
        if select.select([sys.stdin], [], [], 0)[0]:
            os._exit(0)


with Server(sys.argv[2], Handler) as server:
    print("ready", flush=True)
    server.serve_forever(poll_interval=0.2)

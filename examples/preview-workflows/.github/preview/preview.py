#!/usr/bin/env python3
"""The program that the preview workflows run: `python3 .github/preview/preview.py COMMAND`.

Each job runs one or two commands. Inputs are environment variables, outputs are written to GITHUB_OUTPUT. The program
requires Python 3.11 or later and no packages, so that it runs on every GitHub-hosted Ubuntu runner as it is.
"""

import sys

import commands.cleanup
import commands.deployment
import commands.images
from cluster import Failed
from github import ApiError
from rules import Refusal

COMMANDS = {
    "resolve": commands.images.resolve,
    "publish": commands.images.publish,
    "promote": commands.images.promote,
    "dispatch": commands.images.dispatch,
    "admit": commands.deployment.admit,
    "plan": commands.deployment.plan,
    "announce": commands.deployment.announce,
    "begin": commands.deployment.begin,
    "apply": commands.deployment.apply,
    "verify": commands.deployment.verify,
    "report": commands.deployment.report,
    "destroy": commands.cleanup.destroy,
    "closed": commands.cleanup.closed,
    "report-destroy": commands.cleanup.report,
    "sweep": commands.cleanup.sweep,
}


def main(arguments):
    """Runs a command and returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: preview.py {{{','.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
    except (Refusal, Failed, ApiError) as error:
        # A line break would end the annotation.
        print(f"::error title=preview {arguments[0]}::{' '.join(str(error).split())}")
        return 1
    except KeyError as error:
        print(f"::error title=preview {arguments[0]}::set the variable {error.args[0]}; see the README")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

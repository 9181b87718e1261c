"""Inputs and outputs of a command in a workflow run: variables, the event, and GITHUB_OUTPUT."""

import datetime
import json
import os

import rules
from github import GitHub


def event():
    """Returns the event that started the workflow run."""
    with open(os.environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
        return json.load(file)


def default_branch():
    """Returns the default branch of the repository."""
    return event()["repository"]["default_branch"]


def require_default_branch():
    """Stops a command that has secrets or write access on any other branch. The GitHub environments have the same rule."""
    ref, branch = os.environ["GITHUB_REF"], default_branch()
    if ref != f"refs/heads/{branch}":
        raise rules.Refusal(f"this step runs only on {branch}, not on {ref}: start the workflow on {branch}")


def run_url():
    """Returns the address of this workflow run."""
    server, repository = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    return f"{server}/{repository}/actions/runs/{os.environ['GITHUB_RUN_ID']}"


def github():
    """Returns the API client."""
    return GitHub(os.environ["GITHUB_API_URL"], os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"], run_url())


def variable(name):
    """Returns a variable that must be set."""
    value = os.environ.get(name, "")
    if not value:
        raise rules.Refusal(f"{name} is not set: see the list of variables in the README")
    return value


def number(name, default):
    """Returns a number from a variable."""
    text = os.environ.get(name, "") or str(default)
    try:
        return float(text)
    except ValueError:
        raise rules.Refusal(f"{name} must be a number, not {text!r}") from None


def pauses(name, default):
    """Returns the pauses between attempts, in seconds."""
    text = os.environ.get(name, "") or default
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        raise rules.Refusal(f"{name} must be numbers of seconds, not {text!r}") from None


def seconds_between(start, end):
    """Returns the seconds between two times of the API."""
    first, last = (datetime.datetime.fromisoformat(time) for time in (start, end))
    return max(0, int((last - first).total_seconds()))


def output(**values):
    """Writes outputs of the step. A line break in a value would add an output, so it is refused."""
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        for name, value in values.items():
            text = str(value)
            if "\n" in text or "\r" in text:
                raise rules.Refusal(f"the output {name} contains a line break")
            file.write(f"{name}={text}\n")


def secret_variables(environment):
    """Returns the secret input variables. Neither a plan nor the state contains them."""
    found = rules.secrets(variable("ENVIRONMENT_KEY"), environment)
    if os.environ.get("REGISTRY_CREDENTIALS"):
        found["TF_VAR_registry_credentials"] = os.environ["REGISTRY_CREDENTIALS"]
    # An existing environment keeps its secrets.
    for name in ("DATABASE_PASSWORD", "APP_KEY"):
        if os.environ.get(name):
            found[f"TF_VAR_{name.lower()}"] = os.environ[name]
    return found


class Target:
    """The environment that a deployment changes, from the inputs of the workflow."""

    def __init__(self):
        self.profile = variable("PROFILE")
        if self.profile not in ("preview", "production"):
            raise rules.Refusal(f"PROFILE must be preview or production, not {self.profile!r}")
        repository = variable("IMAGE_REPOSITORY")
        self.commit = rules.commit(variable("COMMIT"))
        self.images = {name: rules.image(name, variable(f"{name.upper()}_IMAGE"), repository) for name in ("web", "api")}
        self.app, self.domain = variable("PREVIEW_APP"), variable("PREVIEW_DOMAIN")
        rules.database(self.app, 1)
        if self.is_preview():
            self.number = rules.pull_request_number(variable("PULL_REQUEST"))
            self.environment = rules.namespace(self.number)
            self.key = f"preview/pr-{self.number}.tfstate"
        else:
            self.number, self.environment, self.key = None, "production", "preview/production.tfstate"

    def is_preview(self):
        """Returns whether the environment belongs to a pull request."""
        return self.profile == "preview"

    def variables(self):
        """Returns the input variables of the configuration."""
        found = {
            "TF_VAR_app": self.app,
            "TF_VAR_domain": self.domain,
            "TF_VAR_profile": self.profile,
            "TF_VAR_web_image": self.images["web"],
            "TF_VAR_api_image": self.images["api"],
        }
        if self.number is not None:
            found["TF_VAR_pull_request"] = str(self.number)
        return {**found, **secret_variables(self.environment)}

    def facts(self):
        """Returns the facts about this deployment for the comment. Facts of an earlier commit are removed."""
        return {
            "commit": self.commit,
            "web_image": self.images["web"],
            "api_image": self.images["api"],
            "run_url": run_url(),
            "reason": None,
            "web_url": None,
            "api_url": None,
            "timings": None,
        }

"""Clean-up of a preview: destroy, proof that nothing remains, and the search for environments that remained."""

import os
import re
import time

import cluster
import rules

from .context import default_branch, github, number, output, pauses, require_default_branch, run_url, secret_variables, variable
from .deployment import DESTROY, deactivate

_LOCK = re.compile(r"\bID:\s+([0-9a-f]{8}-[0-9a-f-]{27})\b")
_PARTS = ("namespace", "database", "state")


def closed():
    """Checks that the pull request is still closed. A pull request can be reopened before its clean-up starts."""
    require_default_branch()
    target = rules.pull_request_number(variable("PULL_REQUEST"))
    state = github().pull_request(target)["state"]
    if state != "closed":
        cluster.say(f"Pull request #{target} is open. Its environment remains.")
    output(proceed="true" if state == "closed" else "false")


class _Environment:
    """The parts of an environment that must not remain."""

    def __init__(self, deadline):
        self.number = rules.pull_request_number(variable("PULL_REQUEST"))
        self.namespace = rules.namespace(self.number)
        self.database = rules.database(variable("PREVIEW_APP"), self.number)
        self.key = f"preview/pr-{self.number}.tfstate"
        self.deadline = deadline
        self.base = cluster.Base(variable("RUNNER_TEMP"), "preview", deadline)
        self.kubernetes = cluster.Kubernetes(self.base.kubeconfig, deadline)
        # The configuration requires images, but destroy does not use them.
        unused = f"{variable('IMAGE_REPOSITORY')}/unused@sha256:{'0' * 64}"
        variables = {
            "TF_VAR_app": variable("PREVIEW_APP"),
            "TF_VAR_domain": variable("PREVIEW_DOMAIN"),
            "TF_VAR_profile": "preview",
            "TF_VAR_pull_request": str(self.number),
            "TF_VAR_web_image": unused,
            "TF_VAR_api_image": unused,
            **secret_variables(self.namespace),
            **self.base.variables,
        }
        self.tofu = cluster.Tofu(variable("DIRECTORY"), self.key, deadline, variables)

    def destroy(self, _attempt, reserve=80):
        """Destroys the environment and returns the error. Reserves seconds for the checks. Only one run changes an
        environment at a time, so a lock that remains belongs to a run that was killed."""
        self.tofu.deadline = cluster.Deadline(max(1.0, self.deadline.remaining() - reserve))
        try:
            self.tofu.run("destroy", "-auto-approve", "-lock-timeout=20s")
        except cluster.Failed as error:
            lock = _LOCK.search(str(error))
            if lock:
                try:
                    self.tofu.run("force-unlock", "-force", lock.group(1))
                except cluster.Failed as failed:
                    return str(failed)
            return str(error)
        return None

    def _sql(self, purpose, statements):
        pod = f"preview-{purpose}-{self.number}-{os.environ['GITHUB_RUN_ID']}"
        return self.kubernetes.sql(pod, self.base.outputs, statements)

    def remaining(self):
        """Returns the parts that exist. `pg_database` and `pg_roles` list databases and users."""
        name = self.database
        rows = self._sql(
            "check",
            f"SELECT datname FROM pg_database WHERE datname = '{name}'; SELECT rolname FROM pg_roles WHERE rolname = '{name}';",
        )
        self.tofu.deadline = self.deadline
        exists = {
            "namespace": self.kubernetes.has_namespace(self.namespace),
            "database": bool(rows),
            "state": bool(self.tofu.run("state", "list").split()),
        }
        return [part for part in _PARTS if exists[part]]

    def force(self, parts):
        """Deletes parts that destroy left, and then their entries in the state."""
        if "namespace" in parts:
            self.kubernetes.force_namespace(self.namespace)
        if "database" in parts:
            name = self.database
            # DROP DATABASE cannot run in a transaction, so that each statement is its own.
            self._sql("drop", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);\nDROP ROLE IF EXISTS "{name}";')
        error = self.destroy(1, reserve=30)
        if error is not None:
            cluster.say(error)

    def delete_state(self):
        """Deletes the empty state."""
        location = [f"--bucket={variable('STATE_BUCKET')}", f"--key={self.key}"]
        cluster.run(["aws", "s3api", "delete-object", *location], self.deadline)
        try:
            cluster.run(["aws", "s3api", "head-object", *location], self.deadline)
        except cluster.Failed as error:
            if "404" in str(error):
                return
            raise
        raise cluster.Failed(f"the state {self.key} exists after its deletion")


def destroy():
    """Destroys an environment, and checks that its namespace, database, and state no longer exist."""
    require_default_branch()
    start, deadline = time.monotonic(), cluster.Deadline(number("DESTROY_LIMIT", 230))
    output(started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    found = _Environment(deadline)
    found.tofu.init()
    # The last 80 seconds are for the checks, and for the parts that remain.
    error = rules.attempt(
        found.destroy, pauses("DESTROY_PAUSES", "5 15"), lambda: deadline.remaining() - 80, time.sleep, cluster.say
    )
    remaining = found.remaining()
    forced = remaining
    if remaining:
        cluster.say(f"Remains after destroy: {', '.join(remaining)}")
        output(remaining=" ".join(remaining))
        found.force(remaining)
        remaining = found.remaining()
    output(remaining=" ".join(remaining), forced=" ".join(forced), seconds=max(1, round(time.monotonic() - start)))
    if remaining:
        raise cluster.Failed(f"{', '.join(remaining)} of {found.namespace} cannot be deleted. {error or ''}")
    found.delete_state()
    output(clean="true")


def report():
    """States the result of a clean-up in the comment. Ends the deployments only when nothing remains."""
    target, api = rules.pull_request_number(variable("PULL_REQUEST")), github()
    gone = os.environ.get("CLEAN", "") == "true"
    facts = {"run_url": run_url(), "web_url": None, "api_url": None, "timings": None}
    if gone:
        started = variable("STARTED")
        deactivate(api, rules.namespace(target), lambda found: found["created_at"] <= started)
        forced = os.environ.get("FORCED", "")
        seconds = os.environ.get("SECONDS_TAKEN", "")
        reason = f"Namespace, database, and state no longer exist after {seconds} s."
        reason += f" Deleted by force: {', '.join(forced.split())}." if forced else ""
        phase = "destroyed"
    else:
        remaining = os.environ.get("REMAINING", "")
        command = f"gh workflow run {DESTROY} -f pull_request={target}"
        reason = f"Remains: {', '.join(remaining.split()) or 'not known'}. To try again, run `{command}`."
        phase = "destroy_failed"
    # A pull request that was reopened during the clean-up gets its comment from its next deployment.
    if api.pull_request(target)["state"] == "closed":
        api.update_comment(target, {**facts, "phase": phase, "reason": reason})


def sweep():
    """Starts the clean-up of each environment whose pull request is closed. Events can be lost, and a run that waits can
    be replaced by a later run."""
    require_default_branch()
    api, seen = github(), set()
    for found in api.deployments({}):
        name = re.fullmatch(r"preview-pr-([1-9][0-9]*)", found["environment"])
        if name is None or name.group(1) in seen:
            continue
        seen.add(name.group(1))
        if api.last_state(found["id"]) != "inactive" and api.pull_request(name.group(1))["state"] == "closed":
            cluster.say(f"The environment of #{name.group(1)} remains.")
            api.dispatch(DESTROY, default_branch(), {"pull_request": name.group(1)})

"""A deployment of a preview or of production: admission, plan, apply, checks, and report."""

import json
import os
import time

import cluster
import comment
import rules

from github import BOT

from .context import Target, github, number, output, pauses, require_default_branch, seconds_between, variable

# The workflow that cleans up.
DESTROY = "preview-destroy.yml"


def admit():
    """Decides whether a deployment starts, and whether it waits for an approval."""
    require_default_branch()
    target, api = Target(), github()
    approval = "required"
    if target.is_preview():
        pull_request = api.pull_request(target.number)
        if not _is_current(pull_request, target.commit):
            cluster.say("The pull request is closed, or has a later commit.")
            output(proceed="false")
            return
        build = _build(api, target)
        output(build_seconds=seconds_between(build["run_started_at"], build["updated_at"]))
        # The author of the pull request, of the last push, and of a manual start can differ. All must be maintainers.
        people = {pull_request["user"]["login"], build["actor"]["login"], variable("GITHUB_TRIGGERING_ACTOR")} - {BOT}
        roles = [api.role(person) for person in sorted(people)]
        approval = rules.approval(roles, (os.environ.get("MAINTAINER_ROLES") or "admin maintain").split())
    if approval == "required":
        gate = variable("GATE")
        missing = rules.missing_protection(api.get(f"environments/{gate}"))
        if missing:
            raise rules.Refusal(f"the environment {gate} lacks {missing}: see step 3 in the README of the workflows")
    output(proceed="true", approval=approval)


def _build(api, target):
    """Returns the run that built the images. GitHub states its commit and its author."""
    found = api.get(f"actions/runs/{rules.run_id(variable('BUILD_RUN'))}")
    if found["head_sha"] != target.commit or found["event"] != "pull_request":
        raise rules.Refusal(f"run {found['id']} did not build {target.commit}: use the inputs of one run of preview.yml")
    return found


def _is_current(pull_request, commit):
    return pull_request["state"] == "open" and pull_request["head"]["sha"] == commit


def _configuration(target, deadline):
    """Returns the configuration of an environment with the location of the base as a variable."""
    base = cluster.Base(variable("RUNNER_TEMP"), target.profile, deadline)
    tofu = cluster.Tofu(variable("DIRECTORY"), target.key, deadline, {**target.variables(), **base.variables})
    tofu.init()
    return tofu


def _kubeconfig():
    return os.path.join(variable("RUNNER_TEMP"), "kubeconfig")


def _plan_file():
    return os.path.join(variable("RUNNER_TEMP"), "plan.tfplan")


def plan():
    """Plans a deployment and writes the plan as text. The plan itself can contain secrets, so it does not leave the
    runner."""
    require_default_branch()
    start, target = time.monotonic(), Target()
    tofu = _configuration(target, cluster.Deadline(number("PLAN_LIMIT", 300)))
    found = tofu.plan(_plan_file())
    text = tofu.run("show", "-no-color", _plan_file(), quiet=True)
    with open(os.path.join(variable("RUNNER_TEMP"), "plan.txt"), "w", encoding="utf-8") as file:
        file.write(text)
    output(fingerprint=rules.fingerprint(found), summary=rules.summary(found), seconds=_since(start))


def _since(start):
    return max(1, round(time.monotonic() - start))


def announce():
    """Shows the plan of a preview in the comment, before the approval."""
    target = Target()
    with open(os.path.join(variable("RUNNER_TEMP"), "plan.txt"), encoding="utf-8") as file:
        section = comment.plan_section(variable("SUMMARY"), file.read())
    phase = "waiting" if variable("APPROVAL") == "required" else "deploying"
    github().update_comment(target.number, {**target.facts(), "phase": phase}, section)


def begin():
    """Creates a deployment with the status in_progress, if the commit is still the latest. Runs after the approval and
    after earlier deployments of the same environment."""
    require_default_branch()
    target, api = Target(), github()
    if target.is_preview():
        if not _is_current(api.pull_request(target.number), target.commit):
            cluster.say("The pull request is closed, or has a later commit.")
            output(proceed="false")
            return
        api.update_comment(target.number, {**target.facts(), "phase": "deploying"})
    payload = {
        "web_image": target.images["web"],
        "api_image": target.images["api"],
        "run": _run(),
    }
    deployment = api.create_deployment(target.environment, target.commit, payload, not target.is_preview())
    # The ID is an output before the status exists, so that the report finds the deployment if the next request fails.
    output(proceed="true", deployment=deployment)
    api.set_state(deployment, "in_progress", "The deployment is in progress.")


def apply():
    """Applies the approved changes, in at most three attempts. Stops before the job is canceled, so that the lock of the
    state is released."""
    start, target = time.monotonic(), Target()
    output(failure="The changes were not applied.")
    deadline = cluster.Deadline(number("APPLY_LIMIT", 400))
    tofu = _configuration(target, deadline)
    if rules.fingerprint(tofu.plan(_plan_file())) != variable("FINGERPRINT"):
        output(failure="The plan changed after the approval. Run the workflow again.")
        raise rules.Refusal("the plan differs from the approved plan: run all jobs again to create another plan")

    def run(attempt):
        try:
            # After a partial apply, the first plan no longer matches the state. The inputs are still the approved ones.
            file = [_plan_file()] if attempt == 1 else ["-auto-approve", "-lock-timeout=60s"]
            tofu.run("apply", *file)
        except cluster.Failed as error:
            return str(error)
        return None

    error = rules.attempt(run, pauses("APPLY_PAUSES", "10 30"), deadline.remaining, time.sleep, cluster.say)
    if error is not None:
        output(failure="The changes were not applied. The log contains the errors of all attempts.")
        raise cluster.Failed(error)
    found = tofu.outputs()
    output(
        failure="",
        namespace=found["namespace"],
        web_url=found["web_url"],
        api_url=found["api_url"],
        seconds=_since(start),
    )


def verify():
    """Waits for the pods, and checks that the URLs respond."""
    start = time.monotonic()
    output(failure="The pods did not start in time.")
    pods = cluster.Deadline(number("PODS_LIMIT", 60))
    cluster.Kubernetes(_kubeconfig(), pods).wait_for_pods(variable("NAMESPACE"))
    output(pods_seconds=_since(start))
    start, limit = time.monotonic(), cluster.Deadline(number("HEALTH_LIMIT", 60))
    for name, path in [("WEB", "/"), ("API", "/up")]:
        url = variable(f"{name}_URL").rstrip("/") + (os.environ.get(f"{name}_HEALTH_PATH") or path)
        output(failure=f"The health check of {url} failed.")
        cluster.wait_for_health(url, limit, number("HEALTH_PAUSE", 1))
    output(failure="", health_seconds=_since(start))


def report():
    """States the result as a deployment status and in the comment, whatever happened to the other jobs. If the pull
    request was closed meanwhile, starts the clean-up again: a later run replaces a run that waits."""
    target, api = Target(), github()
    deployment = os.environ.get("DEPLOYMENT") or _own_deployment(target, api)
    results = [os.environ.get(name, "") for name in ("PLAN_RESULT", "GATE_RESULT", "APPLY_RESULT")]
    started = os.environ.get("STARTED") or ("true" if deployment else "")
    phase, reason = rules.outcome(*results, started, os.environ.get("FAILURE", ""))
    web_url = os.environ.get("WEB_URL", "")
    if deployment:
        live = phase == "live"
        description = "The environment is ready." if live else reason
        api.set_state(deployment, "success" if live else "failure", description, web_url if live else "")
        if live:
            deactivate(api, target.environment, lambda found: found["id"] < int(deployment))
    if not target.is_preview():
        return
    pull_request = api.pull_request(target.number)
    if pull_request["state"] == "closed":
        api.dispatch(DESTROY, pull_request["base"]["repo"]["default_branch"], {"pull_request": str(target.number)})
    elif pull_request["head"]["sha"] == target.commit and phase != "superseded":
        names = ("build", "plan", "apply", "pods", "health")
        seconds = {name: os.environ.get(f"{name.upper()}_SECONDS", "") for name in names}
        changes = {**target.facts(), "phase": phase, "reason": reason or None, "timings": comment.timings(seconds) or None}
        if phase == "live":
            changes.update(web_url=web_url, api_url=os.environ["API_URL"])
        api.update_comment(target.number, changes)


def _run():
    return f"{os.environ['GITHUB_RUN_ID']}.{os.environ['GITHUB_RUN_ATTEMPT']}"


def _own_deployment(target, api):
    """Returns the ID of the deployment that this run created. The outputs of a job that was killed are lost."""
    for found in api.deployments({"environment": target.environment, "sha": target.commit}):
        payload = found["payload"]
        payload = json.loads(payload) if isinstance(payload, str) and payload else payload
        if payload and payload.get("run") == _run():
            return found["id"]
    return ""


def deactivate(api, environment, selected):
    """Ends the deployments of an environment that were replaced or destroyed. A later deployment can be in progress."""
    for found in api.deployments({"environment": environment}):
        if selected(found):
            api.set_state(found["id"], "inactive", "The deployment was replaced or destroyed.")

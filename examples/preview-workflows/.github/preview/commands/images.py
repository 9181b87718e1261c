"""Images: which pull request a build belongs to, the publication of its images, and their promotion to production."""

import json
import os
import tempfile

import cluster
import rules

from .context import default_branch, event, github, output, require_default_branch, run_url, variable

_NAMES = ("web", "api")


def resolve():
    """Finds the pull request of a completed build. The build ran code of the pull request, so its outputs are not used:
    GitHub states the repository, the branch, and the commit of the run."""
    require_default_branch()
    run, api = event()["workflow_run"], github()
    number = _pull_request(run, api)
    if number is None:
        cluster.say("The pull request is closed, or has a later commit.")
        output(proceed="false")
        return
    if run["conclusion"] == "failure":
        api.update_comment(
            number,
            {"phase": "build_failed", "commit": run["head_sha"], "run_url": run["html_url"], "reason": None},
        )
    output(
        proceed="true" if run["conclusion"] == "success" else "false",
        pull_request=number,
        commit=run["head_sha"],
    )


def _pull_request(run, api):
    head = run["head_repository"]
    if run["event"] != "pull_request" or not head:
        return None
    query = {"state": "open", "base": default_branch(), "head": f"{head['owner']['login']}:{run['head_branch']}"}
    for found in api.pages("pulls", query):
        if found["head"]["sha"] == run["head_sha"] and found["head"]["repo"]["id"] == head["id"]:
            return found["number"]
    return None


def publish():
    """Copies the images of a build to the registry and states their digests. Does not run them."""
    repository, commit = variable("IMAGE_REPOSITORY"), rules.commit(variable("COMMIT"))
    deadline = cluster.Deadline(300)
    password = variable("REGISTRY_PASSWORD")
    host = repository.partition("/")[0]
    login = ["skopeo", "login", f"--username={variable('REGISTRY_USERNAME')}", "--password-stdin", host]
    cluster.run(login, deadline, stdin=password)
    for name in _NAMES:
        archive = os.path.join(variable("ARCHIVES"), f"image-{name}", "image.tar")
        if not os.path.isfile(archive):
            raise rules.Refusal(f"the build did not upload {name}/image.tar")
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "digest")
            cluster.run(
                ["skopeo", "copy", "--all", "--preserve-digests", f"--digestfile={file}", f"oci-archive:{archive}",
                 f"docker://{repository}/{name}:{commit}"],
                deadline,
            )  # fmt: skip
            with open(file, encoding="utf-8") as content:
                digest = content.read().strip()
        output(**{f"{name}_image": rules.image(name, f"{repository}/{name}@{digest}", repository)})


def dispatch():
    """Starts a workflow on the default branch with the inputs in INPUTS, a JSON object."""
    inputs = {name: str(value) for name, value in json.loads(variable("INPUTS")).items()}
    rules.pull_request_number(inputs["pull_request"])
    github().dispatch(variable("WORKFLOW"), default_branch(), inputs)


def promote():
    """Finds the digests of the preview whose commit has the same content as the commit that was pushed. Other digests
    would deploy a state of the code that no branch has."""
    require_default_branch()
    api, sha = github(), event()["after"]
    merged = [
        found
        for found in api.pages(f"commits/{sha}/pulls", {})
        if found["merged_at"] and found["merge_commit_sha"] == sha and found["base"]["ref"] == default_branch()
    ]
    output(commit=sha)
    for found in merged:
        head = found["head"]["sha"]
        if _tree(api, head) != _tree(api, sha):
            cluster.say(f"The content of {sha} differs from the preview of #{found['number']}: the branch was not up to date.")
            continue
        for deployment in api.deployments({"environment": rules.namespace(found["number"]), "sha": head}):
            if api.had_state(deployment["id"], "success"):
                payload = deployment["payload"]
                payload = json.loads(payload) if isinstance(payload, str) else payload
                repository = variable("IMAGE_REPOSITORY")
                images = {f"{name}_image": rules.image(name, payload[f"{name}_image"], repository) for name in _NAMES}
                cluster.say(f"Promotes the images of #{found['number']}.")
                output(found="true", **images)
                return
    cluster.say(f"No preview has the content of {sha}. Its images are published from this build. See {run_url()}.")
    output(found="false")


def _tree(api, commit):
    return api.get(f"git/commits/{rules.commit(commit)}")["tree"]["sha"]

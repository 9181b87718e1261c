"""Rules of the preview life cycle: references, approval, deployment statuses, attempts. Pure: no network, files, or
processes."""

import base64
import hashlib
import hmac
import json
import re

DIGEST_FORM = "registry/name@sha256:<64 hexadecimal digits>"
_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(rf"[a-z0-9.-]+(?::[0-9]+)?(?:/{_NAME})+@sha256:[0-9a-f]{{64}}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_APP = re.compile(r"[a-z](?:-?[a-z0-9]){0,19}")

# Arguments of objects in a cluster that the cluster changes by itself.
_VOLATILE = {"generation", "resource_version"}
# The states that can follow the last state of a deployment. A deployment that is inactive does not become active again:
# a retry creates another deployment.
TRANSITIONS = {
    None: {"in_progress", "inactive"},
    "in_progress": {"success", "failure", "inactive"},
    "success": {"inactive"},
    "failure": {"inactive"},
    "inactive": set(),
}


class Refusal(Exception):
    """An input or a situation in which the program stops. The message states the next step."""


def pull_request_number(text):
    """Returns the number of a pull request."""
    if not _NUMBER.fullmatch(text):
        raise Refusal(f"pull_request must be between 1 and 9999999, not {text[:40]!r}")
    return int(text)


def run_id(text):
    """Returns the ID of a workflow run."""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
        raise Refusal(f"build_run must be the ID of a workflow run, not {text[:40]!r}")
    return int(text)


def commit(text):
    """Returns a full commit hash."""
    if not _COMMIT.fullmatch(text):
        raise Refusal(f"commit must have 40 hexadecimal digits, not {text[:80]!r}")
    return text


def image(name, text, repository):
    """Returns the reference of an image with its full digest. Only images in the configured repository are accepted."""
    if not _IMAGE.fullmatch(text):
        raise Refusal(f"{name}_image must have the form {DIGEST_FORM}, not {text[:200]!r}")
    if not text.startswith(f"{repository}/{name}@"):
        raise Refusal(f"{name}_image must be in {repository}/{name}, not {text.partition('@')[0]!r}")
    return text


def database(app, number):
    """Returns the name of the database and of its user."""
    if len(app) > 20 or not _APP.fullmatch(app):
        raise Refusal(f"PREVIEW_APP must be 1 to 20 lowercase letters, digits, and single hyphens, not {app[:60]!r}")
    return f"{app.replace('-', '_')}_pr_{number}"


def secrets(key, environment):
    """Returns the secret values of an environment. They are derived, so that each apply has the same values, each
    environment has others, and no other place stores them."""
    if len(key) < 32:
        raise Refusal("ENVIRONMENT_KEY must have at least 32 characters: create it with `openssl rand -base64 32`")

    def derived(purpose):
        return hmac.new(key.encode(), f"{environment}/{purpose}".encode(), hashlib.sha256)

    app_key = base64.b64encode(derived("app key").digest()).decode()
    return {"TF_VAR_database_password": derived("database").hexdigest(), "TF_VAR_app_key": f"base64:{app_key}"}


def namespace(number):
    """Returns the namespace of an environment."""
    return f"preview-pr-{number}"


def branch(ref):
    """Returns a branch for a dispatch. GitHub refuses a merge ref, and a tag or a merge ref is not the default branch."""
    name = ref.removeprefix("refs/heads/")
    if not name or name.startswith("refs/"):
        raise Refusal(f"a workflow is dispatched on a branch, not on {ref!r}")
    return name


def approval(roles, maintainers):
    """Returns `automatic` if every person has a role of a maintainer, and `required` otherwise."""
    return "automatic" if roles and all(role in maintainers for role in roles) else "required"


def missing_protection(environment):
    """Returns the protection that an approval environment lacks, or None. GitHub creates an environment without
    protection when a job names one that does not exist."""
    rules = environment.get("protection_rules") or []
    reviewers = [rule for rule in rules if rule.get("type") == "required_reviewers" and rule.get("reviewers")]
    if not reviewers:
        return "required reviewers"
    if not environment.get("deployment_branch_policy"):
        return "a policy that allows only the default branch"
    return None


def may_follow(last, state):
    """Returns whether a deployment can change its state."""
    return state in TRANSITIONS[last if last in TRANSITIONS else "in_progress"]


def outcome(plan, gate, apply, started, failure):
    """Returns the phase of an environment and its reason, from the results of the jobs of a run. `started` is `true`
    once the commit was current, and `false` when the run was superseded."""
    if plan == "cancelled":
        return ("superseded", "A later run replaces this deployment.")
    if plan == "skipped":
        return ("failed", "The deployment was not admitted. The log contains the reason.")
    if plan != "success":
        return ("failed", failure or "The plan failed.")
    if gate == "failure":
        return ("rejected", "A reviewer rejected the deployment.")
    if started == "false" or gate == "cancelled":
        return ("superseded", "A later commit replaces this deployment, or the pull request is closed.")
    if apply == "success":
        return ("live", "")
    if apply == "cancelled" and not started:
        return ("superseded", "A later run replaces this deployment.")
    if apply == "failure":
        return ("failed", failure or "The deployment failed.")
    return ("failed", failure or "The deployment was canceled or exceeded ten minutes.")


def fingerprint(plan):
    """Returns the digest of the changes in a plan. Sensitive values are not part of it, because the digest is public."""
    changes = [
        [change["address"], change["change"]["actions"], *(_public(change["change"], side) for side in ("before", "after"))]
        for change in plan.get("resource_changes", [])
        if change["change"]["actions"] not in (["no-op"], ["read"])
    ]
    changes.sort(key=lambda change: change[0])
    return hashlib.sha256(json.dumps(changes, sort_keys=True).encode()).hexdigest()


def _public(change, side):
    return _without(change.get(side), change.get(f"{side}_sensitive"))


def _without(value, mask):
    """Returns a value without the parts that a mask of a plan marks as sensitive, and without the parts that change when
    only the status of an object changes, such as while a container restarts."""
    if mask is True:
        return None
    if isinstance(value, dict):
        masks = mask if isinstance(mask, dict) else {}
        return {key: _without(part, masks.get(key)) for key, part in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        masks = mask if isinstance(mask, list) else []
        return [_without(part, masks[at] if at < len(masks) else None) for at, part in enumerate(value)]
    return value


def summary(plan):
    """Returns the numbers of changes in a plan."""
    actions = [action for change in plan.get("resource_changes", []) for action in change["change"]["actions"]]
    return (
        f"{actions.count('create')} to create, {actions.count('update')} to update, "
        f"{actions.count('delete')} to delete"
    )


def attempt(run, pauses, remaining, sleep, log):
    """Calls `run(number)` until it returns None, at most once more than there are pauses. Pauses grow. Does not start an
    attempt that the deadline would cut off. Returns the last error, or None."""
    if list(pauses) != sorted(pauses):
        raise Refusal(f"pauses must grow: {pauses}")
    for number, pause in enumerate([*pauses, None], start=1):
        error = run(number)
        if error is None:
            return None
        if pause is None or remaining() <= pause:
            log(f"Attempt {number} of {len(pauses) + 1} failed: {error}")
            return error
        log(f"Attempt {number} of {len(pauses) + 1} failed: {error}. The next attempt starts in {pause:g} s.")
        sleep(pause)
    return None

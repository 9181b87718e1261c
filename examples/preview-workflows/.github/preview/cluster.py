"""Runs tofu, kubectl, skopeo, and aws, and requests the health of an environment. Must not call the GitHub API."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import rules

# The program selects the cluster. A kubeconfig of the environment is never used.
_FOREIGN = ("KUBECONFIG", "KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "GITHUB_TOKEN")
_BASE_OUTPUTS = ("kubeconfig", "postgresql_host", "gateway_name", "gateway_namespace", "tls_secret_name")
# The location of the state is passed to `init`. The checks that are skipped use APIs that only AWS has.
_BACKEND = """terraform {
  backend "s3" {
    use_lockfile                = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_s3_checksum            = true
  }
}
"""
# Time for a command to stop after SIGINT, so that tofu releases the lock of the state.
_GRACE = 45


class Deadline:
    """The time at which a job must be done."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def remaining(self):
        """Returns the seconds that remain."""
        return max(0.0, self.end - time.monotonic())


class Failed(Exception):
    """A command that failed. The message contains the end of its output."""


def say(text):
    """Prints a line to the log."""
    print(text, flush=True)


def run(arguments, deadline, *, variables=None, stdin=None, quiet=False):
    """Runs a command and returns its standard output. At the deadline, interrupts it and waits until it has stopped."""
    environment = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    environment.update(variables or {})
    name = " ".join([word for word in arguments if not word.startswith("-")][:3])
    say(f"$ {name} …")
    process = subprocess.Popen(
        arguments,
        env=environment,
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        out, err = process.communicate(stdin, timeout=max(1.0, deadline.remaining()))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        raise Failed(f"{name} did not finish in time. {_end(err or out)}") from None
    if not quiet:
        sys.stdout.write(out)
    sys.stdout.write(err)
    sys.stdout.flush()
    if process.returncode != 0:
        raise Failed(f"{name} failed. {_end(err or out)}")
    return out


def _end(text):
    return " ".join(text.split())[-600:]


class Tofu:
    """A configuration with its state."""

    def __init__(self, directory, key, deadline, variables=None):
        self.directory, self.key, self.deadline, self.variables = directory, key, deadline, variables or {}

    def run(self, command, *arguments, quiet=False):
        """Runs a command of tofu."""
        return run(
            ["tofu", f"-chdir={self.directory}", command, *arguments],
            self.deadline,
            variables={"TF_IN_AUTOMATION": "true", "TF_INPUT": "false", **self.variables},
            quiet=quiet,
        )

    def init(self):
        """Selects the state. Installs only the providers of the lock file, if one exists."""
        with open(os.path.join(self.directory, "backend_override.tf"), "w", encoding="utf-8") as file:
            file.write(_BACKEND)
        locked = os.path.exists(os.path.join(self.directory, ".terraform.lock.hcl"))
        self.run(
            "init",
            "-reconfigure",
            *(["-lockfile=readonly"] if locked else []),
            f"-backend-config=bucket={os.environ['STATE_BUCKET']}",
            f"-backend-config=key={self.key}",
            f"-backend-config=region={os.environ['STATE_REGION']}",
        )

    def outputs(self):
        """Returns the output values. They can be secret, so the log does not contain them."""
        printed = json.loads(self.run("output", "-json", quiet=True))
        return {name: output["value"] for name, output in printed.items()}

    def plan(self, file):
        """Creates a plan and returns it."""
        self.run("plan", "-lock-timeout=60s", f"-out={file}")
        return json.loads(self.run("show", "-json", file, quiet=True))


def base(directory, deadline, kubeconfig):
    """Returns the variables with the outputs of the base, and writes its kubeconfig to a file that only this user can
    read."""
    tofu = Tofu(directory, "preview/base.tfstate", deadline)
    tofu.init()
    outputs = tofu.outputs()
    missing = [name for name in _BASE_OUTPUTS if not outputs.get(name)]
    if missing:
        raise rules.Refusal(f"the base in {directory} lacks the outputs {', '.join(missing)}: apply it first")
    secret = outputs.pop("kubeconfig")
    with open(os.open(kubeconfig, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(secret)
    return {"TF_VAR_base": json.dumps(outputs), "TF_VAR_kubeconfig": secret}


class Kubernetes:
    """The cluster of the base."""

    def __init__(self, kubeconfig, deadline):
        self.kubeconfig, self.deadline = kubeconfig, deadline

    def run(self, *arguments, stdin=None, quiet=False):
        """Runs a command of kubectl."""
        return run(["kubectl", f"--kubeconfig={self.kubeconfig}", *arguments], self.deadline, stdin=stdin, quiet=quiet)

    def wait_for_pods(self, namespace):
        """Waits until all deployments of a namespace run their new pods."""
        names = self.run("get", "deployments", f"--namespace={namespace}", "--output=name").split()
        if not names:
            raise Failed(f"the namespace {namespace} contains no deployments")
        for name in names:
            timeout = f"--timeout={max(1, int(self.deadline.remaining()))}s"
            self.run("rollout", "status", name, f"--namespace={namespace}", timeout)

    def has_namespace(self, name):
        """Returns whether a namespace exists."""
        return bool(self.run("get", "namespace", name, "--ignore-not-found", "--output=name").strip())

    def force_namespace(self, name):
        """Deletes a namespace. Removes its finalizers if it does not end."""
        try:
            self.run("delete", "namespace", name, "--ignore-not-found", "--wait", "--timeout=45s")
        except Failed as error:
            say(f"{error}")
        if self.has_namespace(name):
            found = json.loads(self.run("get", "namespace", name, "--output=json", quiet=True))
            found["spec"]["finalizers"] = []
            self.run("replace", "--raw", f"/api/v1/namespaces/{name}/finalize", "--filename=-", stdin=json.dumps(found))

    def sql(self, pod, statements):
        """Runs SQL as the administrator in a pod beside the database, and returns the rows. The connection URL is passed
        on standard input, so that neither the pod nor the log contains it."""
        url = os.environ["DATABASE_ADMIN_URL"]
        script = "IFS= read -r url; exec psql --no-psqlrc --tuples-only --no-align --set=ON_ERROR_STOP=1 \"$url\""
        namespace = os.environ.get("DATABASE_NAMESPACE") or "default"
        picture = os.environ.get("PSQL_IMAGE") or "docker.io/library/postgres:17"
        printed = self.run(
            "run", pod, f"--namespace={namespace}", f"--image={picture}", "--restart=Never", "--rm", "--stdin", "--quiet",
            "--pod-running-timeout=60s", "--command", "--", "sh", "-c", script,
            stdin=f"{url}\n{statements}\nSELECT 'done';\n",
        )  # fmt: skip
        rows = printed.split()
        if "done" not in rows:
            raise Failed(f"psql did not run: {_end(printed)}")
        return [row for row in rows if row != "done"]


def wait_for_health(url, deadline, pause=1.0):
    """Requests a URL until it returns a success, with growing pauses."""
    last = "no response"
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                if 200 <= response.status < 300:
                    return
                last = str(response.status)
        except urllib.error.HTTPError as error:
            last = str(error.code)
        except (urllib.error.URLError, OSError) as error:
            last = str(getattr(error, "reason", error))
        if deadline.remaining() <= pause:
            raise Failed(f"The health check of {url} failed: {last}")
        say(f"{url}: {last}. The next request starts in {pause:g} s.")
        time.sleep(pause)
        pause = min(pause * 2, 15)

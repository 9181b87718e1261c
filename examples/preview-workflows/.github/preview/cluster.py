"""Runs tofu, kubectl, skopeo, and aws, and requests the health of an environment. Must not call the GitHub API."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import rules

# The program selects the cluster. A kubeconfig of the environment is never used.
_FOREIGN = re.compile(r"KUBECONFIG|KUBE_.*|GITHUB_TOKEN|ENVIRONMENT_KEY")
_BASE_OUTPUTS = (
    "kubeconfig",
    "gateway_name",
    "gateway_namespace",
    "tls_secret_name",
    "postgresql_host",
    "postgresql_port",
    "postgresql_sslmode",
    "postgresql_namespace",
    "postgresql_admin_secret",
    "postgresql_image",
)
# Reads the outputs of the base from its state. The configuration of the base and its providers are not necessary.
_BASE = """variable "base_state" {
  type = object({ backend = string, config = map(string) })
}

data "terraform_remote_state" "base" {
  backend = var.base_state.backend
  config  = var.base_state.config
}

output "base" {
  value     = data.terraform_remote_state.base.outputs
  sensitive = true
}
"""
# The backends of S3-compatible storage skip the checks that use APIs of AWS.
_SKIPPED = (
    "skip_credentials_validation",
    "skip_metadata_api_check",
    "skip_region_validation",
    "skip_requesting_account_id",
    "skip_s3_checksum",
)
_COLOR = re.compile("\x1b\\[[0-9;]*m")
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
    environment = {key: value for key, value in os.environ.items() if not _FOREIGN.fullmatch(key)}
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
    # A message about a lock has about 700 characters, and its ID is at the start.
    return " ".join(_COLOR.sub("", text).split())[-1500:]


def location(key):
    """Returns the configuration of the backend for a state. AWS_ENDPOINT_URL_S3 is the address of the storage."""
    found = {"bucket": os.environ["STATE_BUCKET"], "key": key, "region": os.environ["STATE_REGION"]}
    return {**found, **dict.fromkeys(_SKIPPED, "true")}


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
            file.write('terraform {\n  backend "s3" {}\n}\n')
        locked = os.path.exists(os.path.join(self.directory, ".terraform.lock.hcl"))
        self.run(
            "init",
            "-reconfigure",
            *(["-lockfile=readonly"] if locked else []),
            *(f"-backend-config={name}={value}" for name, value in {**location(self.key), "use_lockfile": "true"}.items()),
        )

    def outputs(self):
        """Returns the output values. They can be secret, so the log does not contain them."""
        printed = json.loads(self.run("output", "-json", quiet=True))
        return {name: output["value"] for name, output in printed.items()}

    def plan(self, file):
        """Creates a plan and returns it."""
        self.run("plan", "-lock-timeout=60s", f"-out={file}")
        return json.loads(self.run("show", "-json", file, quiet=True))


class Base:
    """The outputs of the base of a profile. Writes its kubeconfig to a file that only this user can read."""

    def __init__(self, folder, profile, deadline):
        directory = os.path.join(folder, "base")
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "main.tf"), "w", encoding="utf-8") as file:
            file.write(_BASE)
        self.variables = {
            "TF_VAR_base_state": json.dumps({"backend": "s3", "config": location(f"{profile}/base.tfstate")}),
        }
        tofu = Tofu(directory, None, deadline, self.variables)
        tofu.run("init")
        plan = os.path.join(directory, "plan.tfplan")
        try:
            self.outputs = tofu.plan(plan)["planned_values"]["outputs"]["base"]["value"]
        finally:
            # The plan contains the kubeconfig.
            if os.path.exists(plan):
                os.remove(plan)
        missing = [name for name in _BASE_OUTPUTS if not self.outputs.get(name)]
        if missing:
            raise rules.Refusal(f"the base lacks the outputs {', '.join(missing)}: apply it first")
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        with open(os.open(self.kubeconfig, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(self.outputs["kubeconfig"])


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

    def sql(self, pod, base, statements):
        """Runs SQL as the administrator in a pod beside the database, and returns the rows."""
        container = _psql(pod, base)
        printed = self.run(
            "run",
            pod,
            f"--namespace={base['postgresql_namespace']}",
            f"--image={container['image']}",
            "--labels=app.kubernetes.io/name=database,database-client=true",
            "--restart=Never",
            "--rm",
            "--stdin",
            "--quiet",
            "--pod-running-timeout=60s",
            f"--overrides={json.dumps({'spec': {'automountServiceAccountToken': False, 'containers': [container]}})}",
            stdin=f"{statements}\nSELECT 'done';\n",
        )
        rows = printed.split()
        if "done" not in rows:
            raise Failed(f"psql did not run: {_end(printed)}")
        return [row for row in rows if row != "done"]


def _psql(pod, base):
    """Returns a container that reads SQL from its standard input. The password remains in its Secret."""
    plain = {
        "PGHOST": base["postgresql_host"],
        "PGPORT": str(base["postgresql_port"]),
        "PGSSLMODE": base["postgresql_sslmode"],
        # A managed database has no database with the name postgres.
        "PGDATABASE": base.get("postgresql_database") or "postgres",
    }
    secret = {"PGUSER": "username", "PGPASSWORD": "password"}
    return {
        "name": pod,
        "image": base["postgresql_image"],
        "command": ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"],
        "stdin": True,
        "stdinOnce": True,
        "env": [
            *({"name": name, "value": value} for name, value in plain.items()),
            *(
                {"name": name, "valueFrom": {"secretKeyRef": {"name": base["postgresql_admin_secret"], "key": key}}}
                for name, key in secret.items()
            ),
        ],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"cpu": "200m", "memory": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 70,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


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

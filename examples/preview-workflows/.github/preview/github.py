"""Client of the GitHub REST API. Must not decide anything."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request

import comment
import rules

# The account that comments when a workflow uses GITHUB_TOKEN.
BOT = "github-actions[bot]"
TASK = "preview"


class ApiError(Exception):
    """A response that is not a success."""

    def __init__(self, method, path, status, text):
        super().__init__(f"{method} {path} returned {status}: {text[:300]}")
        self.status = status


class GitHub:
    """The API for one repository."""

    def __init__(self, url, repository, token, run_url):
        self.url, self.repository, self.token, self.run_url = url.rstrip("/"), repository, token, run_url

    def _send(self, method, address, body=None):
        request = urllib.request.Request(
            address,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "preview-environments",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                text = response.read().decode()
                return (json.loads(text) if text else None), response.headers.get("Link", "")
        except urllib.error.HTTPError as error:
            path = urllib.parse.urlsplit(address).path
            raise ApiError(method, path, error.code, error.read().decode(errors="replace")) from error
        except urllib.error.URLError as error:
            raise ApiError(method, urllib.parse.urlsplit(address).path, "no response", str(error.reason)) from error

    def _address(self, path, query=None):
        address = f"{self.url}/repos/{self.repository}/{path}"
        return f"{address}?{urllib.parse.urlencode(query)}" if query else address

    def get(self, path):
        """Returns an object."""
        return self._send("GET", self._address(path))[0]

    def pages(self, path, query, limit=10):
        """Yields the objects of a list, from at most `limit` pages."""
        address = self._address(path, {**query, "per_page": 100})
        while address and limit:
            objects, link = self._send("GET", address)
            yield from objects
            following = re.search(r'<([^>]+)>; rel="next"', link)
            address, limit = (following.group(1) if following else None), limit - 1

    def post(self, path, body):
        """Creates an object."""
        return self._send("POST", self._address(path), body)[0]

    def patch(self, path, body):
        """Changes an object."""
        return self._send("PATCH", self._address(path), body)[0]

    def pull_request(self, number):
        """Returns a pull request."""
        return self.get(f"pulls/{number}")

    def role(self, user):
        """Returns the role of a user, `none` for a user without access."""
        try:
            found = self.get(f"collaborators/{urllib.parse.quote(user, safe='')}/permission")
        except ApiError as error:
            if error.status == 404:
                return "none"
            raise
        return found.get("role_name") or found.get("permission") or "none"

    def dispatch(self, workflow, ref, inputs):
        """Starts a workflow on a branch."""
        body = {"ref": rules.branch(ref), "inputs": inputs}
        self.post(f"actions/workflows/{workflow}/dispatches", body)

    def own_comment(self, number):
        """Returns the comment that this program created, or None. A comment of another account with the same mark is not
        edited."""
        for found in self.pages(f"issues/{number}/comments", {}, limit=30):
            if found["user"]["login"] == BOT and found["body"].startswith(comment.MARK):
                return found
        return None

    def update_comment(self, number, changes, plan=None):
        """Creates the comment, or edits it. Facts that `changes` does not name remain; a fact with the value None is
        removed."""
        found = self.own_comment(number)
        before = found["body"] if found else ""
        facts = {**comment.data(before), **changes}
        facts = {key: value for key, value in facts.items() if value is not None}
        body = comment.render(facts, comment.kept_plan(before) if plan is None else plan)
        if found is None:
            self.post(f"issues/{number}/comments", {"body": body})
        elif body != before:
            self.patch(f"issues/comments/{found['id']}", {"body": body})

    def create_deployment(self, environment, commit, payload, production):
        """Creates a deployment and returns its ID."""
        body = {
            "ref": commit,
            "task": TASK,
            "auto_merge": False,
            # The pull request is deployed for a review, before its checks have finished.
            "required_contexts": [],
            "environment": environment,
            "payload": payload,
            "transient_environment": not production,
            "production_environment": production,
        }
        return self.post("deployments", body)["id"]

    def deployments(self, query):
        """Yields deployments of this program, the latest first."""
        return self.pages("deployments", {**query, "task": TASK})

    def last_state(self, deployment):
        """Returns the last state of a deployment, or None."""
        found = next(iter(self.pages(f"deployments/{deployment}/statuses", {}, limit=1)), None)
        return found["state"] if found else None

    def had_state(self, deployment, state):
        """Returns whether a deployment had a state."""
        return any(found["state"] == state for found in self.pages(f"deployments/{deployment}/statuses", {}))

    def set_state(self, deployment, state, description, environment_url=""):
        """Adds a status to a deployment if the state can follow its last state. Returns whether it did."""
        if not rules.may_follow(self.last_state(deployment), state):
            return False
        body = {"state": state, "description": description[:140], "log_url": self.run_url, "auto_inactive": False}
        if environment_url:
            body["environment_url"] = environment_url
        self.post(f"deployments/{deployment}/statuses", body)
        return True

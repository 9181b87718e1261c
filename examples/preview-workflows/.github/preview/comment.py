"""The comment on a pull request. One comment exists for each pull request, and each change edits it. Pure."""

import json

MARK = "<!-- preview-environment -->"
PLAN, PLAN_END = "<!-- plan -->", "<!-- end of the plan -->"
_DATA, _DATA_END = "<!-- data ", " -->"
# GitHub accepts at most 65536 characters in a comment.
LIMIT = 60000

TITLES = {
    "build_failed": "the images were not built",
    "waiting": "waiting for approval",
    "deploying": "deploying",
    "live": "ready",
    "failed": "failed",
    "rejected": "rejected",
    "destroyed": "destroyed",
    "destroy_failed": "clean-up failed",
}
_ROWS = [
    ("web_url", "Web", "{}"),
    ("api_url", "API", "{}"),
    ("commit", "Commit", "`{}`"),
    ("web_image", "Web image", "`{}`"),
    ("api_image", "API image", "`{}`"),
    ("timings", "Timings", "{}"),
    ("run_url", "Log", "[workflow run]({})"),
    ("reason", "Reason", "{}"),
]
_TIMINGS = [("build", "build"), ("plan", "plan"), ("apply", "apply"), ("pods", "pods"), ("health", "health checks")]


def timings(seconds):
    """Returns a text with the durations that are known."""
    return ", ".join(f"{label} {seconds[key]} s" for key, label in _TIMINGS if seconds.get(key))


def plan_section(summary, text):
    """Returns a collapsible section. The fence is longer than any fence in the text."""
    if len(text) > LIMIT:
        text = text[:LIMIT] + "\n… The log of the workflow run contains the complete plan."
    longest = max((len(run) for run in _runs_of_backticks(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return (
        f"{PLAN}\n<details><summary>Plan: {summary}</summary>\n\n{fence}\n{text.rstrip()}\n{fence}\n\n</details>\n{PLAN_END}"
    )


def _runs_of_backticks(text):
    return ["`" * len(part) for part in "".join(sign if sign == "`" else " " for sign in text).split()]


def kept_plan(body):
    """Returns the section with the plan in an existing comment."""
    start, end = body.find(PLAN), body.rfind(PLAN_END)
    return body[start : end + len(PLAN_END)] if 0 <= start < end else ""


def data(body):
    """Returns the facts that an existing comment states."""
    start = body.rfind(_DATA)
    end = body.rfind(_DATA_END)
    if start < 0 or end < start:
        return {}
    try:
        found = json.loads(body[start + len(_DATA) : end])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def render(facts, plan=""):
    """Returns the body of the comment."""
    # `|` and line breaks would end a cell of the table.
    rows = [
        f"| {label} | {form.format(' '.join(str(facts[key]).replace('|', '/').split()))} |"
        for key, label, form in _ROWS
        if facts.get(key)
    ]
    hidden = json.dumps(facts, sort_keys=True).replace("-", "\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")
    parts = [MARK, f"### Preview environment: {TITLES[facts['phase']]}"]
    if rows:
        parts.append("\n".join(["| | |", "|---|---|", *rows]))
    if plan:
        parts.append(plan)
    parts.append(f"{_DATA}{hidden}{_DATA_END}")
    return "\n\n".join(parts) + "\n"

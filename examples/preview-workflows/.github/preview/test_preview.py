"""Unit tests of the rules, the comment, and the processes. Run them with `python3 -m unittest` in this folder."""

import json
import os
import signal
import sys
import tempfile
import unittest

import cluster
import comment
import rules

DIGEST = "sha256:" + "a" * 64


class Rules(unittest.TestCase):
    """References, approval, statuses, and attempts."""

    def test_only_full_digests_in_the_repository_are_accepted(self):
        good = f"registry.example.com:5000/acme/shop/web@{DIGEST}"
        self.assertEqual(rules.image("web", good, "registry.example.com:5000/acme/shop"), good)
        for bad in [
            good[:-1],
            good + "0",
            good.replace("sha256:", ""),
            good.replace("a" * 64, "A" * 64),
            good.replace(f"@{DIGEST}", ":latest"),
            good.replace("shop/web", "shop/webs"),
            good.replace("acme", "../acme"),
            good + "\nx=1",
            "web@" + DIGEST,
            "",
        ]:
            with self.subTest(bad), self.assertRaises(rules.Refusal):
                rules.image("web", bad, "registry.example.com:5000/acme/shop")

    def test_numbers_of_pull_requests_have_a_range(self):
        self.assertEqual([rules.pull_request_number(text) for text in ("1", "9999999")], [1, 9999999])
        for bad in ["0", "-1", "01", "10000000", "1.5", "", "1\n", "１"]:
            with self.subTest(bad), self.assertRaises(rules.Refusal):
                rules.pull_request_number(bad)

    def test_a_merge_ref_is_not_a_branch(self):
        self.assertEqual(rules.branch("refs/heads/release/1"), "release/1")
        for bad in ["refs/pull/12/merge", "refs/tags/v1", ""]:
            with self.subTest(bad), self.assertRaises(rules.Refusal):
                rules.branch(bad)

    def test_approval_is_automatic_only_if_everyone_is_a_maintainer(self):
        maintainers = ["admin", "maintain"]
        self.assertEqual(rules.approval(["admin", "maintain"], maintainers), "automatic")
        for roles in [["admin", "write"], ["none"], ["read", "admin"], []]:
            with self.subTest(roles):
                self.assertEqual(rules.approval(roles, maintainers), "required")

    def test_an_inactive_deployment_does_not_become_active(self):
        allowed = {
            (last, state)
            for last in [None, "in_progress", "success", "failure", "inactive"]
            for state in ["in_progress", "success", "failure", "inactive"]
            if rules.may_follow(last, state)
        }
        self.assertEqual(
            allowed,
            {
                (None, "in_progress"),
                (None, "inactive"),
                ("in_progress", "success"),
                ("in_progress", "failure"),
                ("in_progress", "inactive"),
                ("success", "inactive"),
                ("failure", "inactive"),
            },
        )

    def test_outcome_of_a_run_follows_from_its_jobs(self):
        for expected, plan, gate, apply, started in [
            ("live", "success", "success", "success", "true"),
            ("live", "success", "skipped", "success", "true"),
            ("superseded", "success", "success", "success", "false"),
            ("superseded", "success", "cancelled", "skipped", ""),
            ("superseded", "cancelled", "skipped", "skipped", ""),
            ("superseded", "success", "success", "cancelled", ""),
            ("rejected", "success", "failure", "skipped", ""),
            ("failed", "success", "success", "cancelled", "true"),
            ("failed", "success", "success", "failure", ""),
            ("failed", "failure", "skipped", "skipped", ""),
            ("failed", "skipped", "skipped", "skipped", ""),
        ]:
            with self.subTest(expected=expected, plan=plan, gate=gate, apply=apply, started=started):
                self.assertEqual(rules.outcome(plan, gate, apply, started, "")[0], expected)

    def test_pauses_grow_and_the_deadline_ends_the_attempts(self):
        def attempts(errors, left):
            slept, left = [], iter(left)
            error = rules.attempt(lambda number: errors[number - 1], [10, 30], lambda: next(left), slept.append, lambda _: None)
            return error, slept

        self.assertEqual(attempts([None], []), (None, []))
        self.assertEqual(attempts(["a", "b", None], [100, 100]), (None, [10, 30]))
        self.assertEqual(attempts(["a", "b", "c"], [100, 100]), ("c", [10, 30]))
        self.assertEqual(attempts(["a", "b", "c"], [100, 20]), ("b", [10]))
        with self.assertRaises(rules.Refusal):
            rules.attempt(lambda _: None, [30, 10], lambda: 100, print, print)

    def test_fingerprint_depends_on_changes_and_not_on_secrets(self):
        def plan(secret, image, actions=("update",)):
            change = {
                "actions": list(actions),
                "before": {"image": "a", "token": "t"},
                "after": {"image": image, "token": secret},
                "before_sensitive": {"token": True},
                "after_sensitive": {"token": True},
            }
            return {"resource_changes": [{"address": "a.b", "change": change}]}

        self.assertEqual(rules.fingerprint(plan("x", "b")), rules.fingerprint(plan("y", "b")))
        self.assertNotEqual(rules.fingerprint(plan("x", "b")), rules.fingerprint(plan("x", "c")))
        self.assertNotEqual(rules.fingerprint(plan("x", "b")), rules.fingerprint(plan("x", "b", ("delete", "create"))))
        self.assertEqual(rules.fingerprint(plan("x", "b", ("no-op",))), rules.fingerprint({}))

    def test_fingerprint_does_not_depend_on_the_status_of_an_object(self):
        def plan(version, name):
            before = {"metadata": [{"name": name, "resource_version": version, "generation": 1}]}
            change = {"actions": ["update"], "before": before, "after": None, "before_sensitive": {"metadata": [{}]}}
            return {"resource_changes": [{"address": "a.b", "change": change}]}

        self.assertEqual(rules.fingerprint(plan("1", "api")), rules.fingerprint(plan("2", "api")))
        self.assertNotEqual(rules.fingerprint(plan("1", "api")), rules.fingerprint(plan("1", "web")))


class Comment(unittest.TestCase):
    """The text of the comment."""

    def test_facts_and_plan_are_read_back(self):
        facts = {"phase": "live", "commit": "c" * 40, "reason": "a --> b | c\n<!-- data -->"}
        plan = comment.plan_section("1 to create", "a\n<!-- plan -->\n")
        body = comment.render(facts, plan)
        self.assertEqual(comment.data(body), facts)
        self.assertEqual(comment.kept_plan(body), plan)
        self.assertTrue(body.startswith(comment.MARK))

    def test_text_does_not_leave_the_fence(self):
        section = comment.plan_section("", "a\n`````\n</details>\n# heading")
        fence = "``````"
        self.assertEqual(section.count(f"\n{fence}\n"), 2)
        self.assertIn("</details>\n# heading", section.split(fence)[1])

    def test_long_plan_fits_into_a_comment(self):
        body = comment.render({"phase": "waiting"}, comment.plan_section("", "x" * 100000))
        self.assertLess(len(body), 65536)
        self.assertIn("complete plan", body)

    def test_damaged_data_counts_as_absent(self):
        for body in ["", "<!-- data {", "<!-- data [] -->", "<!-- data { -->", "-->"]:
            with self.subTest(body):
                self.assertEqual(comment.data(body), {})


class Processes(unittest.TestCase):
    """Commands and their deadline."""

    def test_command_is_interrupted_at_the_deadline_and_can_finish(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "released")
            program = (
                "import signal, sys\n"
                f"def release(*_): open({file!r}, 'w').close(); sys.exit(1)\n"
                "signal.signal(signal.SIGINT, release)\n"
                "signal.pause()\n"
            )
            with self.assertRaisesRegex(cluster.Failed, "did not finish in time"):
                cluster.run([sys.executable, "-c", program], cluster.Deadline(0))
            self.assertTrue(os.path.exists(file), "the command was not interrupted")
        self.assertEqual(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_command_does_not_receive_a_foreign_kubeconfig(self):
        os.environ["KUBECONFIG"] = "other"
        self.addCleanup(os.environ.pop, "KUBECONFIG")
        program = "import json, os; print(json.dumps(dict(os.environ)))"
        found = json.loads(cluster.run([sys.executable, "-c", program], cluster.Deadline(30), variables={"A": "b"}, quiet=True))
        self.assertNotIn("KUBECONFIG", found)
        self.assertEqual(found["A"], "b")


if __name__ == "__main__":
    unittest.main()

"""Which grants of their policies the roles used: an action on a resource pattern, in one statement.

While a cloud runs, each new use is a line of HOME/grants.jsonl. Afterwards
`python -m daybreak_local.cloud.grants HOME/grants.jsonl < policies.json` (role → policy) says of every grant
whether it was used, and whether a call that used it would be refused without it.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, EvalResult, ParsedStatement

from daybreak_local.cloud import hooks

hooks.require(iam_evaluator, "_first_match", "_role_name_from_assumed_arn", "parse_policy_document")

Policies = list[list[ParsedStatement]]
Grant = tuple[str, str, str]
_CONTEXT = ("principal_arn", "principal_type", "principal_account", "action", "resource_arn", "region")


class GrantLog:
    """Appends a line for each set of grants that allowed an action to a role, with the call as an example."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[tuple[str, str, tuple[Grant, ...]]] = set()

    def install(self) -> None:
        """Records what ministack's evaluator allows."""
        hooks.wrap(iam_evaluator, "evaluate", self._evaluate)

    def _evaluate(self, original: Any, ctx: EvalContext, policies: Policies, *limits: Policies) -> EvalResult:
        result = original(ctx, policies, *limits)
        if result.decision == "Allow" and ctx.principal_type == "AssumedRole":
            role = iam_evaluator._role_name_from_assumed_arn(ctx.principal_arn)
            # Few statements allow it, and only theirs are taken apart: every request passes here.
            matching = [[one] for policy in policies for one in policy if _allows(ctx, one)]
            allowing = tuple(grant for grant, one in grants(matching) if _allows(ctx, one))
            if (use := (role, ctx.action, allowing)) not in self._seen:
                self._seen.add(use)
                call = {name: getattr(ctx, name) for name in _CONTEXT}
                context = {"service_context": ctx.service_context, "principal_keys": ctx.principal_keys}
                with self._path.open("a") as file:
                    file.write(json.dumps({"role": role, "grants": allowing, "call": call | context}) + "\n")
        return result


def grants(policies: Policies) -> Iterator[tuple[Grant, ParsedStatement]]:
    """Every grant of the policies, with the statement that has this grant only."""
    for statement in (one for policy in policies for one in policy if one.effect == "Allow"):
        for action in statement.actions:
            for resource in statement.resources:
                only = replace(statement, actions=[action], resources=[resource])
                yield (statement.sid, action, resource), only


def judge(uses: list[dict[str, Any]], documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Of every grant of the roles: whether a call used it, and whether one would be refused without it."""
    judged = []
    for role, document in documents.items():
        policy = iam_evaluator.parse_policy_document(document)
        denies = [one for one in policy if one.effect == "Deny"]
        calls = [EvalContext(**use["call"]) for use in uses if use["role"] == role]
        every = list(grants([policy]))
        for grant, only in every:
            using = [call for call in calls if _allows(call, only)]
            others = [denies, [one for other, one in every if other != grant]]
            needed = any(iam_evaluator.evaluate(call, others).decision != "Allow" for call in using)
            named = dict(zip(("sid", "action", "resource"), grant, strict=True))
            judged.append({"role": role, **named, "used": bool(using), "needed": needed})
    return judged


def _allows(ctx: EvalContext, statement: ParsedStatement) -> bool:
    return iam_evaluator._first_match(ctx, [statement], "Allow") is not None


if __name__ == "__main__":
    recorded = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    json.dump(judge(recorded, json.load(sys.stdin)), sys.stdout)

import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import validate from "asl-validator";
import fc from "fast-check";
import { checkWorkflow } from "../../infra/workflows/check";
import { definition } from "../../infra/workflows/definition";
import { code, construct } from "../../infra/workflows/jsonata";
import { permissions } from "../../infra/workflows/permissions";
import { nextStates, type State, type Workflow } from "../../infra/workflows/states";
import { invoke } from "../../infra/workflows/tasks";

const end: State = { type: "succeed", output: "{% $states.input %}" };
const failed: State = { type: "fail", error: "{% $failure.error %}", cause: "{% $failure.cause %}" };
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
const call = (name: string, next: string): State => invoke(functionArn(name), { at: "{% $states.input %}" }, { next });

function workflow(states: Record<string, State>, startAt = "A"): Workflow {
  return { comment: "a test", startAt, onError: "Failed", timeoutSeconds: 60, states: { ...states, Failed: failed } };
}

/** Chains of task, wait, pass and choice states; every choice can also go to the end. */
const chains = fc
  .array(fc.constantFrom("task", "wait", "choice", "pass"), { minLength: 1, maxLength: 8 })
  .map((kinds) => {
    const name = (index: number) => (index < kinds.length ? `State ${index}` : "End");
    const states = kinds.map((kind, index): [string, State] => {
      const next = name(index + 1);
      const made: Record<typeof kind, State> = {
        task: call(`f${index % 3}`, next),
        wait: { type: "wait", seconds: index, next },
        choice: { type: "choice", rules: [{ when: `$states.input.x = ${index}`, next: "End" }], otherwise: next },
        pass: { type: "pass", assign: { [`v${index}`]: index }, next },
      };
      return [name(index), made[kind]];
    });
    // Without a task, the error handler would be unreachable.
    const first: [string, State] = ["First", call("first", "State 0")];
    return workflow(Object.fromEntries([first, ...states, ["End", end]]), "First");
  });

describe("any workflow", () => {
  it("has a definition that the ASL validator accepts if checkWorkflow accepts it", () => {
    fc.assert(
      fc.property(chains, (made) => {
        checkWorkflow("test", made);
        const result = validate(JSON.parse(JSON.stringify(definition(made))));
        expect(result.errorsText()).toBe("");
        expect(result.isValid).toBe(true);
      }),
      { numRuns: 8 },
    );
  });

  it("has exactly the permissions that its tasks need", () => {
    fc.assert(
      fc.property(chains, (made) => {
        const needed = Object.values(made.states).flatMap((state) =>
          state.type === "task" ? state.grants.flatMap((grant) => grant.resources) : [],
        );
        const granted = permissions(made);
        expect(granted.flatMap((statement) => statement.actions)).toEqual(["lambda:InvokeFunction"]);
        expect(new Set(granted.flatMap((statement) => statement.resources))).toEqual(new Set(needed));
      }),
    );
  });

  it("fails checkWorkflow if one of its states leads to a missing state", () => {
    fc.assert(
      fc.property(chains, fc.nat(), (made, pick) => {
        const names = Object.keys(made.states).filter((name) => nextStates(made.states[name] ?? end, "").length > 0);
        const broken = names[pick % names.length] ?? "";
        const state = { type: "wait", seconds: 1, next: "Nowhere" } as const;
        const changed = { ...made, states: { ...made.states, [broken]: state } };
        expect(() => checkWorkflow("test", changed)).toThrow(
          `state "${broken}" leads to "Nowhere", which does not exist`,
        );
      }),
    );
  });
});

describe("checkWorkflow", () => {
  it.each<[string, Workflow, RegExp]>([
    ["a missing start state", workflow({ A: call("f", "B"), B: end }, "Z"), /StartAt leads to "Z"/],
    ["an unreachable state", workflow({ A: call("f", "B"), B: end, C: end }), /state "C" is unreachable/],
    [
      "an endless loop",
      workflow({ A: { type: "wait", seconds: 1, next: "A" } }),
      /state "A" never leads to an end state/,
    ],
    [
      "a state name that is too long",
      workflow({ A: call("f", "B".repeat(81)), ["B".repeat(81)]: end }),
      /is 81 characters long; AWS allows 80/,
    ],
    [
      "an unclosed JSONata expression",
      workflow({ A: { type: "pass", assign: { x: "{% 1 " }, next: "B" }, B: call("f", "C"), C: end }),
      /state "A" has an incomplete JSONata expression: \{% 1 /,
    ],
  ])("rejects %s", (_what, made, message) => {
    expect(() => checkWorkflow("test", made)).toThrow(message);
  });

  it("reports all mistakes at once", () => {
    const made = workflow({ A: call("f", "X"), B: { type: "wait", seconds: 1, next: "Y" } });
    expect(() => checkWorkflow("test", made)).toThrow(/"X"[\s\S]*"Y"[\s\S]*state "B" is unreachable/);
  });

  it("accepts Pulumi outputs as values", () => {
    const made = workflow({ A: invoke(pulumi.output("later"), {}, { next: "B" }), B: end });
    expect(() => checkWorkflow("test", made)).not.toThrow();
  });
});

describe("permissions", () => {
  it("merges grants with the same actions and conditions and keeps others separate", () => {
    const task = invoke("arn:1", {}, { next: "B" });
    const other = invoke("arn:2", {}, { next: "C" });
    const conditions = { Bool: { "aws:SecureTransport": "true" } };
    const guarded = { ...other, grants: other.grants.map((grant) => ({ ...grant, conditions })) };
    const made = workflow({ A: task, B: invoke("arn:3", {}, { next: "D" }), D: { ...guarded, type: "task" }, C: end });
    expect(permissions(made)).toEqual([
      { sid: "A1", actions: ["lambda:InvokeFunction"], resources: ["arn:1", "arn:3"] },
      { sid: "D1", actions: ["lambda:InvokeFunction"], resources: ["arn:2"], conditions },
    ]);
  });
});

describe("construct", () => {
  it("inserts code as it is and quotes literals", () => {
    const made = construct({ a: code("$x.y"), "it's": ['"', 1, true, null, { b: code("$z") }] });
    expect(made).toBe('{"a": $x.y, "it\'s": ["\\"", 1, true, null, {"b": $z}]}');
  });
});

/** Pipelines whose names begin alike: none reaches the other's resources, and no two resources have the same name. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { list, type PolicyStatement, Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const policyTypes = ["aws:iam/rolePolicy:RolePolicy", "aws:sqs/queuePolicy:QueuePolicy"];

/** The resources and condition values of all policies, and the values of all event patterns. */
function patternsOf(stack: Recording): string[] {
  const statements = policyTypes
    .flatMap((type) => stack.all(type))
    .flatMap((policy) => Recording.document<{ Statement: PolicyStatement[] }>(policy, "policy").Statement);
  const conditions = statements.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.values));
  const events = stack
    .all("aws:cloudwatch/eventRule:EventRule")
    .map((rule) => Recording.document(rule, "eventPattern"));
  return [...statements.flatMap(({ Resource }) => list(Resource)), ...conditions.flat(), ...strings(events)].map(
    String,
  );
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** Names, ARNs and addresses of what a stack declares or makes; a made one has something in place of the asterisk. */
function namesOf(stack: Recording): string[] {
  // Longer texts are code and documents.
  const declared = stack.resources
    .flatMap(({ outputs }) => strings(outputs))
    .filter((text) => text.length < 256 && !text.includes("*"));
  return [...declared, ...patternsOf(stack).map((pattern) => pattern.replaceAll("*", "made-1"))];
}

const regExp = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  );

const alone = (name: string) => runStack(makeConfig([makeSpec(name)]));
let shop: Recording;

beforeAll(async () => {
  shop = await alone("shop");
});
const without = (all: readonly string[], others: readonly string[]) => {
  const known = new Set(others);
  return [...new Set(all)].filter((one) => !known.has(one));
};

describe("two pipelines", () => {
  it.each(["shop-churn", "shop-v2", "shop-run"])(
    "shop and %s: no pattern of one matches the other's",
    async (other) => {
      const [first, second] = [shop, await alone(other)];
      for (const [own, foreign] of [
        [first, second],
        [second, first],
      ] as const) {
        const patterns = without(patternsOf(own), patternsOf(foreign)).filter((pattern) => /[*?]/.test(pattern));
        expect(patterns.length).toBeGreaterThan(20);
        const names = without(namesOf(foreign), namesOf(own));
        const reached = patterns.flatMap((pattern) => {
          const matches = regExp(pattern);
          return names.filter((name) => matches.test(name)).map((name) => `${pattern} matches ${name}`);
        });
        expect(reached).toEqual([]);
      }
    },
  );

  it("have no resource of the same type and name, whatever follows the first's name in the second's", () => {
    const prefix = "daybreak-dev-shop";
    const ends = new Map<string, Set<string>>();
    for (const { type, custom, inputs } of shop.resources) {
      const name = inputs.name ?? inputs.alarmName ?? inputs.endpointName;
      if (!custom || typeof name !== "string" || !name.startsWith(prefix)) continue;
      ends.set(type, (ends.get(type) ?? new Set()).add(name.slice(prefix.length)));
    }
    expect(ends.size).toBeGreaterThan(8);
    // The pipeline `shop-monitor` would have a second role …-monitor-drift if there were roles …-monitor-drift and …-drift.
    const clashes = [...ends].flatMap(([type, all]) =>
      [...all].flatMap((end) =>
        [...all].filter((one) => one !== end && one.endsWith(end)).map((one) => `${type} ${one}`),
      ),
    );
    expect(clashes).toEqual([]);
  });
});

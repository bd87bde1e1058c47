/** What roles may do, one grant for each role, action and resource of their policies. */
import { z } from "zod";
import type { Registered } from "../shared/program";

export interface Grant {
  role: string;
  /** The statement's Sid. */
  sid: string;
  effect: "Allow" | "Deny";
  action: string;
  /** The pattern of the resources' ARNs. */
  resource: string;
  /** Condition operator → condition key → value or values. */
  conditions: Record<string, Record<string, string | string[]>>;
}

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const rolePolicy = z.object({
  role: z.string(),
  policy: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(
      z.object({
        Statement: z.array(
          z.object({
            Sid: z.string(),
            Effect: z.enum(["Allow", "Deny"]),
            Action: oneOrMore,
            Resource: oneOrMore,
            Condition: z
              .record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())])))
              .default({}),
          }),
        ),
      }),
    ),
});

/** Every grant of the roles' policies. */
export function grantsOf(resources: readonly Pick<Registered, "type" | "inputs">[]): Grant[] {
  return resources
    .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
    .flatMap(({ inputs }) => {
      const { role, policy } = rolePolicy.parse(inputs);
      return policy.Statement.flatMap(({ Sid: sid, Effect: effect, Action, Resource, Condition: conditions }) =>
        Action.flatMap((action) => Resource.map((resource) => ({ role, sid, effect, action, resource, conditions }))),
      );
    });
}

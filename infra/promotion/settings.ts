/** Where model versions come from and where they go: the setting `daybreak:promotion`. */
import { z } from "zod";
import type { Place } from "../names";

const neighbour = z.strictObject({
  environment: z.string().regex(/^[a-z][a-z0-9]{1,6}$/, "must be the name of an environment, such as prod"),
  // Pulumi makes a number of it.
  account: z
    .union([z.string(), z.number()])
    .transform((account) => String(account).padStart(12, "0"))
    .pipe(z.string().regex(/^\d{12}$/, "must be an account ID of 12 digits"))
    .optional()
    .describe("Default: the account of this stack."),
});
export type Neighbour = z.infer<typeof neighbour>;

const members = z.strictObject({
  to: z
    .array(neighbour)
    .default([])
    .refine(
      (to) => new Set(to.map(({ environment, account }) => `${environment} ${account}`)).size === to.length,
      "must not name an environment twice",
    )
    .describe("Environments that may take approved versions of this one."),
  from: neighbour.optional().describe("The environment whose approved versions this one may take."),
});

/** The setting `daybreak:promotion`. */
export const promotionSettings = members.prefault({});
export type PromotionSettings = z.infer<typeof promotionSettings>;
export const promotionKeys = Object.keys(members.shape);

/**
 * Where a neighbour of an environment is: in the same region, and in the same account unless it names another.
 *
 * @throws Error if it is the environment itself
 */
export function placeOf(own: Place, { environment, account = own.accountId }: Neighbour): Place {
  if (environment === own.environment && account === own.accountId) {
    throw new Error(`daybreak:promotion names ${environment} itself: a version is promoted to another environment.`);
  }
  return { environment, region: own.region, accountId: account };
}

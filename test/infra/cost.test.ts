/** The estimate of what the whole program costs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "@jest/globals";
import { dollars } from "../../cli/commands/cost";
import { type Estimate, estimateCost } from "../../cli/cost/estimate";
import { environmentSettings, registerProgram } from "../../cli/shared/program";
import { root } from "./support/root";

let dev: Estimate;

beforeAll(async () => {
  dev = estimateCost(await registerProgram(environmentSettings("dev")), { eventsPerDay: 0, entities: 0 });
});

it("has a price for every resource and instance, or knows that it is free (cli/cost/resources.ts, cli/cost/prices.ts)", () => {
  expect(dev.unpriced).toEqual([]);
  expect(dev.pipelines).toEqual(["cdnow", "shop-churn"]);
  expect(Object.values(dev.usd_per_month).every((usd) => usd >= 0 && Number.isFinite(usd))).toBe(true);
});

it("is what the README says of dev", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const endpoint = dev.lines.find(({ what }) => what === "SageMaker, endpoint");
  expect(readme).toContain(`about ${dollars(dev.idle_usd_per_hour)} an hour`);
  expect(readme).toContain(`about ${dollars((endpoint?.usd ?? 0) / 730)} an hour: two ml.m5.large`);
});

it("of an environment without settings is refused, and names those that there are", () => {
  expect(() => environmentSettings("nowhere")).toThrow(/no Pulumi\.nowhere\.yaml[\s\S]*There are: .*dev/);
});

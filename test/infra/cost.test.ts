/** The estimate of what the whole program costs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "@jest/globals";
import { dollars } from "../../cli/commands/cost";
import { type Estimate, estimateCost } from "../../cli/cost/estimate";
import { environmentSettings, registerProgram } from "../../cli/shared/program";
import { root } from "./support/root";

const estimateOf = async (environment: string) =>
  estimateCost(await registerProgram(environmentSettings(environment)), { eventsPerDay: 0, entities: 0 });
let dev: Estimate;
let prod: Estimate;

beforeAll(async () => {
  dev = await estimateOf("dev");
  prod = await estimateOf("prod");
});

it("has a price for every resource and instance, or knows that it is free (cli/cost/resources.ts, cli/cost/prices.ts)", () => {
  expect([dev.unpriced, prod.unpriced]).toEqual([[], []]);
  expect(dev.pipelines).toEqual(["cdnow", "shop-churn"]);
  expect(Object.values(dev.usd_per_month).every((usd) => usd >= 0 && Number.isFinite(usd))).toBe(true);
});

it("is what the README says of dev", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const endpoint = dev.lines.find(({ what }) => what === "SageMaker, endpoint");
  expect(readme).toContain(`about ${dollars(dev.idle_usd_per_hour)} an hour`);
  expect(readme).toContain(`about ${dollars((endpoint?.usd ?? 0) / 730)} an hour: two ml.m5.large`);
});

it("is what docs/aws.md and the settings say of a private network, of which dev has nothing", () => {
  const endpointsOf = ({ lines }: Estimate) => lines.filter(({ what }) => what === "VPC, endpoints");
  expect(endpointsOf(dev)).toEqual([]);
  const usd = endpointsOf(prod).reduce((sum, line) => sum + line.usd, 0);
  const [aMonth, anHour] = [`about ${dollars(usd)} a month`, `${dollars(usd / 730)} an hour`];
  expect(readFileSync(join(root, "docs", "aws.md"), "utf8")).toContain(`cost ${anHour}, ${aMonth}`);
  for (const environment of ["prod", "staging"]) {
    expect(readFileSync(join(root, `Pulumi.${environment}.yaml`), "utf8")).toContain(aMonth);
  }
});

it("of an environment without settings is refused, and names those that there are", () => {
  expect(() => environmentSettings("nowhere")).toThrow(/no Pulumi\.nowhere\.yaml[\s\S]*There are: .*dev/);
});

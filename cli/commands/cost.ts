/** What an environment costs in a month, estimated before it is deployed. */
import type { Command } from "commander";
import { type Estimate, estimateCost, type Group, groups, type Line } from "../cost/estimate";
import { count, printResult, table } from "../shared/output";
import { jsonOption, parseCount } from "./options";

interface CostOptions {
  environment: string;
  eventsPerDay?: number;
  entities?: number;
  json: boolean;
}

const titles: Record<Group, string> = {
  standing: "What exists, day and night",
  runs: "The daily runs",
  events: "Events",
  training: "Training",
  serving: "A version that serves, in every pipeline",
};

export function addCost(program: Command): void {
  program
    .command("cost")
    .description("estimate what an environment costs in a month, from its resources and AWS's list prices")
    .option("--environment <name>", "the environment, whose settings are in Pulumi.<name>.yaml", "dev")
    .option("--events-per-day <count>", "how many events each pipeline gets a day", parseCount("--events-per-day"))
    .option(
      "--entities <count>",
      "how many entities a day have features (default: a tenth of the events)",
      parseCount("--entities"),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Needs no AWS account. It registers the whole program, as \`pulumi preview\` does, and prices what it finds.

Example:
  npx daybreak cost --environment dev --events-per-day 100000`,
    )
    .action(async ({ environment, eventsPerDay = 0, entities = Math.round(eventsPerDay / 10), json }: CostOptions) => {
      // Loading Pulumi takes a while, and no other command needs it.
      const { environmentSettings, registerProgram } = await import("../shared/program");
      const registered = await registerProgram(environmentSettings(environment));
      printResult(estimateCost(registered, { eventsPerDay, entities }), { json }, describe);
    });
}

/** An amount such as $0.05 or $1,234. */
export const dollars = (usd: number): string =>
  `$${usd.toLocaleString("en-US", usd < 100 ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumFractionDigits: 0 })}`;

function describe(estimate: Estimate): string {
  const { usd_per_month: month, idle_usd_per_hour: idleHour, prices, region } = estimate;
  const elsewhere = region === prices.region ? "" : ` This environment is in ${region}, whose prices differ.`;
  const rows = groups.flatMap((group) => {
    const lines = merged(estimate.lines.filter((line) => line.group === group));
    if (lines.length === 0) return [];
    return [
      [titles[group], "", right(dollars(month[group]))],
      ...lines.map(({ what, quantity, price, usd }) => [
        `  ${what}`,
        `${shown(quantity)} × ${unitPrice(price.usd)} a ${price.unit}`,
        right(dollars(usd)),
      ]),
    ];
  });
  const events = estimate.events_per_day === 0 ? "no events" : `${count(estimate.events_per_day)} events a day each`;
  return [
    `An estimate, not a bill: list prices in ${prices.region} as believed on ${prices.believed_on}.${elsewhere}`,
    `Environment ${estimate.environment}: ${estimate.pipelines.join(", ")}; ${events}.`,
    "",
    table(["", "in a month", right("dollars")], rows),
    "",
    `Idle, with nothing that serves and no events: ${dollars(idleHour)} an hour, ${dollars(month.idle)} a month.`,
    `All of the above: ${dollars(month.all)} a month.`,
    "",
    ...listed("Assumed", estimate.assumptions),
    ...listed("Left out", estimate.left_out),
    ...listed("WITHOUT A PRICE, so that the sums are too low", estimate.unpriced),
  ].join("\n");
}

/** A unit's price with three digits at most: $0.015, $0.00000125. */
const unitPrice = (usd: number): string => `$${usd.toLocaleString("en-US", { maximumSignificantDigits: 3 })}`;

const right = (text: string): string => text.padStart(9);

const shown = (quantity: number): string =>
  quantity.toLocaleString("en-US", { maximumFractionDigits: quantity < 10 ? 1 : 0 });

const listed = (title: string, texts: readonly string[]): string[] =>
  texts.length === 0 ? [] : [title, ...texts.map((text) => `  - ${text}`)];

/** One line for what costs the same in several pipelines. */
function merged(lines: readonly Line[]): Line[] {
  const sums = new Map<string, Line>();
  for (const line of lines) {
    const key = `${line.what} ${line.price.unit}`;
    const before = sums.get(key) ?? { ...line, quantity: 0, usd: 0 };
    sums.set(key, { ...before, quantity: before.quantity + line.quantity, usd: before.usd + line.usd });
  }
  return [...sums.values()];
}

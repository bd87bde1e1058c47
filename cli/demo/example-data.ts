/** The data of the example pipelines, in order of arrival. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cdnowSource, cdnowTimeline, cdnowToJsonLines } from "../../examples/cdnow";
import { demoShop, demoShopTimeline, simulateShopArrivals } from "../../examples/shop/simulate";
import { exampleDataFolder } from "../shared/paths";
import { CommandProblem } from "../shared/problem";
import type { ExampleTimeline } from "./timeline";

/** A record and its arrival time; undefined if it arrives at its event time. */
export interface ArrivedLine {
  line: string;
  arrivedAt: number | undefined;
}

export interface ExampleData {
  /** The data's name in the report. */
  title: string;
  /** The as-of days that show the data's drift. */
  timeline: ExampleTimeline;
  lines: () => Iterable<ArrivedLine>;
}

function* cdnowLines(): Generator<ArrivedLine> {
  const file = join(exampleDataFolder, "cdnow", "CDNOW_master.txt");
  if (!existsSync(file)) throw new CommandProblem(`${file} is missing.`, "Run `npm run setup` again.");
  for (const line of cdnowToJsonLines(readFileSync(file, "utf8"))) yield { line, arrivedAt: undefined };
}

const examples: Readonly<Record<string, ExampleData>> = {
  cdnow: {
    title: `CDNOW, real: ${cdnowSource.purchases.toLocaleString("en-US")} purchases in an online music shop`,
    timeline: cdnowTimeline,
    lines: cdnowLines,
  },
  "shop-churn": {
    title: "a simulated shop, with incidents switched on (failing payments make its simulated customers leave)",
    timeline: demoShopTimeline,
    lines: () => simulateShopArrivals(demoShop),
  },
};

/** The data of an example pipeline; undefined for other pipelines. */
export function exampleDataOf(pipeline: string): ExampleData | undefined {
  return examples[pipeline];
}

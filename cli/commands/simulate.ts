import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { Command } from "commander";
import { demoShop, simulateShopArrivals } from "../../examples/shop/simulate";
import { count, printResult } from "../shared/output";
import { typedPath } from "../shared/paths";
import { UsageProblem } from "../shared/problem";
import { jsonOption, parseDay, parsePositive } from "./options";

interface SimulateOptions {
  seed: string;
  days?: number;
  users?: number;
  start?: string;
  incidents?: string;
  json: boolean;
}

const incidentNames = Object.keys(demoShop.incidents);

export function addSimulate(program: Command): void {
  program
    .command("simulate <file>")
    .description("write simulated events for the pipeline shop-churn, as JSON lines")
    .option("--seed <number>", "the same seed gives the same events", "7")
    .option("--days <number>", "number of days", parsePositive("--days"))
    .option("--users <number>", "number of customers at the start", parsePositive("--users"))
    .option("--start <day>", "the first day", parseDay("--start"))
    .option("--incidents <names>", `incidents, separated by commas: all, or some of ${incidentNames.join(", ")}`)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
The data is simulated: it describes no real person and no real shop (see examples/shop/simulate.ts).

Examples:
  npx daybreak simulate shop.jsonl
  npx daybreak simulate shop.jsonl --days 90 --incidents drift,duplicates`,
    )
    .action(async (file: string, options: SimulateOptions) => {
      const path = typedPath(file);
      const seed = Number(options.seed);
      if (!Number.isInteger(seed) || seed < 0)
        throw new UsageProblem(`--seed ${options.seed} is not a whole number of 0 or more.`);
      const arrivals = simulateShopArrivals({
        seed,
        incidents: chosenIncidents(options.incidents),
        ...(options.days === undefined ? {} : { days: Math.round(options.days) }),
        ...(options.users === undefined ? {} : { users: Math.round(options.users) }),
        ...(options.start === undefined ? {} : { start: options.start }),
      });
      const output = createWriteStream(path);
      const fates: Record<string, number> = {};
      for (const { line, fate } of arrivals) {
        fates[fate] = (fates[fate] ?? 0) + 1;
        if (!output.write(`${line}\n`)) await once(output, "drain");
      }
      output.end();
      await finished(output);
      const records = Object.values(fates).reduce((sum, one) => sum + one, 0);
      printResult({ file: path, records, fates }, options, () => {
        const list = Object.entries(fates)
          .map(([fate, times]) => `${count(times)} ${fate.replaceAll("_", " ")}`)
          .join(", ");
        return `${count(records)} simulated records in ${file}: ${list}.`;
      });
    });
}

/** The named incidents, with the demo's settings. */
function chosenIncidents(names: string | undefined): Partial<typeof demoShop.incidents> {
  if (names === undefined) return {};
  const wanted = names === "all" ? incidentNames : names.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !incidentNames.includes(name));
  if (unknown !== undefined)
    throw new UsageProblem(
      `There is no incident "${unknown}".`,
      `Expected all, or some of: ${incidentNames.join(", ")}`,
    );
  return Object.fromEntries(Object.entries(demoShop.incidents).filter(([name]) => wanted.includes(name)));
}

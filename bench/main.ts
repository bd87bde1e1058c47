/** `npm run bench`: measures the project's performance targets on this machine. `-- --json` prints JSON. */
import { cpus, totalmem } from "node:os";
import { Command } from "commander";
import { table } from "../cli/shared/output";
import { type Figure, measureChanges, measureDemo, measureDeployment } from "./measure";

function shown({ value, unit }: Figure): string {
  const digits = Number.isInteger(value) || value >= 1000 ? 0 : value >= 100 ? 0 : 2;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: digits })} ${unit}`.trim();
}

async function main(): Promise<void> {
  const options = new Command("bench")
    .description(
      "Measures the deployment, the feed and the CDNOW demo. Reports figures only; exceeding a target is not an error.",
    )
    .option("--json", "print the figures as JSON on stdout", false)
    .parse()
    .opts<{ json: boolean }>();
  const figures = [...(await measureDeployment()), ...(await measureChanges()), ...(await measureDemo())];
  const machine = { cpus: cpus().length, memory_gb: Math.round(totalmem() / 1024 ** 3), node: process.versions.node };
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ machine, figures }, null, 2)}\n`);
    return;
  }
  const rows = figures.map((figure) => [figure.name, shown(figure), figure.aim]);
  process.stdout.write(
    `\nOn ${machine.cpus} cores and ${machine.memory_gb} GB:\n\n${table(["figure", "measured", "target"], rows)}\n`,
  );
}

main()
  .catch((error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => process.stdout.write("", () => process.exit()));

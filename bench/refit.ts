/** What the refit on all labelled rows is worth, on the data of the example pipelines. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInSpark } from "@daybreak/local";
import * as z from "zod/mini";
import { exampleDataFolder, repositoryRoot } from "../cli/shared/paths";
import { cdnowToJsonLines } from "../examples/cdnow";
import { demoShop, simulateShopArrivals } from "../examples/shop/simulate";
import { addDays } from "../lambdas/shared/days";
import { loadPipeline } from "../spec/load";
import type { Figure } from "./measure";

const measured = z.object({
  pipeline: z.string(),
  trainings: z.number(),
  evaluated: z.number(),
  refitted: z.number(),
  better: z.number(),
});

const weeks = (first: string, count: number, every: number) =>
  Array.from({ length: count }, (_, index) => addDays(first, 7 * every * index));

/** The shop with its drift, but without the incidents that only damage lines. */
function* shopLines(): Generator<string> {
  for (const { line } of simulateShopArrivals({ incidents: { drift: demoShop.incidents.drift } })) yield line;
}

const examples = [
  {
    name: "cdnow",
    firstDay: "1997-01-01",
    trainAt: weeks("1997-12-01", 6, 4),
    lines: () => cdnowToJsonLines(readFileSync(join(exampleDataFolder, "cdnow", "CDNOW_master.txt"), "utf8")),
  },
  { name: "shop-churn", firstDay: "2025-01-06", trainAt: weeks("2025-03-17", 8, 1), lines: shopLines },
];

/** The log loss on the four weeks after a training, of the model that was evaluated and of its refit. */
export async function measureRefit(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "daybreak-refit-"));
  try {
    const files = examples.map(({ name, firstDay, trainAt, lines }) => {
      const raw = join(folder, name, "raw");
      mkdirSync(raw, { recursive: true });
      writeFileSync(join(raw, "0.jsonl"), `${[...lines()].join("\n")}\n`);
      const file = join(folder, `${name}.json`);
      const spec = loadPipeline(join(repositoryRoot, "pipelines", name));
      const target = join(folder, name, "rows");
      writeFileSync(file, JSON.stringify({ spec, raw, target, first_day: firstDay, train_at: trainAt }));
      return file;
    });
    const output = await runInSpark(join(repositoryRoot, "bench", "judgement", "refit.py"), files);
    return output
      .trim()
      .split("\n")
      .flatMap((line) => figuresOf(measured.parse(JSON.parse(line))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf({ pipeline, trainings, evaluated, refitted, better }: z.infer<typeof measured>): Figure[] {
  const name = `log loss on the four weeks after ${trainings} trainings, ${pipeline}`;
  return [
    { name: `${name}, evaluated model`, value: evaluated, unit: "", aim: "" },
    { name: `${name}, refitted model`, value: refitted, unit: "", aim: "below the evaluated model's" },
    {
      name: `trainings whose refit had a lower log loss, ${pipeline}`,
      value: better,
      unit: `of ${trainings}`,
      aim: "",
    },
  ];
}

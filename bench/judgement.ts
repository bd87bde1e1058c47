/** How often Daybreak judges wrongly, in long simulations: `npm run bench -- judgement`. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { repositoryRoot } from "../cli/shared/paths";
import { PYTHON } from "../setup/paths.mjs";
import type { Figure } from "./measure";
import { measureRefit } from "./refit";

const figures = z.array(z.object({ name: z.string(), value: z.number(), unit: z.string(), aim: z.string() }));

/** The programs in bench/judgement/; each prints its figures as JSON, and its progress on stderr. */
const programs = ["drift_rates.py", "gate_rates.py"] as const;

export async function measureJudgement(): Promise<Figure[]> {
  const folder = join(repositoryRoot, "bench", "judgement");
  const env = {
    ...process.env,
    PYTHONPATH: `${join(repositoryRoot, "model")}:${folder}`,
    // One thread for each process: they are as many as there are cores.
    OMP_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
  };
  const measured: Figure[] = [];
  for (const program of programs) {
    const running = promisify(execFile)(PYTHON, [join(folder, program)], { env });
    running.child.stderr?.pipe(process.stderr);
    measured.push(...figures.parse(JSON.parse((await running).stdout)));
  }
  return [...measured, ...(await measureRefit())];
}

/** How often Daybreak judges wrongly, in long simulations: `npm run bench -- judgement`. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { repositoryRoot } from "../cli/shared/paths";
import { PYTHON } from "../setup/paths.mjs";
import type { Figure } from "./measure";

const figures = z.array(z.object({ name: z.string(), value: z.number(), unit: z.string(), aim: z.string() }));

/** The programs in bench/judgement/; each prints its figures as JSON. */
const programs = ["drift.py"] as const;

export async function measureJudgement(): Promise<Figure[]> {
  const folder = join(repositoryRoot, "bench", "judgement");
  const env = { ...process.env, PYTHONPATH: `${join(repositoryRoot, "model")}:${folder}` };
  const measured: Figure[] = [];
  for (const program of programs) {
    const { stdout } = await promisify(execFile)(PYTHON, [join(folder, program)], { env });
    measured.push(...figures.parse(JSON.parse(stdout)));
  }
  return measured;
}

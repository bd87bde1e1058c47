import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { localFolder, python, pythonEnvironment } from "./paths";
import { LocalProblem } from "./problem";

/**
 * Reads columns of an Iceberg table in the catalog that the environment points at, row by row; no rows if there is no such
 * table.
 *
 * @param table `database.table`
 */
export async function* readTable(table: string, columns: readonly string[]): AsyncGenerator<unknown[], void> {
  const reader = spawn(python, ["-m", "daybreak_local.cloud.read_table", table, ...columns], {
    cwd: localFolder,
    env: { ...process.env, ...pythonEnvironment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(reader, "close");
  let errors = "";
  reader.stderr.on("data", (chunk: Buffer) => {
    errors = `${errors}${chunk}`.slice(-2000);
  });
  for await (const line of createInterface(reader.stdout)) {
    const row: unknown = JSON.parse(line);
    if (Array.isArray(row)) yield row;
  }
  const [code] = await ended;
  if (code !== 0)
    throw new LocalProblem(
      `The table ${table} cannot be read: ${errors.trim()}`,
      "Check that the cloud answers: npx daybreak status",
    );
}

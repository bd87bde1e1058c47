import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { python, pythonEnvironment } from "@daybreak/local";
import { repositoryRoot } from "./paths";
import { CommandProblem } from "./problem";

const reading = join(repositoryRoot, "cli", "shared", "read_table.py");

export interface TableSelection {
  /** Selects rows by a condition in pyiceberg's grammar, such as `reason = 'late'`. */
  where?: string;
  /** The snapshot; the newest one by default. */
  snapshot?: string;
}

/**
 * Reads columns of an Iceberg table row by row, from the catalog that the AWS environment variables select. Yields no rows if
 * the table does not exist. If the iteration ends early, so does the reader.
 *
 * @param table `database.table`
 */
export async function* readTable(
  table: string,
  columns: readonly string[],
  { where, snapshot }: TableSelection = {},
): AsyncGenerator<unknown[], void> {
  const selection = [
    ...(where === undefined ? [] : ["--where", where]),
    ...(snapshot === undefined ? [] : ["--snapshot", snapshot]),
  ];
  const reader = spawn(python, [reading, table, ...columns, ...selection], {
    env: { ...process.env, ...pythonEnvironment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(reader, "close");
  let errors = "";
  reader.stderr.on("data", (chunk: Buffer) => {
    errors = `${errors}${chunk}`.slice(-2000);
  });
  try {
    for await (const line of createInterface(reader.stdout)) {
      const row: unknown = JSON.parse(line);
      if (Array.isArray(row)) yield row;
    }
  } finally {
    if (reader.exitCode === null && !reader.stdout.readableEnded) reader.kill();
  }
  const [code] = await ended;
  if (code !== 0)
    throw new CommandProblem(
      `The table ${table} cannot be read: ${errors.trim().split("\n").at(-1)}`,
      "Check that the cloud answers: npx daybreak status",
    );
}

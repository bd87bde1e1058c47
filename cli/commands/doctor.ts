import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { repositoryRoot } from "../shared/paths";
import { exitCodes } from "../shared/problem";
import { jsonOption } from "./options";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("check what this machine has and what is missing; installs nothing")
    .addOption(jsonOption())
    .action((options: { json: boolean }) => {
      // The checks run before setup too, so they are part of setup and import no package.
      const script = join(repositoryRoot, "setup", "doctor.mjs");
      const { status } = spawnSync(process.execPath, [script, ...(options.json ? ["--json"] : [])], {
        stdio: "inherit",
      });
      process.exitCode = status ?? exitCodes.failed;
    });
}

/**
 * Runs the preflight checks and setup, then starts the program. Entry point of the npm scripts:
 *   node setup/run.mjs <demo|cli|pulumi|bench|faults|test> [arguments…]
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { doctor } from "./doctor.mjs";
import { runtimeEnvironment } from "./environment.mjs";
import { showFailure } from "./failure.mjs";
import { asksForHelp, asksForVersion, staticHelp, version } from "./help.mjs";
import { DEFAULT_PORT, NODE_MODULES, ROOT } from "./paths.mjs";
import { checkNode, preflightRun } from "./preflight.mjs";
import { Problem } from "./problem.mjs";
import { canStart, ensureSetup } from "./setup.mjs";

const TYPESCRIPT = ["--import", join(NODE_MODULES, "tsx", "dist", "loader.mjs")];

const PROGRAMS = {
  demo: { starts: "cloud", command: () => [process.execPath, "cli/main.ts", "demo"] },
  cli: { starts: "nothing", command: () => [process.execPath, "cli/main.ts"] },
  pulumi: { starts: "nothing", command: () => [process.execPath, "cli/main.ts", "pulumi"] },
  bench: { starts: "cloud on any port", command: () => [process.execPath, "bench/main.ts"] },
  faults: { starts: "cloud on any port", command: () => [process.execPath, "faults/main.ts"] },
  test: { starts: "cloud on any port", command: () => ["bash", ".ci/run"] },
};

const isDemo = (program, args) => program === "demo" || (program === "cli" && args[0] === "demo");

/**
 * The port that the program will listen on; undefined if it listens on none or picks a free one. `up` and `dev` may update a
 * cloud that is running: they check the port themselves if they start one.
 */
export function portOf(program, args) {
  if (!isDemo(program, args)) return undefined;
  const position = args.findIndex((argument) => argument === "--port" || argument.startsWith("--port="));
  const value =
    position === -1
      ? (process.env.DAYBREAK_PORT ?? DEFAULT_PORT)
      : (args[position].split("=")[1] ?? args[position + 1]);
  const port = Number(value);
  // The command line itself rejects an invalid port and shows its usage.
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function start([command, ...args], more, env) {
  const isNode = command === process.execPath;
  const child = spawn(command, [...(isNode ? TYPESCRIPT : []), ...args, ...more], { cwd: ROOT, stdio: "inherit", env });
  // Ctrl-C reaches the child too; this process only waits until the child has cleaned up.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.once("error", (error) => showFailure(error, more));
  child.once("close", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}

/** Help, the version and doctor need no Python and no Java, and before setup not even a package. */
function runWithoutSetup(program, args) {
  if (asksForVersion(args)) process.stdout.write(`${version()}\n`);
  else if (canStart()) start(program.command(), args, process.env);
  else process.stdout.write(staticHelp([...program.command().slice(2), ...args]));
}

async function main(name, args) {
  const program = PROGRAMS[name];
  if (program === undefined) {
    throw new Problem(`Unknown program "${name}".`, `Expected one of: ${Object.keys(PROGRAMS).join(", ")}`);
  }
  const isCommandLine = program.command()[1] === "cli/main.ts";
  const words = [...program.command().slice(2), ...args];
  // That of an AWS account is a command like any other: it registers the program.
  const ofAccount = args.some((argument) => /^--(aws|environment)\b/.test(argument));
  const isDoctor = isCommandLine && words[0] === "doctor" && !ofAccount && !asksForHelp(words);
  if (isDoctor && !canStart()) return doctor(args.includes("--json"));
  checkNode();
  if (isDoctor || (isCommandLine && (asksForHelp(words) || asksForVersion(words))))
    return runWithoutSetup(program, args);
  if (program.starts !== "nothing" || isDemo(name, args)) await preflightRun({ port: portOf(name, args) });
  await ensureSetup();
  start(program.command(), args, runtimeEnvironment());
}

/** Runs one of the programs; its exit code becomes that of this process. */
export async function runProgram(name, args) {
  try {
    await main(name, args);
  } catch (error) {
    showFailure(error, args);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , name = "", ...args] = process.argv;
  await runProgram(name, args);
}

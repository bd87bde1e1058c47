/** Runs the Pulumi CLI against a local cloud, with a separate project, a file backend and our provider as `aws`. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CloudAddress, environmentOf } from "./credentials";
import { localFolder } from "./paths";
import { LocalProblem } from "./problem";

export interface PulumiOptions {
  cloud: CloudAddress;
  /** The folder of the project and its state. */
  folder: string;
  /** The program's folder; the `main` of its package.json is deployed. */
  program: string;
  project: string;
  stack: string;
  config: Record<string, string>;
}

/** Runs one command of the CLI in the terminal, such as ["up", "--yes"]; returns its exit code. */
export async function pulumi(args: string[], options: PulumiOptions): Promise<number> {
  const { folder, stack } = options;
  writeProject(options);
  await run(["stack", "select", "--create", stack, "--cwd", folder], options, "pipe");
  const { code } = await run([...args, "--stack", stack, "--cwd", folder], options, "inherit");
  return code;
}

/** The stack outputs of the last deployment. */
export async function pulumiOutputs(options: PulumiOptions): Promise<unknown> {
  const { folder, stack } = options;
  const { said } = await run(["stack", "output", "--json", "--stack", stack, "--cwd", folder], options, "pipe");
  return JSON.parse(said);
}

function writeProject({ folder, program, project, stack, config }: PulumiOptions): void {
  mkdirSync(join(folder, "state"), { recursive: true });
  // JSON is valid YAML.
  const write = (name: string, content: object) =>
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  write("Pulumi.yaml", {
    name: project,
    runtime: { name: "nodejs", options: { typescript: false, nodeargs: "--import tsx" } },
    main: program,
    plugins: { providers: [{ name: "aws", path: join(localFolder, "deploy", "plugin") }] },
  });
  write(`Pulumi.${stack}.yaml`, { config });
}

function run(
  args: string[],
  { cloud, folder }: PulumiOptions,
  output: "inherit" | "pipe",
): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, {
      stdio: ["inherit", output, "inherit"],
      env: {
        ...environmentOf(cloud),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.once("error", (error) => {
      const remedy =
        "Install the Pulumi CLI (https://www.pulumi.com/docs/iac/download-install/), or use `npx daybreak up`.";
      reject(new LocalProblem(`The Pulumi CLI cannot be started: ${error.message}`, remedy));
    });
    child.once("close", (code) => {
      if (output === "inherit" || code === 0) resolve({ code: code ?? 1, said });
      else reject(new LocalProblem(`pulumi ${args[0]} ${args[1]} ended with ${code}.`));
    });
  });
}

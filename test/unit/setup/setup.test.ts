/** Setup runs without any package, so it is tested as a process, in a copy of its folder. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

const repository = join(__dirname, "..", "..", "..");
let copy: string;

beforeEach(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), "daybreak-setup-")));
  cpSync(join(repository, "setup"), join(copy, "setup"), { recursive: true });
  for (const file of ["package.json", "package-lock.json", "requirements.lock"])
    cpSync(join(repository, file), join(copy, file));
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** Runs node in the copied folder with only these folders on PATH. */
function run(args: string[], path: string[] = []) {
  const env = { PATH: path.join(":"), HOME: copy };
  return spawnSync(process.execPath, args, { cwd: copy, env, encoding: "utf8" });
}

function fakePython(answer: string, name = "python3"): string {
  const folder = join(copy, "fake");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\nprintf '${answer}'\n`);
  chmodSync(join(folder, name), 0o755);
  return folder;
}

describe("doctor", () => {
  const examine = (path: string[]) => run(["setup/daybreak.mjs", "doctor", "--json"], path);

  test("names what is missing and what to do, and installs nothing", () => {
    const { status, stdout, stderr } = examine([fakePython("/usr/bin/python3\\n3\\n9\\nTrue\\n")]);

    const { ready, checks } = JSON.parse(stdout);
    const found = new Map(checks.map((one: { name: string }) => [one.name, one]));
    expect({ status, ready, stderr }).toEqual({ status: 1, ready: false, stderr: "" });
    expect(found.get("Python")).toMatchObject({
      ok: false,
      problem: expect.stringContaining("is 3.9"),
      remedy: expect.any(String),
    });
    expect(found.get("Dependencies")).toMatchObject({ ok: false, remedy: expect.stringContaining("npm run setup") });
    expect(found.get("Node.js")).toMatchObject({ ok: true, found: process.versions.node });
    expect(found.get("Pulumi CLI")).toMatchObject({ needed: false, ok: false, for: "AWS" });
    expect(existsSync(join(copy, "node_modules"))).toBe(false);
  });

  test("finds what is there", () => {
    const { stdout } = examine([fakePython("/usr/bin/python3\\n3\\n12\\nTrue\\n")]);

    const python = JSON.parse(stdout).checks.find((one: { name: string }) => one.name === "Python");
    expect(python).toEqual({ name: "Python", needed: true, ok: true, found: "3.12 (/usr/bin/python3)" });
  });
});

test("setup that is interrupted ends when its installers have ended, and reports no failure", async () => {
  const installer = `
    const { writeFileSync } = require("node:fs");
    process.on("SIGTERM", () => setTimeout(() => process.exit(writeFileSync("ended", "")), 300));
    setInterval(() => undefined, 1000);
    writeFileSync("started", "");`;
  const program = `
    import { runLogged } from "./setup/command.mjs";
    import { showFailure } from "./setup/failure.mjs";
    await runLogged("slow", process.execPath, ["-e", ${JSON.stringify(installer)}])
      .then(() => runLogged("next", process.execPath, ["-e", ""]))
      .catch(showFailure);`;
  writeFileSync(join(copy, "install.mjs"), program);
  const setup = spawn(process.execPath, ["install.mjs"], { cwd: copy, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  setup.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const ended = once(setup, "close");
  while (!existsSync(join(copy, "started"))) await sleep(20);
  setup.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(existsSync(join(copy, "ended"))).toBe(true);
  expect(stderr).toBe("\nError: Setup was interrupted.\n  To continue, run the same command again.\n");
});

describe("before setup, the command line", () => {
  beforeEach(() => {
    mkdirSync(join(copy, "docs"));
    cpSync(join(repository, "docs", "commands.md"), join(copy, "docs", "commands.md"));
  });

  test.each([
    [["--help"], /^Usage: npx daybreak \[options\] \[command\]\n[\s\S]*\n {2}demo /],
    [[], /^Usage: npx daybreak \[options\] \[command\]/],
    [["feed", "--help"], /^Usage: npx daybreak feed .*<pipeline> <file>\n[\s\S]*--rate <events>/],
    [["help", "feed"], /^Usage: npx daybreak feed /],
    [["quarantine", "replay", "-h"], /^Usage: npx daybreak quarantine replay /],
    [["--version"], /^\d+\.\d+\.\d+\n$/],
  ])("answers %j, and installs nothing", (args, expected) => {
    const { status, stdout, stderr } = run(["setup/daybreak.mjs", ...args]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(expected);
    expect(existsSync(join(copy, ".daybreak"))).toBe(false);
  });

  test("is found by npx, in a folder of the clone, without a registry", () => {
    const npm = { npm_config_cache: join(copy, "npm"), npm_config_offline: "true" };
    const env = { PATH: process.env.PATH, HOME: copy, ...npm };
    const { status, stdout } = spawnSync("npx", ["daybreak", "--version"], {
      ...{ cwd: join(copy, "docs"), env, encoding: "utf8" },
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test("reports a failed setup as JSON for programs", () => {
    const { status, stdout, stderr } = run(["setup/daybreak.mjs", "models", "cdnow", "--json"]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        ...{ kind: "failed", exit_code: 1 },
        message: expect.stringMatching(/^Python 3\.11 to .* is required/),
        remedy: expect.stringMatching(/^Install Python 3\.11/),
      },
    });
  });

  test("keeps an unexpected error's stack trace in a file", () => {
    rmSync(join(copy, "package-lock.json"));
    const { status, stderr } = run(["setup/daybreak.mjs", "models", "cdnow"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^\nError: Setup failed unexpectedly: ENOENT.*\n.*\.daybreak\/logs\/error\.log/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readFileSync(join(copy, ".daybreak", "logs", "error.log"), "utf8")).toMatch(/^\s+at /m);
  });
});

describe("setup reports, before it installs anything,", () => {
  test("that there is no Python", () => {
    const { status, stderr } = run(["setup/setup.mjs"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/Python 3\.11 to .* is required; none was found[\s\S]*Install Python 3\.11/);
    expect(existsSync(join(copy, "node_modules"))).toBe(false);
  });

  test("the version of a Python that is too old", () => {
    const { stderr } = run(["setup/setup.mjs"], [fakePython("/usr/bin/python3\\n3\\n9\\nTrue\\n")]);
    expect(stderr).toMatch(/\/usr\/bin\/python3 is 3\.9/);
  });

  test("the version of a Python that is too new", () => {
    const { status, stderr } = run(["setup/setup.mjs"], [fakePython("/usr/bin/python3\\n3\\n14\\nTrue\\n")]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /Python 3\.11 to 3\.13 is required; \/usr\/bin\/python3 is 3\.14\.[\s\S]*Install Python 3\.11/,
    );
  });

  test("a Python without the module venv", () => {
    const { stderr } = run(["setup/setup.mjs"], [fakePython("/usr/bin/python3\\n3\\n11\\nFalse\\n")]);
    expect(stderr).toMatch(/lacks the modules venv or ensurepip[\s\S]*apt-get install python3\.11-venv/);
  });

  test("a port that is in use", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    try {
      const child = spawn(process.execPath, ["setup/run.mjs", "demo", "--port", String(port)], { cwd: copy });
      let stderr = "";
      child.stderr.on("data", (part) => {
        stderr += part;
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use[\\s\\S]*--port \\d+`));
      expect(existsSync(join(copy, ".daybreak"))).toBe(false);
    } finally {
      server.close();
    }
  });

  test.each([
    ["checkNode", '"18.19.0"', /Node 20 or later is required; this is 18\.19\.0/],
    ["checkMemory", "1024 ** 3", /4 GB of free memory is required .* 1\.0 GB is free/],
    ["checkDisk", "3, 1024 ** 3", /3 GB of free disk space is required .* 1\.0 GB is free/],
  ])("the failure of %s", (check, values, expected) => {
    const file = pathToFileURL(join(copy, "setup", "preflight.mjs"));
    const { stderr } = run(["--input-type=module", "-e", `import { ${check} } from "${file}"; ${check}(${values});`]);
    expect(stderr).toMatch(expected);
  });
});

test("findPython finds a supported Python next to one that is too new", () => {
  fakePython("/usr/bin/python3\\n3\\n14\\nTrue\\n");
  const folder = fakePython("/usr/bin/python3.13\\n3\\n13\\nTrue\\n", "python3.13");
  const file = pathToFileURL(join(copy, "setup", "find-python.mjs"));
  const code = `import { findPython } from "${file}"; console.log(findPython().path);`;
  expect(run(["--input-type=module", "-e", code], [folder]).stdout.trim()).toBe("/usr/bin/python3.13");
});

describe("the setup lock", () => {
  const script = (work: string) => {
    const file = pathToFileURL(join(copy, "setup", "lock.mjs"));
    return `import { withLock } from "${file}"; import { appendFileSync } from "node:fs";
      const log = (text) => appendFileSync("log", text + "\\n");
      await withLock("held/lock", () => undefined, async () => { log("in"); ${work}; log("out"); });`;
  };

  test("lets only one process run at a time", async () => {
    const children = [1, 2, 3].map(() =>
      spawn(
        process.execPath,
        ["--input-type=module", "-e", script("await new Promise((done) => setTimeout(done, 150))")],
        { cwd: copy },
      ),
    );
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));
    expect(readFileSync(join(copy, "log"), "utf8")).toBe("in\nout\nin\nout\nin\nout\n");
    expect(existsSync(join(copy, "held", "lock"))).toBe(false);
  });

  test("is taken over if its holder has died", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    mkdirSync(join(copy, "held"));
    writeFileSync(join(copy, "held", "lock"), String(pid));
    expect(run(["--input-type=module", "-e", script("")]).status).toBe(0);
  });
});

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_392"', 8],
  ['openjdk version "21" 2023-09-19', 21],
  ["nonsense", undefined],
])("majorVersion reads the Java version from %s", (text, major) => {
  const file = pathToFileURL(join(copy, "setup", "java.mjs"));
  const code = `import { majorVersion } from "${file}"; console.log(majorVersion(${JSON.stringify(text)}));`;
  expect(run(["--input-type=module", "-e", code]).stdout.trim()).toBe(String(major));
});

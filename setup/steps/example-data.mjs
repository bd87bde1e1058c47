import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "../command.mjs";
import { EXAMPLE_DATA, HOME, PYTHON, ROOT } from "../paths.mjs";
import { hashOf } from "../stamp.mjs";

const LOCK = join(ROOT, "setup", "data.lock");
const FILE = "CDNOW_master.txt";

/** The CDNOW purchases: a data file in a Python package, which is unpacked but not installed. */
export const exampleData = {
  title: "Example data (CDNOW)",
  stamp: join(EXAMPLE_DATA, ".daybreak-stamp"),
  hash: () => hashOf(readFileSync(LOCK, "utf8")),
  run: async () => {
    mkdirSync(HOME, { recursive: true });
    const work = mkdtempSync(join(HOME, "data-"));
    try {
      const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"];
      await runLogged("data", PYTHON, [...pip, "--dest", work, "-r", LOCK]);
      const wheel = readdirSync(work).find((name) => name.endsWith(".whl")) ?? "";
      await runLogged("data-unpack", PYTHON, ["-m", "zipfile", "-e", join(work, wheel), join(work, "package")]);
      mkdirSync(EXAMPLE_DATA, { recursive: true });
      copyFileSync(join(work, "package", "lifetimes", "datasets", FILE), join(EXAMPLE_DATA, FILE));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};

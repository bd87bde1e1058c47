import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "../command.mjs";
import { NODE_MODULES, ROOT } from "../paths.mjs";
import { hashOf } from "../stamp.mjs";

/** The Node packages of package-lock.json, and the commit hooks of lefthook.yml in a work tree of git. */
export const nodePackages = {
  title: "Node packages",
  stamp: join(NODE_MODULES, ".daybreak-stamp"),
  hash: () => hashOf(readFileSync(join(ROOT, "package-lock.json"), "utf8"), process.platform, process.arch),
  run: async () => {
    // npm writes more warnings than news; --ignore-scripts also holds for an npm too old to read it in .npmrc.
    await runLogged("node", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      // A run under `npm run` hands its own settings down, which must not decide what is installed.
      env: { npm_config_production: undefined, NODE_ENV: undefined },
    });
    if (existsSync(join(ROOT, ".git")) && !process.env.CI) {
      await runLogged("hooks", join(NODE_MODULES, ".bin", "lefthook"), ["install"]);
    }
  },
};

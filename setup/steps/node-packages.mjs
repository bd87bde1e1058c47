import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "../command.mjs";
import { NODE_MODULES, ROOT } from "../paths.mjs";
import { hashOf } from "../stamp.mjs";

/** Installs the packages in package-lock.json and, in a git checkout, the hooks in lefthook.yml. */
export const nodePackages = {
  title: "Node packages",
  stamp: join(NODE_MODULES, ".daybreak-stamp"),
  hash: () => hashOf(readFileSync(join(ROOT, "package-lock.json"), "utf8"), process.platform, process.arch),
  run: async () => {
    // --ignore-scripts is repeated here for npm versions that do not read it from .npmrc.
    await runLogged("node", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      // Inherited from `npm run` or the user's shell, these could exclude the development dependencies.
      env: { npm_config_production: undefined, NODE_ENV: undefined },
    });
    if (existsSync(join(ROOT, ".git")) && !process.env.CI) {
      await runLogged("hooks", join(NODE_MODULES, ".bin", "lefthook"), ["install"]);
    }
  },
};

/** Help before setup has installed what the command needs to print its own: from docs/commands.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

const REFERENCE = join(ROOT, "docs", "commands.md");
const SECTION = /^## npx daybreak(?: (.+))?\n+```text\n([\s\S]*?)```$/gm;

/** Whether the arguments ask for help or for the version, for which nothing has to be installed. */
export function asksForHelp(args) {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  return (
    args.length === 0 || args[0] === "help" || args[1] === "help" || options.some((one) => /^(-h|--help)$/.test(one))
  );
}

export function asksForVersion([first]) {
  return first === "--version" || first === "-V";
}

export function version() {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version;
}

/** The help that the installed command would print for these arguments. */
export function staticHelp(args) {
  const texts = new Map(
    [...readFileSync(REFERENCE, "utf8").matchAll(SECTION)].map(([, path = "", text]) => [path, text]),
  );
  const words = args.filter((one) => one !== "help" && !one.startsWith("-"));
  return texts.get(words.slice(0, 2).join(" ")) ?? texts.get(words[0] ?? "") ?? texts.get("");
}

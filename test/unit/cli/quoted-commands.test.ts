import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { commandsPath, commandsText } from "../../../cli/reference";
import { commandLines, refusalOf } from "./command-lines";

const root = join(__dirname, "..", "..", "..");
const folders = "bench cli contracts docs examples glue-scripts infra lambdas local model pipelines setup spec".split(
  " ",
);

/** A command's synopsis is no command line. */
const synopsis = /^(## |Usage: ).*$/gm;

/** Every source and document that may quote a command. */
function sources(): { file: string; text: string }[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|mjs|py|md|ya?ml|sql)$/.test(file) && !file.includes("node_modules"))
      .map((file) => `${folder}/${file}`),
  );
  return [...files, "README.md", "CONTRIBUTING.md"].map((file) => ({
    file,
    text: readFileSync(join(root, file), "utf8").replace(synopsis, ""),
  }));
}

describe("the finder of command lines", () => {
  test.each([
    ["run `npx daybreak status`, then", [["status"]]],
    ["Start one: npx daybreak up.", [["up"]]],
    ["(npx daybreak down, if it runs)", [["down"]]],
    ["  npx daybreak down      # stop it", [["down"]]],
    [
      'npx daybreak approve shop 2 --reason "AUC holds, drift explained"\n',
      [["approve", "shop", "2", "--reason", "AUC holds, drift explained"]],
    ],
    ["`npx daybreak approve $" + "{pipeline} $" + '{version} --reason "…"`', [["approve", "1", "1", "--reason", "…"]]],
    ["'npx daybreak feed shop events.jsonl.gz --rate 5'", [["feed", "shop", "events.jsonl.gz", "--rate", "5"]]],
    ["npx daybreak", [[]]],
  ])("%j", (text, expected) => {
    expect(commandLines(text)).toEqual(expected);
  });
});

test("every command that a message, an example or a document quotes is accepted by the command line", async () => {
  const quoted = sources().flatMap(({ file, text }) => commandLines(text).map((args) => ({ file, args })));
  const named = quoted.filter(({ args }) => args.length > 0);
  expect(named.length).toBeGreaterThan(60);
  const refused = [];
  for (const { file, args } of named) {
    const refusal = await refusalOf(args);
    if (refusal !== undefined && args.at(-1) !== "--help") refused.push({ file, args, refusal });
  }
  expect(refused).toEqual([]);
});

test("commands have one spelling", () => {
  const others = /npm run (daybreak|demo|local:pulumi)/;
  expect(sources().flatMap(({ file, text }) => (others.test(text) ? [file] : []))).toEqual([]);
});

test("the reference of the command line is up to date (run npm run schema)", () => {
  expect(readFileSync(join(root, commandsPath), "utf8")).toBe(commandsText());
});

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";

const folder = resolve(__dirname, "../../../deploy");

test("the deployer's loader loads the stack's program, where a .json file may have the name of a .ts file", () => {
  const script = `
    require(${JSON.stringify(`${folder}/load.cjs`)});
    process.stdout.write(typeof require(${JSON.stringify(`${folder}/program.ts`)}).program);
    process.exit();
  `;
  expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("function");
});

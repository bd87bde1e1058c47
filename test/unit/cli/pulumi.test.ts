import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { withPolicyPack } from "../../../cli/commands/pulumi";

describe("pulumi against the local cloud", () => {
  it("finds the policy pack from the folder of the command, whichever way the option is written", () => {
    const pack = join(process.cwd(), "policy");
    expect(withPolicyPack(["preview", "--policy-pack", "policy", "--diff"])).toEqual([
      ...["preview", "--policy-pack", pack, "--diff"],
    ]);
    expect(withPolicyPack(["up", "--policy-pack=./policy"])).toEqual(["up", `--policy-pack=${pack}`]);
    expect(withPolicyPack(["preview", "--policy-pack", pack])).toEqual(["preview", "--policy-pack", pack]);
  });

  it("leaves other arguments alone", () => {
    expect(withPolicyPack(["up", "policy", "--target=policy"])).toEqual(["up", "policy", "--target=policy"]);
  });
});

/** The state machines of the whole program, judged by the validator that knows the States Language's schema and JSONata. */
import { beforeAll, expect, it } from "@jest/globals";
import validate from "asl-validator";
import { Recording } from "./support/record";
import { wholeProgram } from "./support/whole-program";

let program: Recording;
beforeAll(async () => {
  // With all that a definition may have.
  program = await wholeProgram({ network: "private" });
});

it("every definition is valid", () => {
  const machines = program.all("aws:sfn/stateMachine:StateMachine");
  expect(machines.length).toBeGreaterThan(3);
  for (const machine of machines) {
    const { errorsText } = validate(Recording.document(machine, "definition"));
    expect({ name: machine.inputs.name, errors: errorsText() }).toEqual({ name: machine.inputs.name, errors: "" });
  }
});

it("a definition with an expression that JSONata cannot parse is not", () => {
  const broken = { Type: "Pass", Output: "{% $states.input. %}", End: true };
  expect(validate({ QueryLanguage: "JSONata", StartAt: "A", States: { A: broken } }).isValid).toBe(false);
});

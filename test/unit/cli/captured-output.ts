import { jest } from "@jest/globals";

/** What a command has printed so far. */
export interface CapturedOutput {
  stdout: string;
  stderr: string;
}

/** Captures what is printed from now on, until `jest.restoreAllMocks()`. */
export function captureOutput(): CapturedOutput {
  const printed: CapturedOutput = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    jest.spyOn(process[stream], "write").mockImplementation((text) => {
      printed[stream] += String(text);
      return true;
    });
  }
  return printed;
}

import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { StageProgress } from "../../../cli/demo/progress";
import { endingOnSignal } from "../../../cli/shared/interrupt";
import { exitCodes } from "../../../cli/shared/problem";

beforeEach(() => {
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const interrupted = expect.objectContaining({ what: "The demo was interrupted.", exitCode: exitCodes.interrupted });

test("without a signal, work gives its result or its error", async () => {
  expect(await endingOnSignal("The demo", async () => 7)).toBe(7);
  await expect(endingOnSignal("The demo", () => Promise.reject(new Error("no data")))).rejects.toThrow("no data");
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends work that would go on", async (signal) => {
  const listeners = process.listenerCount(signal);
  const working = endingOnSignal("The demo", () => new Promise(() => undefined));
  process.emit(signal);
  await expect(working).rejects.toEqual(interrupted);
  expect(process.listenerCount(signal)).toBe(listeners);
});

test("an error that the signal causes is not reported, even if it comes first", async () => {
  const failing = endingOnSignal("The demo", async () => {
    setTimeout(() => process.emit("SIGINT"), 10);
    throw new Error("a child process ended");
  });
  await expect(failing).rejects.toEqual(interrupted);
});

test("a stage that fails because of the signal was interrupted, any other has failed", async () => {
  const details = async (signal?: "SIGINT") => {
    const progress = new StageProgress(true);
    const work = endingOnSignal("The demo", () =>
      progress.stage({ title: "Train", kind: "train" }, async ({ waitFor }) => {
        waitFor("transform");
        if (signal !== undefined) process.emit(signal);
        throw new Error("the connection was reset");
      }),
    );
    await expect(work).rejects.toThrow();
    return progress.stages.map(({ detail }) => detail);
  };
  expect(await details("SIGINT")).toEqual(["interrupted at: transform"]);
  expect(await details()).toEqual(["failed at: transform"]);
});

/** Selects the faults asked for, and packs them into as few passes as their steps allow. */
import { UsageProblem } from "../cli/shared/problem";

interface Placeable<Step extends string> {
  name: string;
  stage: string;
  steps: readonly Step[];
}

/** The faults with these names or stages; all of them if none is given. */
export function chosenFaults<One extends Placeable<string>>(faults: readonly One[], only: readonly string[]): One[] {
  const unknown = only.filter((asked) => !faults.some(({ name, stage }) => asked === name || asked === stage));
  if (unknown.length > 0) {
    const stages = [...new Set(faults.map(({ stage }) => stage))];
    throw new UsageProblem(
      `There is no fault and no stage ${unknown.join(", ")}.`,
      `Stages: ${stages.join(", ")}. Faults: ${faults.map(({ name }) => name).join(", ")}.`,
    );
  }
  if (only.length === 0) return [...faults];
  return faults.filter(({ name, stage }) => only.includes(name) || only.includes(stage));
}

/** Passes through the loop, each with at most one fault in a step. */
export function packIntoPasses<Step extends string, One extends Placeable<Step>>(
  faults: readonly One[],
): Map<Step, One>[] {
  const passes: Map<Step, One>[] = [];
  // Faults with the fewest steps come first, so that others do not take those.
  for (const fault of faults.toSorted((one, other) => one.steps.length - other.steps.length)) {
    const free = passes.find((pass) => fault.steps.some((step) => !pass.has(step))) ?? newPass(passes);
    const step = fault.steps.find((one) => !free.has(one));
    if (step === undefined) throw new Error(`the fault ${fault.name} has no step`);
    free.set(step, fault);
  }
  return passes;
}

function newPass<Step, One>(passes: Map<Step, One>[]): Map<Step, One> {
  const pass = new Map<Step, One>();
  passes.push(pass);
  return pass;
}

/** Small helpers of the engine: names for what the program left unnamed, and a limit on what happens at once. */
import { sha256 } from "./values";

/** Like the real engine's name for a resource without one, but the same every time: a restart finds what it made. */
export function automaticName(name: string, urn: string): string {
  return `${name}-${sha256(urn).slice(0, 7)}`;
}

/** Runs at most `most` pieces of work at once; the others wait their turn. */
export function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resume) => waiting.push(resume));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, not given back, so that nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Names that follow from a resource's URN, and a limit on what happens at once. */
import type { AdapterContext, Cloud } from "./adapter";
import { sha256 } from "./values";

export function logicalName(urn: string): string {
  return urn.split("::").pop()?.split("#")[0] ?? urn;
}

/** The type in a URN, without those of its parents. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

/** Like the real engine's name for a resource without one, but the same every time: a restart finds what it made. */
function automaticName(urn: string): string {
  const [original = urn] = urn.split("#");
  return `${logicalName(urn)}-${sha256(original).slice(0, 7)}`;
}

/** What an adapter works with for one resource. */
export function contextOf(cloud: Cloud, urn: string): AdapterContext {
  return { ...cloud, automaticName: automaticName(urn) };
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

/** Names derived from URNs, and a concurrency limiter. */
import type { AdapterContext, Cloud } from "./adapter";
import { sha256 } from "./values";

export function logicalName(urn: string): string {
  return urn.split("::").pop()?.split("#")[0] ?? urn;
}

/** The type in a URN, without its parents' types. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

/** Pulumi's auto-naming with a deterministic suffix, so that a restart finds what it created. */
function automaticName(urn: string): string {
  const [original = urn] = urn.split("#");
  return `${logicalName(urn)}-${sha256(original).slice(0, 7)}`;
}

export function contextOf(cloud: Cloud, urn: string): AdapterContext {
  return { ...cloud, automaticName: automaticName(urn) };
}

/** Runs at most `most` tasks concurrently and queues the others. */
export function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resume) => waiting.push(resume));
    else running += 1;
    try {
      return await work();
    } finally {
      // Pass the slot directly to the next task, so that no new task can take it.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

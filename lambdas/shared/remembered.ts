/** Keeps the result of a read for a while. */

const milliseconds = 10_000;

/**
 * Reads at most once in ten seconds. If it cannot be read again, the last result stays in use, and `onFailure` gets the
 * error.
 */
export function remembered<Result>(
  read: () => Promise<Result>,
  onFailure: (error: unknown) => void,
  now: () => number = Date.now,
): () => Promise<Result> {
  let last: { result: Result; until: number } | undefined;
  return async () => {
    if (last !== undefined && now() < last.until) return last.result;
    try {
      last = { result: await read(), until: now() + milliseconds };
    } catch (error) {
      if (last === undefined) throw error;
      onFailure(error);
      last.until = now() + milliseconds;
    }
    return last.result;
  };
}

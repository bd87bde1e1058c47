/** Keeps the result of a read for a while, so that callers seldom wait for it. */

/** A result this old is used without reading again. */
const freshMilliseconds = 10_000;
/** A result this old is used, too, while the next one is read. */
const usableMilliseconds = 60_000;

/**
 * Reads at most once in ten seconds. A caller waits only for the first result, and for a new one after a minute without
 * calls. If it cannot be read again, the last result stays in use, and `onFailure` gets the error.
 */
export function remembered<Result>(
  read: () => Promise<Result>,
  onFailure: (error: unknown) => void,
  now: () => number = Date.now,
): () => Promise<Result> {
  let last: { result: Result; at: number } | undefined;
  let reading: Promise<Result> | undefined;
  const readAgain = async () => {
    try {
      const result = await read();
      last = { result, at: now() };
      return result;
    } catch (error) {
      if (last === undefined) throw error;
      onFailure(error);
      return last.result;
    } finally {
      reading = undefined;
    }
  };
  return async () => {
    const age = last === undefined ? Number.POSITIVE_INFINITY : now() - last.at;
    if (last !== undefined && age < freshMilliseconds) return last.result;
    reading ??= readAgain();
    return last !== undefined && age < usableMilliseconds ? last.result : reading;
  };
}

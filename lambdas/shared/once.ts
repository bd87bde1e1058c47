/** Runs `work` on first use and caches the result. A failure is not cached, so the next use tries again. */
export function once<Result>(make: () => Result): () => Result {
  let made: { result: Result } | undefined;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}

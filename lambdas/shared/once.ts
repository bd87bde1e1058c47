/** Does a piece of work at its first use and keeps the result; a failure is not kept, so the next use tries again. */
export function once<Result>(make: () => Result): () => Result {
  let made: { result: Result } | undefined;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}

/** Suggests corrections for misspelled names. */

/** The number of edits from one word to another: insertions, deletions, substitutions, swaps of adjacent letters. */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** The known word most similar to the written one; undefined if none is similar enough. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const normal = (word: string) => word.toLowerCase().replaceAll(/[-_\s]/g, "");
  const target = normal(written);
  const limit = Math.max(1, Math.floor(target.length / 3));
  let best: { word: string; distance: number } | undefined;
  for (const word of known) {
    const candidate = normal(word);
    const contained = target.length >= 4 && (candidate.startsWith(target) || target.startsWith(candidate));
    const distance = contained ? 0.5 : editDistance(target, candidate);
    if ((distance <= limit || contained) && (best === undefined || distance < best.distance)) best = { word, distance };
  }
  return best?.word;
}

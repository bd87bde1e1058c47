/** Seeded random numbers: the same seed gives the same shop on every machine. */

/** A random number stream with the distributions that the simulator needs. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** An integer from 0 to limit − 1. */
  below(limit: number): number;
  /** Standard normal (Box and Muller, 1958). */
  normal(): number;
  /** Poisson-distributed count (Knuth's product method, for small means). */
  poisson(mean: number): number;
  /** One of the choices, drawn by weight. */
  pick<T>(choices: readonly (readonly [T, number])[]): T;
}

/**
 * Creates an independent stream for each name, so that switching one incident on does not change any other draw: two
 * simulations then differ by that incident only.
 */
export function randomStream(seed: number, name: string): Random {
  let state = hash(`${seed}/${name}`);
  // mulberry32 (Tommy Ettinger, public domain).
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    below: (limit) => Math.floor(next() * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    poisson: (mean) => {
      const floor = Math.exp(-mean);
      let arrivals = 0;
      for (let product = next(); product > floor; product *= next()) arrivals += 1;
      return arrivals;
    },
    pick: (choices) => {
      const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
      let left = next() * total;
      for (const [value, weight] of choices) {
        left -= weight;
        if (left < 0) return value;
      }
      const last = choices.at(-1);
      if (last === undefined) throw new Error("pick needs at least one choice");
      return last[0];
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let position = 0; position < text.length; position += 1) {
    value = Math.imul(value ^ text.charCodeAt(position), 0x01000193);
  }
  return value >>> 0;
}

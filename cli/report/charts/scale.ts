/** Maps values to positions, and picks round values for an axis. */

export interface Scale {
  (value: number): number;
  ticks: number[];
}

/** The distance of an axis's marks: 1, 2 or 5 times a power of ten. */
export function niceStep(range: number, wanted: number): number {
  const rough = range / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** Whole minutes where there are many of them: the marks of a time axis in seconds. */
export function timeTicks(totalSeconds: number, wanted: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  const step = steps.find((candidate) => totalSeconds / candidate <= wanted) ?? 7200;
  return Array.from({ length: Math.floor(totalSeconds / step) + 1 }, (_, position) => position * step);
}

/** The positions that are at least `gap` apart from each other; those earlier in the list take precedence. */
export function apart(positions: readonly number[], gap: number): number[] {
  const kept: number[] = [];
  for (const position of positions) {
    if (kept.every((other) => Math.abs(position - other) >= gap)) kept.push(position);
  }
  return kept;
}

/** A linear scale whose ends are round, or exactly as given. */
export function linear(
  domain: readonly [number, number],
  range: readonly [number, number],
  wanted = 5,
  round = true,
): Scale {
  const [low, high] = domain;
  const span = high > low ? high - low : 1;
  const step = niceStep(span, wanted);
  const from = round ? Math.floor(low / step + 1e-9) * step : low;
  const to = round ? Math.ceil((low + span) / step - 1e-9) * step : low + span;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, position) =>
    Number(((first + position) * step).toPrecision(12)),
  );
  const place = (value: number) => range[0] + ((value - from) / (to - from)) * (range[1] - range[0]);
  return Object.assign(place, { ticks });
}

/** A coordinate, rounded to what is visible. */
export const at = (value: number): string => String(Math.round(value * 10) / 10);

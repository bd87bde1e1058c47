/** The end of a loop as sets of identities, and the comparison of two ends. */

/** What is compared, in the order of the data flow. */
export const parts = [
  "events",
  "quarantine",
  "lines",
  "features",
  "online store",
  "scores",
  "training sets",
  "metrics",
  "versions",
  "serving",
  "drift checks",
  "alerts",
] as const;
export type Part = (typeof parts)[number];

/** Each part as a list of its members as text. A member that occurs twice is listed twice. */
export type End = Readonly<Record<Part, readonly string[]>>;

export interface Difference {
  part: Part;
  /** Members of the fault-free end that are absent here, or occur less often. */
  missing: string[];
  /** Members that are absent from the fault-free end, or occur more often here. */
  extra: string[];
}

/** How an end differs from the fault-free one. Members are compared, in any order, because equal totals prove nothing. */
export function differences(expected: End, actual: End): Difference[] {
  return parts.flatMap((part) => {
    const missing = without(expected[part], actual[part]);
    const extra = without(actual[part], expected[part]);
    return missing.length + extra.length === 0 ? [] : [{ part, missing, extra }];
  });
}

/** The members of one list that another lacks; each member of the other matches one. */
function without(members: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(other, (counts.get(other) ?? 0) + 1);
  return members.filter((member) => {
    const left = counts.get(member) ?? 0;
    counts.set(member, left - 1);
    return left <= 0;
  });
}

interface QuarantinedLine {
  /** Its file and position, so that the places of earlier files sort first. */
  place: string;
  event: string;
  /** The event with its reason. */
  quarantined: string;
}

/**
 * Each quarantined event with the reason of its first copy. An invalid event that arrives twice is quarantined twice, and by then the
 * second copy may be late. The part `lines` checks that each line has one outcome.
 */
export function firstReasons(lines: readonly QuarantinedLine[]): string[] {
  const latestFirst = lines.toSorted((one, other) => (one.place < other.place ? 1 : -1));
  return [...new Map(latestFirst.map(({ event, quarantined }) => [event, quarantined])).values()];
}

const membersShown = 2;
const charactersShown = 200;

/** A difference, one line for each direction, with a few of its members. */
export function describeDifference({ part, missing, extra }: Difference): string[] {
  const line = (word: string, members: readonly string[]) => {
    if (members.length === 0) return [];
    const shown = members.slice(0, membersShown).map((member) => member.slice(0, charactersShown));
    const more = members.length > shown.length ? " …" : "";
    return [`${part}: ${members.length} ${word}: ${shown.join(" | ")}${more}`];
  };
  return [...line("missing", missing), ...line("too many", extra)];
}

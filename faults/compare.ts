/** The end of a loop as sets of identities, and the comparison of two ends. */

/** What is compared, in the order of the data's way. */
export const parts = [
  "events",
  "quarantine",
  "lines",
  "features",
  "online store",
  "training sets",
  "metrics",
  "versions",
  "serving",
  "drift checks",
  "alerts",
] as const;
export type Part = (typeof parts)[number];

/** Each part as the list of its members, each of them as one text. A member that is there twice is listed twice. */
export type End = Readonly<Record<Part, readonly string[]>>;

export interface Difference {
  part: Part;
  /** Members of the fault-free end that are not there, or not as often. */
  missing: string[];
  /** Members that are not of the fault-free end, or are there more often. */
  extra: string[];
}

/** How an end differs from the fault-free one: by its members, whatever their order; equal totals prove nothing. */
export function differences(expected: End, actual: End): Difference[] {
  return parts.flatMap((part) => {
    const missing = without(expected[part], actual[part]);
    const extra = without(actual[part], expected[part]);
    return missing.length + extra.length === 0 ? [] : [{ part, missing, extra }];
  });
}

/** The members of one list that another lacks; each member of the other accounts for one. */
function without(members: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(other, (counts.get(other) ?? 0) + 1);
  return members.filter((member) => {
    const left = counts.get(member) ?? 0;
    counts.set(member, left - 1);
    return left <= 0;
  });
}

const membersShown = 2;
const charactersShown = 200;

/** A difference in one line for each direction, with a few of its members. */
export function describeDifference({ part, missing, extra }: Difference): string[] {
  const line = (word: string, members: readonly string[]) => {
    if (members.length === 0) return [];
    const shown = members.slice(0, membersShown).map((member) => member.slice(0, charactersShown));
    const more = members.length > shown.length ? " …" : "";
    return [`${part}: ${members.length} ${word}: ${shown.join(" | ")}${more}`];
  };
  return [...line("missing", missing), ...line("too many", extra)];
}

/** Accounts for every event of a demo, by raw-file line and by event ID, from the tables themselves. */
import { readTable } from "@daybreak/local";
import type { Summary } from "../../contracts/summary";
import { parseObject } from "../feed/rows";
import { readLines } from "../shared/lake";
import type { Demo } from "./context";

/** A line of a raw file. */
export interface Place {
  file: string;
  position: number;
}

/** Everything that can be observed of a pipeline's events. */
export interface Evidence {
  /** The ID of each event that the stream acknowledged; undefined if the event has none. */
  sent: readonly (string | undefined)[];
  landed: readonly (Place & { id: string | undefined })[];
  published: readonly (Place & { id: string })[];
  quarantined: readonly (Place & { reason: string })[];
  /** The raw files that published runs have read. */
  processed: ReadonlySet<string>;
}

type Outcomes = Omit<Summary["events"], "sent" | "rejected">;

const placeOf = ({ file, position }: Place) => `${file}\n${position}`;

/**
 * Gives each line exactly one outcome, and compares the IDs sent with the IDs published. Totals would not be enough: one
 * lost and one duplicated event cancel out.
 */
export function accountFor({ sent, landed, published, quarantined, processed }: Evidence): Outcomes {
  const publishedPlaces = new Set(published.map(placeOf));
  const quarantinedPlaces = new Set(quarantined.map(placeOf));
  const publishedIds = new Set(published.map(({ id }) => id));
  const sentIds = new Set(sent);
  const reasons: Record<string, number> = {};
  for (const { reason } of quarantined) reasons[reason] = (reasons[reason] ?? 0) + 1;

  let duplicates = 0;
  let waiting = 0;
  let lost = missing(sent, landed);
  // A duplicated row in a table, or one that was never sent.
  let doubled = published.length - publishedIds.size + quarantined.length - quarantinedPlaces.size;
  for (const id of publishedIds) if (!sentIds.has(id)) doubled += 1;
  for (const line of landed) {
    const place = placeOf(line);
    const isPublished = publishedPlaces.has(place);
    if (isPublished && quarantinedPlaces.has(place)) doubled += 1;
    if (isPublished || quarantinedPlaces.has(place)) continue;
    if (!processed.has(line.file)) waiting += 1;
    else if (line.id !== undefined && publishedIds.has(line.id)) duplicates += 1;
    else lost += 1;
  }
  return {
    landed: landed.length,
    published: published.length,
    quarantined: reasons,
    duplicates,
    waiting,
    lost,
    doubled,
  };
}

/** The number of sent events that have not landed: by ID, or by count for events without one. */
function missing(sent: Evidence["sent"], landed: Evidence["landed"]): number {
  const landedIds = new Set(landed.map(({ id }) => id));
  const lost = new Set(sent.filter((id) => id !== undefined && !landedIds.has(id))).size;
  const without = (ids: readonly (string | undefined)[]) => ids.filter((id) => id === undefined).length;
  return lost + Math.max(0, without(sent) - without(landed.map(({ id }) => id)));
}

/** The ID in an event's JSON; undefined if there is none. */
export function idOf(line: string, idField: string): string | undefined {
  const id = parseObject(line.replace(/^\uFEFF/, ""))?.[idField];
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

/** Reads all evidence of the demo's events and accounts for it. */
export async function accountForEvents({ spec, pipeline, records }: Demo): Promise<Summary["events"]> {
  const { datasets } = pipeline;
  const rows = async <Row>(dataset: { table: string }, columns: string[], make: (row: unknown[]) => Row) => {
    const made: Row[] = [];
    for await (const row of readTable(dataset.table, columns)) made.push(make(row));
    return made;
  };
  const landed: (Place & { id: string | undefined })[] = [];
  for await (const { file, position, line } of readLines(datasets.raw_events.uri)) {
    landed.push({ file, position, id: idOf(line, spec.events.id) });
  }
  const evidence: Evidence = {
    sent: records.sentIds,
    landed,
    published: await rows(datasets.events, [spec.events.id, "_raw_file", "_raw_position"], ([id, file, position]) => ({
      id: String(id),
      file: String(file),
      position: Number(position),
    })),
    quarantined: await rows(
      datasets.quarantine,
      ["reason", "raw_file", "raw_position"],
      ([reason, file, position]) => ({ reason: String(reason), file: String(file), position: Number(position) }),
    ),
    processed: new Set(await rows(datasets.processed_files, ["raw_file"], ([file]) => String(file))),
  };
  return { sent: records.sentIds.length, rejected: records.rejected, ...accountFor(evidence) };
}

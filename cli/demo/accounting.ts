/** Accounts for every event of a demo, by raw-file line and by event ID, from the tables themselves. */

import type { Summary } from "../../contracts/summary";
import { identityIn } from "../feed/event";
import { parseObject } from "../feed/rows";
import { readLines } from "../shared/lake";
import { readTable } from "../shared/table";
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
  const landedPlaces = new Set(landed.map(placeOf));
  const sentIds = new Set(sent);
  const publishedPlaces = new Set(published.map(placeOf));
  const quarantinedPlaces = new Set(quarantined.map(placeOf));
  /** The reasons of files that were quarantined as a whole: position 0 means every line. */
  const wholeFiles = new Map<string, string>();
  const reasons: Record<string, number> = {};
  const addReason = (reason: string) => {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  };

  // A row is doubled if its ID is already published or was never sent, or if its line is already counted or does not exist.
  let doubled = 0;
  const publishedIds = new Set<string>();
  for (const { id, ...place } of published) {
    const isGood = sentIds.has(id) && landedPlaces.has(placeOf(place)) && !publishedIds.has(id);
    if (isGood) publishedIds.add(id);
    else doubled += 1;
  }
  const seen = new Set<string>();
  for (const { reason, ...place } of quarantined) {
    const isWhole = place.position === 0;
    if (seen.has(placeOf(place)) || !(isWhole || landedPlaces.has(placeOf(place)))) doubled += 1;
    seen.add(placeOf(place));
    if (isWhole) wholeFiles.set(place.file, reason);
    else addReason(reason);
  }

  let duplicates = 0;
  let waiting = 0;
  let lost = missing(sent, landed);
  for (const line of landed) {
    const place = placeOf(line);
    const isPublished = publishedPlaces.has(place);
    const wholeFile = wholeFiles.get(line.file);
    const isQuarantined = quarantinedPlaces.has(place) || wholeFile !== undefined;
    if (wholeFile !== undefined && !quarantinedPlaces.has(place)) addReason(wholeFile);
    if (isPublished && isQuarantined) doubled += 1;
    if (isPublished || isQuarantined) continue;
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

/** The number of sent events that have not landed, by ID; an event that was sent twice must land twice. */
function missing(sent: Evidence["sent"], landed: Evidence["landed"]): number {
  const left = new Map<string | undefined, number>();
  for (const { id } of landed) left.set(id, (left.get(id) ?? 0) + 1);
  let lost = 0;
  for (const id of sent) {
    const lines = left.get(id) ?? 0;
    if (lines === 0) lost += 1;
    else left.set(id, lines - 1);
  }
  return lost;
}

/** The ID in an event's JSON; undefined if there is none. */
export function idOf(line: string, idField: string): string | undefined {
  const text = line.replace(/^\uFEFF/, "");
  const id = parseObject(text)?.[idField];
  if (typeof id === "number" && !Number.isSafeInteger(id)) {
    return identityIn(parseObject(withIntegersAsText(text))?.[idField]);
  }
  return identityIn(id);
}

/** Puts long integers in a JSON text in quotes: JavaScript would round them, so that two IDs could become one. */
function withIntegersAsText(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
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

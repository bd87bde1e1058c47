/**
 * The state: one JSON file, replaced atomically after every change, so that after a crash the next deployment knows which
 * resources exist and which operations were pending.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { readJson } from "./json-file";

const recordSchema = z.object({
  type: z.string(),
  id: z.string(),
  /** Order of creation; deletion runs in reverse. */
  sequence: z.number().int(),
  inputs: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), z.unknown()),
  protect: z.boolean(),
  retain: z.boolean(),
  /** The operation in progress. If set at the start, an earlier deployment died during it. */
  pending: z.enum(["create", "update", "delete"]).optional(),
});

const fileSchema = z.object({
  version: z.literal(1),
  /** Also in the cloud's marker (marker.ts), to detect a state that belongs to another cloud. */
  deployment: z.string(),
  salt: z.string(),
  resources: z.record(z.string(), recordSchema),
});

export type ResourceRecord = z.infer<typeof recordSchema>;
type StateFile = z.infer<typeof fileSchema>;

export class State {
  private queued: Promise<void> | undefined;
  private lastWrite: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private file: StateFile,
  ) {}

  /** Reads the state; starts an empty one if the file does not exist. */
  static open(path: string): State {
    const absolute = resolve(path);
    const advice = "Delete it and start fresh: `npx daybreak demo` does both.";
    const file = existsSync(absolute) ? readJson(absolute, fileSchema, "the state file", advice) : emptyFile();
    return new State(absolute, file);
  }

  get deployment(): string {
    return this.file.deployment;
  }

  get salt(): string {
    return this.file.salt;
  }

  get isEmpty(): boolean {
    return Object.keys(this.file.resources).length === 0;
  }

  record(urn: string): ResourceRecord | undefined {
    return this.file.resources[urn];
  }

  /** The record, if the resource certainly exists: no create or delete was interrupted. */
  existing(urn: string): ResourceRecord | undefined {
    const record = this.record(urn);
    return record?.pending === "create" || record?.pending === "delete" ? undefined : record;
  }

  /** All records, in order of creation. */
  records(): [urn: string, record: ResourceRecord][] {
    return Object.entries(this.file.resources).sort(([, a], [, b]) => a.sequence - b.sequence);
  }

  nextSequence(): number {
    return Object.values(this.file.resources).reduce((highest, record) => Math.max(highest, record.sequence), 0) + 1;
  }

  async put(urn: string, record: ResourceRecord): Promise<void> {
    this.file.resources[urn] = record;
    await this.save();
  }

  async remove(urn: string): Promise<void> {
    delete this.file.resources[urn];
    await this.save();
  }

  /** Starts an empty state because its cloud is gone, and keeps a copy of the old file for inspection. */
  startOver(): void {
    if (existsSync(this.path)) renameSync(this.path, `${this.path}.old`);
    this.file = emptyFile();
  }

  /**
   * Writes the file; resolves once this record is on disk. Calls made during a write share the next one, because many
   * resources are created concurrently.
   */
  save(): Promise<void> {
    if (this.queued === undefined) {
      const next = this.lastWrite.then(() => {
        this.queued = undefined;
        return this.write();
      });
      this.queued = next;
      this.lastWrite = next.catch(() => undefined);
    }
    return this.queued;
  }

  private async write(): Promise<void> {
    mkdirSync(dirname(this.path), { recursive: true });
    const temporary = `${this.path}.${process.pid}.tmp`;
    // Readable only by its owner: it contains no secrets but lists every resource.
    await writeFile(temporary, `${JSON.stringify(this.file, null, 1)}\n`, { mode: 0o600 });
    await rename(temporary, this.path);
  }
}

function emptyFile(): StateFile {
  return { version: 1, deployment: randomUUID(), salt: randomBytes(16).toString("hex"), resources: {} };
}

/**
 * Decoded property values of a Pulumi program: plain JSON, plus secrets, files, archives and, in a preview, unknown
 * values.
 */
import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Zippable, zipSync } from "fflate";

const LONGEST_KEPT_TEXT = 4096;

/** A value that is unknown until its resource exists. */
export const UNKNOWN = Symbol("a value known only after the deployment");

/** A value that must never be written in plain text. */
export class Secret {
  constructor(readonly value: unknown) {}
}

/** A file of the program: a path on disk, or its text. */
export class FileContent {
  constructor(
    readonly source: { path: string } | { text: string },
    readonly hash?: string,
  ) {}

  bytes(): Buffer {
    return "path" in this.source ? readFileSync(this.source.path) : Buffer.from(this.source.text, "utf8");
  }
}

/**
 * A fixed timestamp makes the zip file's bytes depend only on its content. This zip is what the Pulumi engine makes of a
 * program's archive, for any program. infra/archives.ts is a part of the program that makes zips with its own settings, such as
 * the file mode, for Glue; this package must not import from the program that it deploys.
 */
const ZIPPED = { level: 0, mtime: new Date(1980, 0, 1) } as const;

/** An archive of the program: a folder or zip file on disk, or named files. */
export class ArchiveContent {
  constructor(
    readonly source: { path: string } | { assets: Record<string, FileContent | ArchiveContent> },
    readonly hash?: string,
  ) {}

  /** The archive as a zip file whose bytes depend only on its content. */
  zipped(): Buffer {
    if ("path" in this.source && statSync(this.source.path).isFile()) return readFileSync(this.source.path);
    const files = Object.entries(this.files()).sort(([left], [right]) => (left < right ? -1 : 1));
    return Buffer.from(zipSync(Object.fromEntries(files) as Zippable, ZIPPED));
  }

  private files(): Record<string, Buffer> {
    if ("path" in this.source) return folderFiles(this.source.path);
    const entries = Object.entries(this.source.assets).flatMap(([name, asset]) =>
      asset instanceof FileContent
        ? [[name, asset.bytes()] as const]
        : Object.entries(asset.files()).map(([inner, content]) => [`${name}/${inner}`, content] as const),
    );
    return Object.fromEntries(entries);
  }
}

function folderFiles(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(folder, name))]));
}

/** The value without its secret wrappers, for an adapter to send. */
export function reveal(value: unknown): unknown {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (isPlainObject(value)) return mapObject(value, reveal);
  return value;
}

/** Whether any part of the value is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value instanceof Secret) return hasUnknown(value.value);
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isPlainObject(value) && Object.values(value).some(hasUnknown);
}

/**
 * The form of a value in the state file: files as hashes; secrets as hashes keyed with the state's salt, which reveal a
 * change but not the value; long strings as hashes, because the file is written after every resource.
 */
export function storableForm(value: unknown, salt: string): unknown {
  if (value instanceof Secret) {
    const inner = JSON.stringify(storableForm(value.value, salt));
    return { "[secret]": createHmac("sha256", salt).update(inner).digest("hex") };
  }
  if (value === UNKNOWN) return UNKNOWN_FORM;
  if (value instanceof FileContent) return { "[file]": value.hash ?? sha256(value.bytes()) };
  if (value instanceof ArchiveContent) return { "[archive]": value.hash ?? sha256(value.zipped()) };
  if (typeof value === "string" && value.length > LONGEST_KEPT_TEXT) return { "[text]": sha256(value) };
  if (Array.isArray(value)) return value.map((item) => storableForm(item, salt));
  if (isPlainObject(value)) return mapObject(value, (item) => storableForm(item, salt));
  return value;
}

const UNKNOWN_KEY = "[unknown]";
/** The form of an unknown value. */
export const UNKNOWN_FORM = { [UNKNOWN_KEY]: true };

/** Whether any part of the original value was unknown. */
export function isUnknownForm(form: unknown): boolean {
  if (Array.isArray(form)) return form.some(isUnknownForm);
  return isPlainObject(form) && (UNKNOWN_KEY in form || Object.values(form).some(isUnknownForm));
}

/**
 * The storable form of a resource's inputs, compared to detect a change. Omits undefined values, as JSON does, and tags,
 * which are not deployed.
 */
export function storableInputs({ tags, ...inputs }: Record<string, unknown>, salt: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(storableForm(inputs, salt)));
}

/** The top-level keys whose forms differ. */
export function changedKeys(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .sort();
}

export function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function mapObject(value: Record<string, unknown>, change: (item: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}

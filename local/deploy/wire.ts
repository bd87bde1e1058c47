/** Decodes the Pulumi SDK's wire format: tagged objects for secrets, assets, archives and resource references. */
import * as pulumi from "@pulumi/pulumi";
import { ArchiveContent, FileContent, isPlainObject, Secret, UNKNOWN } from "./values";

const { specialSigKey, specialSecretSig, specialAssetSig, specialArchiveSig, specialResourceSig, unknownValue } =
  pulumi.runtime;
/** The real engine's signature for an output; an unknown one has no value. */
const specialOutputSig = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Decodes one property from the wire format. */
export function decode(wire: unknown): unknown {
  if (wire === unknownValue) return UNKNOWN;
  if (Array.isArray(wire)) return wire.map(decode);
  if (!isPlainObject(wire)) return wire;
  switch (wire[specialSigKey]) {
    case undefined:
      return decodeObject(wire);
    case specialSecretSig:
      return new Secret(decode(wire.value));
    case specialOutputSig: {
      const value = wire.value === undefined ? UNKNOWN : decode(wire.value);
      return wire.secret === true ? new Secret(value) : value;
    }
    case specialAssetSig:
      return decodeAsset(wire);
    case specialArchiveSig:
      return decodeArchive(wire);
    case specialResourceSig:
      // As in the real engine, a custom resource is passed by id; a component has only a URN.
      return wire.id === undefined ? wire.urn : wire.id === "" ? UNKNOWN : decode(wire.id);
    default:
      throw new Error(
        `The Pulumi SDK sent a value of a kind that the local deployer does not support: ${wire[specialSigKey]}.`,
      );
  }
}

/** Decodes each property of an untagged object; omits properties without a value. */
export function decodeObject(wire: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(wire)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key, decode(value)]),
  );
}

/** The real engine sends an asset's hash; for previously deployed assets it keeps nothing else. */
function hashOf({ hash }: Record<string, unknown>): string | undefined {
  return typeof hash === "string" && hash !== "" ? hash : undefined;
}

function decodeAsset(wire: Record<string, unknown>): FileContent {
  if (typeof wire.text === "string") return new FileContent({ text: wire.text }, hashOf(wire));
  if (typeof wire.path === "string") return new FileContent({ path: wire.path }, hashOf(wire));
  if (hashOf(wire) !== undefined) return new FileContent({ text: "" }, hashOf(wire));
  throw new Error("The local deployer supports file and string assets; a remote asset needs the real engine.");
}

function decodeArchive(wire: Record<string, unknown>): ArchiveContent {
  if (typeof wire.path === "string") return new ArchiveContent({ path: wire.path }, hashOf(wire));
  if (!isPlainObject(wire.assets)) {
    if (hashOf(wire) !== undefined) return new ArchiveContent({ assets: {} }, hashOf(wire));
    throw new Error("The local deployer supports file and asset archives; a remote archive needs the real engine.");
  }
  const assets: Record<string, FileContent | ArchiveContent> = {};
  for (const [name, asset] of Object.entries(wire.assets)) {
    const decoded = decode(asset);
    if (!(decoded instanceof FileContent || decoded instanceof ArchiveContent)) {
      throw new Error(`The archive's entry "${name}" is neither a file nor an archive.`);
    }
    assets[name] = decoded;
  }
  return new ArchiveContent({ assets }, hashOf(wire));
}

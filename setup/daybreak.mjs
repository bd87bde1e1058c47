#!/usr/bin/env node
/** The command `daybreak`: npx runs this file, from any folder of a clone, set up or not. */
import { runProgram } from "./run.mjs";

// Paths on the command line are relative to this folder; npx does not change it.
process.env.INIT_CWD = process.cwd();
await runProgram("cli", process.argv.slice(2));

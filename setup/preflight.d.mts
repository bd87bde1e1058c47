/** Types of preflight.mjs for the commands written in TypeScript. */

/** Throws a Problem if a port of 127.0.0.1 is in use. */
export function checkPort(port: number): Promise<void>;
/** Throws a Problem if there is too little memory, or disk space, for a local cloud; or if the port, if any, is in use. */
export function preflightRun(options: { port?: number | undefined }): Promise<void>;

/** Types of what the commands written in TypeScript use of paths.mjs. */

/** The port of a local cloud unless told otherwise. */
export const DEFAULT_PORT: number;
export const PYTHON: string;

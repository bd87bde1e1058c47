/** Types of what the commands written in TypeScript use of doctor.mjs. */

/** Checks this machine, prints the results together with the local clouds, and sets the exit code. */
export function doctor<Cloud>(
  isJson: boolean,
  clouds?: readonly Cloud[],
  describeCloud?: (cloud: Cloud) => string,
): Promise<void>;

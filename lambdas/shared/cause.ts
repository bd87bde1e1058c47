/**
 * Extracts the error message from an execution's cause. Step Functions reports a Lambda's error as JSON, and a job's as the
 * job's whole description. A workflow may have truncated either, so the text is searched instead of parsed.
 */
export function readableCause(cause: string | undefined): string {
  if (cause === undefined || cause === "") return "no cause was given";
  const found = /"(?:errorMessage|FailureReason|ErrorMessage|ExitMessage)"\s*:\s*("(?:[^"\\]|\\.)+")/.exec(cause)?.[1];
  return found === undefined ? cause : String(JSON.parse(found));
}

/**
 * The part of an execution's cause that a person needs. Step Functions gives a Lambda's error as JSON, and a job's as the job's
 * whole description; a workflow may have cut either, so it is searched and not parsed.
 */
export function readableCause(cause: string | undefined): string {
  if (cause === undefined || cause === "") return "no cause was given";
  const found = /"(?:errorMessage|FailureReason|ErrorMessage|ExitMessage)"\s*:\s*("(?:[^"\\]|\\.)+")/.exec(cause)?.[1];
  return found === undefined ? cause : String(JSON.parse(found));
}

/** An error that the user can fix. It is shown without a stack trace and includes a remedy. */
export class Problem extends Error {
  /**
   * @param {string} what what is wrong, with the actual values
   * @param {string} remedy what to do
   * @param {1|2|130|143} exitCode 2 if the command line is wrong, 130 or 143 after a signal
   */
  constructor(what, remedy, exitCode = 1) {
    super(`${what}\n  ${remedy.replaceAll("\n", "\n  ")}`);
    this.name = "Problem";
    this.what = what;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** Something the person at the keyboard can mend: shown without a stack, always with what to do. */
export class Problem extends Error {
  /**
   * @param {string} what what is wrong, with the figures
   * @param {string} remedy what to do about it
   */
  constructor(what, remedy) {
    super(`${what}\n  ${remedy.replaceAll("\n", "\n  ")}`);
    this.name = "Problem";
  }
}

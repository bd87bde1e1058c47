/**
 * `npm run preview -- <stack>`: what `npm run deploy` would change. With `--comment <file>` it also writes that as Markdown, for a
 * comment on the pull request.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../shared/paths";

/** GitHub takes 65,536 characters. */
const longestOutput = 60_000;

/** The comment: the output's end, where the counts and the errors are, in a fence that it cannot close. */
export function commentOf(stack: string, output: string, code: number): string {
  const kept = output.length > longestOutput ? `… ${output.slice(-longestOutput)}` : output;
  const fences = [...kept.matchAll(/`{3,}/g)].map(([fence]) => fence.length);
  const fence = "`".repeat(Math.max(2, ...fences) + 1);
  const title = code === 0 ? `What merging this changes in ${stack}` : `The preview of ${stack} failed`;
  return `### ${title}\n\n${fence}text\n${kept.trim()}\n${fence}\n`;
}

/** Runs Pulumi and shows what it prints. */
function preview(stack: string): Promise<{ code: number; output: string }> {
  const args = ["preview", "--policy-pack", "policy", "--stack", stack, "--diff", "--non-interactive"];
  // A permalink would be a signed address of the state, for everyone who reads the comment.
  args.push("--suppress-permalink=true");
  const child = spawn("pulumi", args, { cwd: repositoryRoot, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const [from, to] of [[child.stdout, process.stdout] as const, [child.stderr, process.stderr] as const]) {
    from.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      to.write(text);
    });
  }
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { comment: { type: "string" } }, allowPositionals: true });
  const [stack = "dev"] = positionals;
  const { code, output } = await preview(stack);
  if (values.comment !== undefined) writeFileSync(values.comment, commentOf(stack, output, code));
  process.exitCode = code;
}

if (require.main === module) void main();

/** Ends local clouds. */
import { setTimeout as sleep } from "node:timers/promises";
import { CommandProblem } from "../shared/problem";
import { isAlive, listProcesses, type ProcessInfo, signalProcess, treeOf } from "./processes";
import type { LocalCloud } from "./registry";

/** A cloud delivers what it still holds and ends its children; after 20 s it forces its own end. */
const cloudMilliseconds = 25_000;
/** How long its children have once the cloud itself is gone. */
const childrenMilliseconds = 5_000;
const pollMilliseconds = 100;

/** Ends a cloud and every process that it started, by force if it does not end in time; returns how many there were. */
export async function endCloud(cloud: LocalCloud, milliseconds = cloudMilliseconds): Promise<number> {
  const family = new Map<number, ProcessInfo>();
  const addFamily = () => {
    const tree = treeOf(cloud.pid, listProcesses());
    // A later process with the same pid is not the cloud, and its children are not the cloud's.
    if (tree[0]?.started !== cloud.started) return;
    for (const member of tree) family.set(member.pid, member);
  };
  const familyIsGone = () => [...family.values()].every((member) => !isAlive(member));
  const killFamily = () => {
    for (const member of family.values()) signalProcess(member, "SIGKILL");
  };
  addFamily();
  signalProcess(cloud, "SIGTERM");
  const hasEnded = await until(() => {
    if (!isAlive(cloud)) return true;
    addFamily();
    return false;
  }, milliseconds);
  if (!hasEnded) killFamily();
  // A child whose cloud is gone has lost its parent, so it is found by the list made before.
  if (!(await until(familyIsGone, childrenMilliseconds))) killFamily();
  if (await until(familyIsGone, childrenMilliseconds)) return family.size;
  const left = [...family.values()].filter(isAlive).map(({ pid }) => pid);
  throw new CommandProblem(
    `Processes of the local cloud at ${cloud.endpoint} have not ended although they were killed: ${left.join(", ")}`,
    `See what they wait for: ps -o pid,state,args -p ${left.join(",")}`,
  );
}

async function until(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await sleep(pollMilliseconds);
  }
  return true;
}

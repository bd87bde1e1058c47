/**
 * Watches folders. chokidar, because Node's own recursive watch loses files that an editor saves by renaming, and new folders,
 * on some of the systems and versions that this runs on.
 */
import { watch as watchFiles } from "chokidar";

/** An editor writes a file in steps, and a person saves several: what comes within this time is one change. */
const restMilliseconds = 100;

const ofInterest = /\.(ts|py|sql|ya?ml|json)$/;

export interface Watch {
  /** Every save from now on is noticed. */
  ready: Promise<void>;
  /** Ends the watch, after the work under way. */
  close(): Promise<void>;
}

/** Does the work when files have changed; never twice at a time: what changes meanwhile comes next. */
export function watchFolders(folders: string[], work: (changed: string[]) => Promise<void>): Watch {
  let changed = new Set<string>();
  let underWay: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const begin = () => {
    if (underWay !== undefined || changed.size === 0) return;
    const now = [...changed].sort();
    changed = new Set();
    underWay = work(now).finally(() => {
      underWay = undefined;
      begin();
    });
  };
  const watcher = watchFiles(folders, {
    ignoreInitial: true,
    ignored: (path, stats) =>
      /__pycache__|node_modules/.test(path) || (stats?.isFile() === true && !ofInterest.test(path)),
  });
  watcher.on("all", (_, path) => {
    if (!ofInterest.test(path)) return;
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(begin, restMilliseconds);
  });
  return {
    ready: new Promise((resolve) => watcher.once("ready", resolve)),
    close: async () => {
      clearTimeout(timer);
      changed.clear();
      await watcher.close();
      await underWay;
    },
  };
}

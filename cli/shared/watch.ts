/**
 * Watches folders. It uses chokidar because Node's recursive watch, on some systems and versions, misses new folders and
 * files that an editor saves by renaming.
 */
import { watch as watchFiles } from "chokidar";

/** Changes within this time count as one: editors write a file in steps, and users save several files. */
const restMilliseconds = 100;

const ofInterest = /\.(ts|py|sql|ya?ml|json)$/;

export interface Watch {
  /** Resolves once changes are detected. */
  ready: Promise<void>;
  /** Stops watching, after the work in progress. */
  close(): Promise<void>;
}

/** Runs `work` when files have changed, one run at a time; changes during a run start the next one. */
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

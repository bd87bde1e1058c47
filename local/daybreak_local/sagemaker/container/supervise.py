"""Runs a job's command as the first process of its own group, and ends the group when the local cloud is
gone.

Usage: supervise.py <command> <argument>…, with a pipe from the local cloud as standard input. Its end of
file means that the local cloud is no longer there, however it ended. Standard library only: it starts in a
few milliseconds.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    """Starts the command, waits for it, and ends with its exit code."""
    # A stop reaches the whole group; this process stays to report how the command ended.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.stderr.write(f"{sys.argv[1]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(127)
    threading.Thread(target=_end_with_the_cloud, daemon=True).start()
    code = child.wait()
    os._exit(code if code >= 0 else 128 - code)


def _end_with_the_cloud() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()

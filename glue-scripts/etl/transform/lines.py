"""Splits a raw file into lines as a stream; memory does not depend on the length of files or lines."""

import zlib
from collections.abc import Iterator
from typing import Protocol

_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# JSON's white space; a line of only these characters is blank.
_BLANK = b" \t\r"


# A line: its number, its content and its length in the file. If it is too long, only the start is kept.
Line = tuple[int, bytes, int]


class Readable(Protocol):
    """What is read of a stream."""

    def read(self, size: int) -> bytes:
        """Up to so many bytes; none at the end."""


class Unreadable(Exception):
    """The rest of a file cannot be read."""


def read_lines(stream: Readable, longest: int) -> Iterator[list[Line]]:
    """The non-blank lines, several thousand at a time; gzip is recognized by its first bytes.

    Raises Unreadable after the last line that could be read.
    """
    splitter = _Splitter(longest)
    for piece in _unpacked(stream):
        lines = splitter.take(piece)
        if lines:
            yield lines
    last = splitter.end()
    if last:
        yield last


class _Splitter:
    """Splits a stream of chunks into lines."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._position = 0
        self._open: list[bytes] = []
        self._kept = self._length = 0

    def take(self, piece: bytes) -> list[Line]:
        """The lines that end in a chunk."""
        first, *others = piece.split(b"\n")
        self._extend(first)
        if not others:
            return []
        lines = self.end()
        last = others.pop()
        numbered = enumerate(others, self._position + 1)
        if b"\r" in piece or _BYTE_ORDER_MARK in piece or max(map(len, others), default=0) > self._longest:
            for position, content in numbered:
                lines += self._line(position, content[: self._longest], len(content))
        else:
            lines += [
                (position, content, len(content)) for position, content in numbered if content.strip(_BLANK)
            ]
        self._position += len(others)
        self._extend(last)
        return lines

    def end(self) -> list[Line]:
        """The incomplete line at the end."""
        self._position += 1
        lines = self._line(self._position, b"".join(self._open), self._length)
        self._open.clear()
        self._kept = self._length = 0
        return lines

    def _line(self, position: int, kept: bytes, length: int) -> list[Line]:
        if length > self._longest:
            return [(position, kept, length)]
        content = kept.removeprefix(_BYTE_ORDER_MARK).removesuffix(b"\r")
        return [(position, content, length)] if content.strip(_BLANK) else []

    def _extend(self, content: bytes) -> None:
        kept = content[: self._longest - self._kept]
        self._open.append(kept)
        self._kept += len(kept)
        self._length += len(content)


def _unpacked(stream: Readable) -> Iterator[bytes]:
    """A file's content in chunks, decompressed if necessary."""
    packed = stream.read(_PIECE)
    if not packed.startswith(_GZIP):
        while packed:
            yield packed
            packed = stream.read(_PIECE)
        return
    unpacker = zlib.decompressobj(wbits=31)
    while packed:
        try:
            piece = unpacker.decompress(packed, _PIECE)
        except zlib.error as error:
            raise Unreadable(f"no whole gzip file: {error}") from error
        if piece:
            yield piece
        packed = unpacker.unconsumed_tail
        if unpacker.eof:
            # A file may consist of several gzip members and be padded with zeros.
            packed = (unpacker.unused_data or stream.read(_PIECE)).lstrip(b"\0")
            if packed:
                unpacker = zlib.decompressobj(wbits=31)
        packed = packed or stream.read(_PIECE)
    if not unpacker.eof:
        raise Unreadable("no whole gzip file: it ends in the middle")

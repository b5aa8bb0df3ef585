"""Ways in which a file goes wrong, each a function of its bytes and of chance with a fixed seed."""

import random
import struct
from collections.abc import Callable

Mutation = Callable[[bytearray, random.Random], bytearray]
BOXES = (
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"stts", b"ctts", b"stsc", b"stsz",
    b"stco", b"co64", b"stss", b"elst", b"edts", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"avc1",
    b"avcC", b"hvc1", b"hvcC", b"mp4a", b"esds", b"moof", b"traf", b"tfhd", b"tfdt", b"trun",
    b"mdat", b"mvex", b"trex", b"sidx", b"udta", b"meta", b"dref", b"url ", b"RIFF", b"LIST",
    b"strh", b"strf", b"idx1", b"movi", b"clap", b"chan", b"styp", b"mfra", b"free",
)  # fmt: skip
EXTREME = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def bits(content: bytearray, chance: random.Random) -> bytearray:
    """Some bits flipped, anywhere."""
    for _ in range(chance.choice((1, 10, 100, 1000))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def head_bits(content: bytearray, chance: random.Random) -> bytearray:
    """Some bits flipped where most is told."""
    near = min(len(content), 4096)
    for _ in range(chance.choice((1, 5, 25))):
        content[chance.randrange(near)] ^= 1 << chance.randrange(8)
    return content


def box_size(content: bytearray, chance: random.Random) -> bytearray:
    """The size of a box changed."""
    at = somewhere(content, chance, BOXES)
    if at >= 4:
        content[at - 4 : at] = number(chance)
    return content


def box_field(content: bytearray, chance: random.Random) -> bytearray:
    """Numbers in a box changed: durations, time scales, counts, offsets, sizes of pictures."""
    for _ in range(chance.choice((1, 1, 4))):
        at = somewhere(content, chance, BOXES) + 4 + 4 * chance.randrange(12)
        if at + 4 <= len(content):
            content[at : at + 4] = number(chance)
    return content


def box_name(content: bytearray, chance: random.Random) -> bytearray:
    """A box taken for another."""
    at = somewhere(content, chance, BOXES)
    content[at : at + 4] = chance.choice(BOXES)
    return content


def cut(content: bytearray, chance: random.Random) -> bytearray:
    """An end that is missing."""
    return content[: chance.randrange(1, len(content))]


def hole(content: bytearray, chance: random.Random) -> bytearray:
    """A part that is missing, or was never written."""
    start, length = part(content, chance)
    content[start : start + length] = chance.choice((b"", bytes(length)))
    return content


def doubled(content: bytearray, chance: random.Random) -> bytearray:
    """A part that is there several times."""
    start, length = part(content, chance)
    content[start:start] = content[start : start + length] * chance.choice((1, 2, 20))
    return content


def shuffled(content: bytearray, chance: random.Random) -> bytearray:
    """Two parts in each other's place."""
    start, length = part(content, chance)
    other = chance.randrange(len(content))
    taken = content[start : start + length]
    del content[start : start + length]
    content[other:other] = taken
    return content


def noise(content: bytearray, chance: random.Random) -> bytearray:
    """A part full of noise."""
    start, length = part(content, chance)
    content[start : start + length] = chance.randbytes(length)
    return content


def many_tracks(content: bytearray, chance: random.Random) -> bytearray:
    """The same track many times over, in a movie header that says so."""
    movie, track = content.find(b"moov") - 4, content.find(b"trak") - 4
    if movie < 0 or track < movie:
        return bits(content, chance)
    size = int.from_bytes(content[track : track + 4])
    more = bytes(content[track : track + size]) * chance.choice((1, 70, 2000))
    content[track:track] = more
    whole = int.from_bytes(content[movie : movie + 4]) + len(more)
    content[movie : movie + 4] = struct.pack(">I", whole & 0xFFFFFFFF)
    return content


MUTATIONS: tuple[Mutation, ...] = (
    bits, head_bits, box_size, box_field, box_field, box_field, box_name, cut, hole, doubled,
    shuffled, noise, many_tracks,
)  # fmt: skip


def mutated(content: bytes, others: list[bytes], seed: str) -> bytes:
    """A file gone wrong in one to three ways; `others` lend their heads and tails."""
    chance = random.Random(seed)
    result = bytearray(content)
    if chance.random() < 0.12:
        other = chance.choice(others)
        at = chance.choice((16, 64, 1024, len(other) // 2))
        result = bytearray(other[:at]) + result[min(at, len(result) - 1) :]
    for _ in range(chance.choice((1, 1, 2, 3))):
        result = chance.choice(MUTATIONS)(result, chance) or bytearray(b"\0")
    return bytes(result)


def somewhere(content: bytearray, chance: random.Random, names: tuple[bytes, ...]) -> int:
    """Where one of these names stands; anywhere where none of them does."""
    found = [at for name in names if (at := content.find(name)) >= 0]
    return chance.choice(found) if found else chance.randrange(max(1, len(content) - 4))


def part(content: bytearray, chance: random.Random) -> tuple[int, int]:
    """(start, length) of a part of the file."""
    longest = chance.choice((8, 188, 4096, len(content)))
    return chance.randrange(len(content)), chance.randrange(1, longest + 1)


def number(chance: random.Random) -> bytes:
    """Four bytes that nobody expects."""
    if chance.random() < 0.7:
        return chance.choice(EXTREME).to_bytes(4, chance.choice(("big", "little")))
    return chance.randbytes(4)

#!/usr/bin/env python3
"""Synthesizes Herald's alarm sounds, one per urgency, with Python's standard library alone.

    make.py              writes <name>.wav and sounds.json beside this script
    make.py --check      writes nothing; exit code 1 if a file is missing or differs
    make.py --describe   prints what sounds.json says: what a recording of the speaker must contain

A melody here decides how an alarm feels; `core/alarm.rs` decides which one plays, how loud and how often.
"""

import cmath
import io
import json
import math
import struct
import sys
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent

RATE = 22_050           # Hz: harmonics above 11 kHz would be harsh, and the files half as large again
PEAK = 10 ** (-3 / 20)  # -3 dBFS leaves room for the resampler of the sound server
TAIL_S = 0.15           # silence at the end, for devices that cut off what is still in their buffer

G4, C5, G5 = 392.00, 523.25, 783.99
A3, DIS4 = 220.00, 311.13
A4, D5 = 440.00, 587.33
B5, E6 = 987.77, 1318.51

# Strengths of the harmonics. The signs are those that keep the wave lowest: the ear does not hear them, but at the
# same peak the trumpet is 4.5 dB louder than with all of them positive.
BRASS = (1.0, -0.85, -0.7, -0.52, -0.4, 0.28, -0.2, 0.13, -0.09, 0.06)
REED = (1.0, 0.12, 0.5, -0.08, 0.28, -0.05, 0.14)
HOLLOW = (1.0, 0.4, -0.3, 0.12, -0.1)
FLUTE = (1.0, 0.18, 0.06)
# Bell: ratio to the strike note, strength, seconds until a partial has decayed to 1/e.
BELL = ((0.5, 0.22, 0.70), (1.0, 1.0, 0.45), (1.2, 0.18, 0.30), (1.5, 0.1, 0.25), (2.0, 0.3, 0.22), (2.67, 0.1, 0.12))


def main() -> int:
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"], ["--describe"]):
        print(__doc__, file=sys.stderr)
        return 2
    files, described = made()
    if arguments == ["--describe"]:
        print(described, end="")
        return 0
    if arguments == ["--check"]:
        wrong = [name for name, data in files.items() if not same(HERE / name, data)]
        for name in wrong:
            print(f"{name}: missing, or not what make.py gives", file=sys.stderr)
        return 1 if wrong else 0
    for name, data in files.items():
        (HERE / name).write_bytes(data)
        print(f"{name}: {len(data) / 1024:.1f} KB")
    return 0


def made() -> tuple[dict[str, bytes], str]:
    """Every file with its content, and the description, which is one of them."""
    files, facts = {}, {}
    for name, play in {"page": page, "overdue": overdue, "due-soon": due_soon, "blind": blind, "recovered": recovered}.items():
        tune = Tune()
        play(tune)
        levels = tune.levels()
        files[f"{name}.wav"] = wav(levels)
        facts[name] = facts_of(levels, tune.notes)
    described = "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(fact)}" for name, fact in facts.items()) + "\n}\n"
    files["sounds.json"] = described.encode()
    return files, described


# The sounds


def page(tune: "Tune") -> None:
    """A trumpet call, twice: up a fourth, up a fifth, held; the second time held longer."""
    at = 0.0
    for held_s in (0.42, 0.74):
        for hz, length_s, strength in ((G4, 0.11, 0.75), (C5, 0.11, 0.85), (G5, held_s, 1.0)):
            tune.note(at, length_s, hz, BRASS, strength, attack_s=0.014, release_s=0.045, bloom=0.3, vibrato=0.004)
            at += length_s + 0.02
        at += 0.09


def overdue(tune: "Tune") -> None:
    """One note knocking in threes, four times, each knock louder and sharper than the last."""
    at = 0.0
    for knock in range(12):
        strength = 0.22 + 0.78 * knock / 11
        tune.note(at, 0.085, B5, REED, strength, attack_s=0.006, release_s=0.03, bloom=0.5)
        at += 0.125 if knock % 3 < 2 else 0.23


def due_soon(tune: "Tune") -> None:
    """A small bell, struck once and left to fade."""
    tune.bell(0.0, 1.6, E6)


def blind(tune: "Tune") -> None:
    """Two low notes a tritone apart, swelling in turn and trembling: something is not right."""
    for turn in range(6):
        low = turn % 2 == 1
        tune.note(turn * 0.3, 0.36, A3 if low else DIS4, HOLLOW, 1.0 if low else 0.8,
                  attack_s=0.12, release_s=0.16, tremble=0.35)


def recovered(tune: "Tune") -> None:
    """Up a fourth, softly: it can be seen again. No alarm, so it stays 9 dB below them."""
    tune.peak = PEAK * 10 ** (-9 / 20)
    tune.note(0.0, 0.3, A4, FLUTE, 0.7, attack_s=0.04, release_s=0.2)
    tune.note(0.22, 0.85, D5, FLUTE, 1.0, attack_s=0.05, release_s=0.65)


# The instruments


class Tune:
    """Notes laid over each other, before they are brought to their peak."""

    def __init__(self) -> None:
        self.peak = PEAK
        self.sum: list[float] = []
        self.notes: list[float] = []

    def note(self, at_s: float, length_s: float, hz: float, harmonics: tuple[float, ...], strength: float, *,
             attack_s: float, release_s: float, bloom: float = 0.0, vibrato: float = 0.0, tremble: float = 0.0) -> None:
        """Adds a blown note; `bloom` lets high harmonics speak only when it is strong, as brass does."""
        def level(t: float) -> float:
            loud = strength * swell(t, length_s, attack_s, release_s)
            loud *= 1 - tremble * (0.5 - 0.5 * math.cos(math.tau * 7.5 * t))
            bend = vibrato * max(0.0, t - 0.15) * math.sin(math.tau * 5.5 * t)
            # Counted from the start of the tune, so that a repeated note adds up in one line of the spectrum.
            phase = math.tau * hz * (at_s + t) + bend * hz / 5.5
            return sum(part * loud ** (1 + bloom * k) * math.sin((k + 1) * phase) for k, part in enumerate(harmonics))
        self.add(at_s, length_s, hz, level)

    def bell(self, at_s: float, length_s: float, hz: float) -> None:
        def level(t: float) -> float:
            ring = sum(part * math.exp(-t / decay_s) * math.sin(math.tau * hz * ratio * t) for ratio, part, decay_s in BELL)
            return ring * swell(t, length_s, 0.004, 0.4)
        self.add(at_s, length_s, hz, level)

    def add(self, at_s: float, length_s: float, hz: float, level) -> None:
        first, count = round(at_s * RATE), round(length_s * RATE)
        self.sum += [0.0] * (first + count - len(self.sum))
        for i in range(count):
            self.sum[first + i] += level(i / RATE)
        if hz not in self.notes:
            self.notes.append(hz)

    def levels(self) -> list[int]:
        """16-bit samples at the wanted peak, with the silent tail."""
        gain = self.peak * 32767 / max(map(abs, self.sum))
        return [round(value * gain) for value in self.sum] + [0] * round(TAIL_S * RATE)


def swell(t: float, length_s: float, attack_s: float, release_s: float) -> float:
    """0 to 1 and back along half cosines, so that nothing clicks."""
    rise, fall = min(1.0, t / attack_s), min(1.0, (length_s - t) / release_s)
    return (0.5 - 0.5 * math.cos(math.pi * rise)) * (0.5 - 0.5 * math.cos(math.pi * fall))


# Files and facts


def wav(levels: list[int]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(levels)}h", *levels))
    return file.getvalue()


def facts_of(levels: list[int], notes: list[float]) -> dict:
    rms = math.sqrt(sum(value * value for value in levels) / len(levels)) / 32767
    return {
        "dominant_hz": round(dominant_hz(levels)),
        "notes_hz": [round(hz) for hz in notes],
        "duration_ms": round(len(levels) * 1000 / RATE),
        "rms_dbfs": round(20 * math.log10(rms), 1),
        "peak_dbfs": round(20 * math.log10(max(map(abs, levels)) / 32767), 1),
    }


def dominant_hz(levels: list[int]) -> float:
    """Where the spectrum of the whole sound is strongest."""
    size = 1 << (len(levels) - 1).bit_length()
    window = [value * (0.5 - 0.5 * math.cos(math.tau * i / len(levels))) for i, value in enumerate(levels)]
    spectrum = fourier(window + [0.0] * (size - len(levels)))
    return max(range(1, size // 2), key=lambda i: abs(spectrum[i])) * RATE / size


def fourier(values: list) -> list:
    if len(values) == 1:
        return values
    even, odd = fourier(values[::2]), fourier(values[1::2])
    turned = [cmath.exp(-1j * math.tau * k / len(values)) * value for k, value in enumerate(odd)]
    return [a + b for a, b in zip(even, turned)] + [a - b for a, b in zip(even, turned)]


def same(path: Path, data: bytes) -> bool:
    return path.exists() and path.read_bytes() == data


if __name__ == "__main__":
    sys.exit(main())

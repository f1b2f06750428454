"""`./perception record`: what a camera sees, as a recording that the demo and `ros2 bag play` can play."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from perception_cli.arguments import output_path, seconds
from perception_cli.live_feed import LiveFeed
from perception_cli.outputs import OutputError, keep_apart, missing_folders, remove_empty
from perception_cli.processes import Interruption
from perception_core.frame import RgbdFrame
from perception_core.recordings.error import RecordingError
from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.error import SourceError
from perception_core.sources.pacing import paced
from perception_core.sources.recording import RecordingSource
from perception_core.sources.source import ACCEPTED, FrameSource, open_source

_FAILED = 1
_INTERRUPTED = 130
_LOOK_S = 0.05


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("record", help="record what a camera sees, as rosbag2; without ROS")
    parser.add_argument("--source", default="demo", help=f"{ACCEPTED} (default demo)")
    parser.add_argument("--duration", type=seconds, metavar="SECONDS", help="end after this time; otherwise by Ctrl-C")
    parser.add_argument(
        "--output", type=output_path, required=True, metavar="DIR", help="the recording; must not exist yet"
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Records until the end of the source, the time, or Ctrl-C, which is a usual end."""
    interruption = Interruption()
    console = Console(markup=False, highlight=False)
    writer = RecordingWriter(options.output)
    made = missing_folders(options.output)
    began = time.monotonic()
    try:
        keep_apart(options.source, [options.output])
        # The folder first: that it cannot be written to is said before a camera is started.
        with writer, contextlib.ExitStack() as resources:
            with interruption.at_once():  # a compressed recording is unpacked first
                source = open_source(options.source)
            console.print(f"recording {source.name} into {options.output}; Ctrl-C ends it", soft_wrap=True)
            began = time.monotonic()
            frames = _frames(source, interruption, resources, console)
            for frame in _until(frames, options.duration):
                writer.write(frame)
    except (RecordingError, SourceError, OutputError) as error:
        print(f"perception: {error}", file=sys.stderr)
        remove_empty(made)
        if writer.frames and options.output.is_dir() and writer.size:
            print(f"perception: what was recorded until then can be played: {options.output}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        remove_empty(made)
        return _INTERRUPTED
    if not writer.frames:
        remove_empty(made)
        print("perception: no frame came, so nothing was recorded", file=sys.stderr)
        return 0 if interruption.asked else _FAILED
    _print_result(console, writer, time.monotonic() - began)
    return 0


def _frames(
    source: FrameSource, interruption: Interruption, resources: contextlib.ExitStack, console: Console
) -> Iterator[RgbdFrame]:
    """Frames as a camera would deliver them: in real time, stamped with the time of day."""
    if isinstance(source, RecordingSource):
        resources.callback(source.close)
        return paced(source.frames(), lambda seconds: _wait(seconds, interruption))
    begin_ns = time.time_ns()
    if source.live:
        feed = LiveFeed(source)
        resources.callback(lambda: _say_lost(feed, console))
        resources.callback(feed.close)
        frames = feed.frames(lambda: interruption.asked)
    else:
        resources.callback(source.close)
        frames = paced(source.frames(), lambda seconds: _wait(seconds, interruption))
    return (replace(frame, stamp_ns=begin_ns + frame.stamp_ns) for frame in frames)


def _until(frames: Iterator[RgbdFrame], duration: float | None) -> Iterator[RgbdFrame]:
    """The frames of the first seconds by their stamps, or all."""
    first_ns: int | None = None
    for frame in frames:
        first_ns = frame.stamp_ns if first_ns is None else first_ns
        if duration is not None and frame.stamp_ns - first_ns >= duration * 1e9:
            return
        yield frame


def _wait(seconds: float, interruption: Interruption) -> bool:
    deadline = time.monotonic() + seconds
    while not interruption.asked and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_S))
    return interruption.asked


def _say_lost(feed: LiveFeed, console: Console) -> None:
    if feed.lost:
        console.print(f"{feed.lost} frames were lost: the disk is slower than the camera", soft_wrap=True)


def _print_result(console: Console, writer: RecordingWriter, seconds: float) -> None:
    console.print(
        f"{writer.frames} frames, {seconds:.1f} s, {writer.size / 1e6:.1f} MB: {writer.folder} (readable by you only)",
        soft_wrap=True,
    )
    folder = shlex.quote(_as_path(writer.folder))
    console.print(f"play it: ./perception demo --source {folder}", soft_wrap=True)
    console.print(f"      or ros2 bag play {folder}", soft_wrap=True)


def _as_path(folder: Path) -> str:
    """A name that no option, home folder or word for a source can be taken for."""
    return str(folder) if str(folder).startswith((".", "/")) else f"./{folder}"

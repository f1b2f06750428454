"""`./perception annotate`: faces and hands drawn into a video or pictures and written down, without a ROS graph."""

from __future__ import annotations

import argparse
import itertools
import math
import os
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from face_perception.assembly import open_face_pipeline
from face_perception.parameters import FaceParameters
from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.parameters import GestureParameters
from gesture_perception.pipeline import HandPipeline
from perception_cli.annotation import (
    Annotated,
    AnnotateError,
    Perceivers,
    annotated_frames,
    annotated_pictures,
    read_pictures,
)
from perception_cli.arguments import output_path, seconds
from perception_cli.frame_log import FrameLog
from perception_cli.outputs import OutputError, in_folder, keep_apart, opened_log
from perception_cli.picture_file import write_picture
from perception_cli.processes import Interruption
from perception_cli.read_ahead import read_ahead
from perception_cli.video import VideoError, VideoWriter
from perception_core.engines.engine import EngineError
from perception_core.frame import RgbdFrame
from perception_core.private_store.errors import StoreError
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import LONGEST_SIDE_PX, PICTURE_SUFFIXES, PictureSource
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.source import FrameSource, open_source
from perception_core.sources.video import VideoSource
from perception_core.zoo.errors import ZooError

_FAILED, _INTERRUPTED = 1, 130
_FOLDER = Path("output")
_USUAL_RATE_HZ = 30.0
_AHEAD = 4
_ALL = 64  # faces in a picture; more than that have no landmarks
_ALL_HANDS = 32
_WHOLE = 0.9  # share of the frames that a video promises: whole videos have fewer, too, if an editor has cut them


@dataclass(slots=True)
class _Job:
    """Where the results go, and how far it is.

    Attributes:
        output: The video, the picture, or the folder of pictures.
        log: The lines of JSON.
        interruption: Ends it early.
        log_landmarks: Whether the lines have landmarks and blendshapes.
        done: Frames or pictures.
        faces: In all of them together.
        hands: Likewise.
        seconds: So far.
        complaints: How much could not be done.
    """

    output: Path
    log: Path
    interruption: Interruption
    log_landmarks: bool = False
    done: int = 0
    faces: int = 0
    hands: int = 0
    seconds: float = 0.0
    complaints: int = 0

    def complain(self, text: str) -> None:
        self.complaints += 1
        _say(text)


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("annotate", help="draw faces and hands into a video or pictures, and write them down")
    parser.add_argument(
        "source", metavar="SOURCE", help="a video, a picture, a folder of pictures, a recording, or a virtual scene"
    )
    parser.add_argument(
        "--output",
        type=output_path,
        metavar="PATH",
        help=f"the video, picture or folder of pictures to write (default {_FOLDER}/<name>-annotated)",
    )
    parser.add_argument(
        "--log", type=output_path, metavar="FILE", help="one line of JSON per frame (default beside the output)"
    )
    parser.add_argument("--log-landmarks", action="store_true", help="log landmarks and blendshapes, too")
    parser.add_argument("--duration", type=seconds, metavar="SECONDS", help="end after so much of the source's time")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Annotates until the end of the source or Ctrl-C."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # silent: what is wrong with a file is said here
    interruption = Interruption()
    try:
        with interruption.at_once():  # a compressed recording is unpacked first
            opened = _opened(options.source, options.duration)
        with closing(opened) as source:
            job = _Job(*_outputs(source, options), interruption, options.log_landmarks)
            if isinstance(source, PictureSource):
                _annotate_pictures(source, job)
            else:
                _annotate_video(source, job, options.duration)
            if job.done:
                _print_result(job, "picture" if isinstance(source, PictureSource) else "frame")
            elif not interruption.asked and not job.complaints:
                raise AnnotateError(f"{options.source}: there is no image in it that can be read")
    except (AnnotateError, SourceError, ZooError, EngineError, StoreError, OSError) as error:
        _say(str(error))
        return _FAILED
    except KeyboardInterrupt:
        _say("interrupted; nothing was done until then")
        return _INTERRUPTED
    if interruption.asked:
        _say("interrupted; " + ("what was done until then is complete" if job.done else "nothing was done until then"))
        return _INTERRUPTED
    return _FAILED if job.complaints else 0


def _opened(text: str, duration: float | None) -> FrameSource:
    source = open_source(text)
    if source.live:
        source.close()
        raise AnnotateError(f"{text} is live: `./perception demo --source {text}` shows what it sees")
    if isinstance(source, SceneSource) and duration is None:
        raise AnnotateError(f"{text} never ends: say how much of it with --duration SECONDS")
    if isinstance(source, PictureSource) and duration is not None:
        raise AnnotateError(f"{text}: pictures have no duration; leave --duration out")
    # Everywhere else large frames are shrunk; here that would show in the result.
    return VideoSource(Path(text).expanduser(), math.inf) if isinstance(source, VideoSource) else source


def _outputs(source: FrameSource, options: argparse.Namespace) -> tuple[Path, Path]:
    """Where the result and the log go; never where the source is."""
    pictures = source.files if isinstance(source, PictureSource) else []
    folder = isinstance(source, PictureSource) and source.path.is_dir()
    suffix = ".mp4" if not pictures else "" if folder else pictures[0].suffix
    output: Path = options.output or _FOLDER / f"{Path(source.name).stem}-annotated{suffix}"
    if not folder and not output.name:
        raise AnnotateError(f"{output} is a folder: name the file to write")
    log: Path = options.log or (output / "faces.jsonl" if folder else output.with_suffix(".jsonl"))
    keep_apart(options.source, [output, log, *(output / file.name for file in pictures if folder)])
    return output, log


def _annotate_video(source: FrameSource, job: _Job, duration: float | None) -> None:
    rate_hz = source.rate_hz or _USUAL_RATE_HZ
    promised = source.expected_frames if isinstance(source, VideoSource) else None
    wanted = min(promised or math.inf, math.ceil(duration * rate_hz) if duration else math.inf)
    parameters = _with_people(FaceParameters(detection_width=LONGEST_SIDE_PX))
    with (
        closing(open_face_pipeline(parameters, _say)) as faces,
        _opened_hands(GestureParameters()) as hands,
        _opened_log(job) as log,
        closing(VideoWriter(in_folder(job.output), rate_hz)) as video,
    ):
        frames = read_ahead(_until(source.frames(), duration), _AHEAD, lambda frame: frame.colour.nbytes)
        perceivers = Perceivers(faces.pipeline, hands)
        with closing(_finished(annotated_frames(frames, perceivers), wanted, job)) as finished:
            for each in finished:
                video.append(each.picture)
                log.write(each.found)
    if promised is not None and not job.interruption.asked and job.done < _WHOLE * wanted:
        job.complain(f"{source.name}: only {job.done} of {wanted} frames can be read; the video is damaged")


def _annotate_pictures(source: PictureSource, job: _Job) -> None:
    into_folder = source.path.is_dir()
    if not into_folder and job.output.suffix.lower() not in PICTURE_SUFFIXES:
        raise AnnotateError(f"{job.output}: a picture's name ends in one of {', '.join(PICTURE_SUFFIXES)}")
    # Nothing is put off to a later picture.
    parameters = _with_people(
        FaceParameters(
            detection_width=LONGEST_SIDE_PX,
            landmark_faces=_ALL,
            follow_faces=_ALL,
            refresh_every=1,
            refresh_faces=_ALL,
            attention_after_s=0.0,
            expression_after_s=0.0,
        )
    )
    with (
        # In a picture nobody can be seen a second time: everybody counts at first sight.
        closing(open_face_pipeline(parameters, _say, sure_score=parameters.score_threshold)) as faces,
        _opened_hands(GestureParameters(max_hands=_ALL_HANDS, motions=False)) as hands,
        _opened_log(job) as log,
    ):
        pictures = read_ahead(read_pictures(source.files, job.complain), _AHEAD, lambda read: read[1].nbytes)
        perceivers = Perceivers(faces.pipeline, hands)
        with closing(_finished(annotated_pictures(pictures, perceivers), len(source.files), job)) as finished:
            for each in finished:
                write_picture(in_folder(job.output / each.name if into_folder else job.output), each.picture)
                log.write(each.found, each.name)
    if job.complaints:
        _say(f"{job.complaints} of {_counted(len(source.files), 'picture')} could not be read")


def _with_people(parameters: FaceParameters) -> FaceParameters:
    """The parameters, without identity where the user has no gallery: looking at pictures makes no file of people."""
    return parameters if parameters.gallery_path.exists() else replace(parameters, identity="")


@contextmanager
def _opened_hands(parameters: GestureParameters) -> Iterator[HandPipeline]:
    """What finds hands; where the user has taught no gestures, no file is made for them."""
    with closing(open_hand_pipeline(parameters, _say, taught=parameters.gestures_path.exists())) as assembly:
        yield assembly.pipeline


def _finished(work: Iterator[Annotated], wanted: float, job: _Job) -> Generator[Annotated, None, None]:
    """What is worked on, one after the other, until it is to end; shows how far it is where there is a terminal."""
    console = Console()
    began = time.perf_counter()
    with (
        closing(read_ahead(work, _AHEAD, lambda each: each.picture.nbytes)) as ready,
        Progress(console=console, disable=not console.is_terminal, transient=True) as progress,
    ):
        task = progress.add_task("annotating", total=wanted if math.isfinite(wanted) else None)
        for each in ready:
            if job.interruption.asked:
                return
            yield each
            job.done += 1
            job.faces += len(each.found.faces or [])
            job.hands += len(each.found.hands or [])
            job.seconds = time.perf_counter() - began
            progress.advance(task)


def _until(frames: Iterator[RgbdFrame], duration: float | None) -> Iterator[RgbdFrame]:
    """The frames of the first seconds, or all."""
    if duration is None:
        return frames
    first = next(frames, None)
    if first is None:
        return frames
    end_ns = first.stamp_ns + math.ceil(duration * 1e9)
    return itertools.takewhile(lambda frame: frame.stamp_ns < end_ns, itertools.chain([first], frames))


@contextmanager
def _opened_log(job: _Job) -> Iterator[FrameLog]:
    """The log; an error of writing it names it."""
    try:
        with opened_log(job.log) as log:
            yield FrameLog(log, landmarks=job.log_landmarks)
    except (VideoError, OutputError):
        raise
    except OSError as error:
        raise AnnotateError(f"{job.log}: the log cannot be written: {error.strerror}") from error


def _print_result(job: _Job, unit: str) -> None:
    counts = f"{_counted(job.done, unit)}, {_counted(job.faces, 'face')}, {_counted(job.hands, 'hand')}"
    print(f"{counts}, {job.done / job.seconds:.1f} {unit}s per second: {job.output} and {job.log}")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _say(text: str) -> None:
    print(f"perception: {text}", file=sys.stderr)

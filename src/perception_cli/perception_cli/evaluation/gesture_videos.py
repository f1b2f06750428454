"""Which gestures are told of videos, and how often one where there is none.

The whole pipeline of the node runs, with tracks, motions and events: what begins counts, not what a single image shows.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gesture_perception.gesture_events import EventKind
from gesture_perception.gesture_names import MOTIONS, POSES
from gesture_perception.hand import NO_GESTURE
from gesture_perception.parameters import GestureParameters
from gesture_perception.pipeline import HandPipeline
from perception_cli.evaluation.gesture_classes import Meaning, class_map, listed
from perception_cli.evaluation.gesture_hands import answerable, opened
from perception_cli.evaluation.gesture_map_file import short
from perception_cli.evaluation.pictures import DataError, drawn, files_with, require_folder
from perception_cli.evaluation.report import Report, Setting, counted, milliseconds, share
from perception_cli.evaluation.work import Networks, ProcessorTime, Work
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import PICTURE_SUFFIXES
from perception_core.sources.video import VideoSource
from perception_core.stages import StageTimes

LAYOUT = "videos"
_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".gif", ".ogv")
_NOTHING = Meaning(NO_GESTURE)


@dataclass(frozen=True, slots=True)
class Video:
    """A video and the folder of its class; empty where it lies in none."""

    path: Path
    name: str
    label: str


@dataclass(slots=True)
class Watched:
    """What was told of the videos of a class.

    Attributes:
        gesture: Of the class.
        videos: How many there were.
        seen_in: In how many of them the gesture began.
        seconds: How long they are together.
        events: How often each gesture began.
    """

    gesture: str
    videos: int = 0
    seen_in: int = 0
    seconds: float = 0.0
    events: Counter[str] = field(default_factory=Counter)

    @property
    def others(self) -> int:
        """How many gestures began that are not the one of the class."""
        return self.events.total() - (0 if self.gesture == NO_GESTURE else self.events[self.gesture])

    @property
    def others_per_minute(self) -> float:
        """NaN where there is nothing to see."""
        return self.others / self.seconds * 60 if self.seconds else math.nan


def is_there(data: Path) -> bool:
    """Whether this is a video, or a folder with videos and no pictures.

    Raises:
        DataError: The folder cannot be read.
    """
    if data.is_file():
        return data.suffix.lower() in _SUFFIXES
    return bool(files_with(require_folder(data), _SUFFIXES)) and not files_with(data, PICTURE_SUFFIXES)


def evaluate(options: argparse.Namespace, work: Work) -> Report:
    """Runs the pipeline over every video from its beginning.

    Raises:
        DataError: There are no videos, or the label map is wrong.
        ZooError: A network is not ready.
        EngineError: A network cannot be run, or is of another kind.
    """
    if options.split is not None:
        raise DataError(f"{options.data}: videos have no parts such as train and test; leave --split out")
    known = (*answerable(options.model), *MOTIONS)
    videos, skipped = _understood(_videos(options.data), options.map, known)
    work.unit = "video"
    watched: dict[str, Watched] = {}
    single: list[dict[str, Any]] = []
    time = ProcessorTime()
    parameters = GestureParameters(gesture_classifier=options.model)
    with Networks() as networks, opened(parameters, networks) as assembly:
        for video, meaning in drawn(videos, options.limit):
            if work.interruption.asked:
                work.partial = True
                break
            try:
                seconds, events = _watch(assembly.pipeline, video, meaning, time, work)
            except SourceError as error:
                work.unreadable.append(str(error))
                continue
            work.read += 1
            total = watched.setdefault(meaning.gesture, Watched(meaning.gesture))
            total.videos += 1
            total.seen_in += events[meaning.gesture] > 0
            total.seconds += seconds
            total.events += events
            single.append({"video": video.name, "class": meaning.gesture, "seconds": seconds, "events": dict(events)})
        setting = Setting("gestures", options, LAYOUT, None, networks, options.model, work)
        return _report(setting, watched, single, skipped, time)


def _watch(
    pipeline: HandPipeline, video: Video, meaning: Meaning, time: ProcessorTime, work: Work
) -> tuple[float, Counter[str]]:
    """Length of a video in seconds, or of what was seen of it, and how often each gesture began."""
    source = VideoSource(video.path)
    pipeline.reset()
    events: Counter[str] = Counter()
    times, frames = StageTimes(), 0
    for frame in source.frames():
        if work.interruption.asked:
            work.partial = True
            break
        with time.of():
            told = pipeline(frame, times).events
        events.update(meaning.judged(each.gesture.label) for each in told if each.kind is EventKind.STARTED)
        frames += 1
    return frames / (source.rate_hz or math.nan), events


def _videos(data: Path) -> list[Video]:
    if data.is_file():
        return [Video(data, data.name, "")]
    found = [Video(path, str(path.relative_to(data)), _class_of(path, data)) for path in files_with(data, _SUFFIXES)]
    if not found:
        raise DataError(f"{data}: no video is in this folder or below it; accepted are {', '.join(_SUFFIXES)}")
    return found


def _class_of(path: Path, data: Path) -> str:
    return path.parent.name if path.parent != data else ""


def _understood(
    videos: list[Video], file: Path | None, gestures: Sequence[str]
) -> tuple[list[tuple[Video, Meaning]], Counter[str]]:
    """The videos of which it is known what they show, and how many there are of the others.

    Those that lie in no folder of a class show nothing; so do all where nobody knows a single class.
    """
    labels = {video.label for video in videos} - {""}
    means = class_map(file, labels, gestures)
    meanings = {label: means(label) for label in labels} | {"": _NOTHING}
    if file is None and not any(meanings[label] for label in labels):
        meanings = dict.fromkeys(meanings, _NOTHING)
    skipped: Counter[str] = Counter(video.label for video in videos if meanings[video.label] is None)
    known = [(video, meaning) for video in videos if (meaning := meanings[video.label]) is not None]
    if not known:
        raise means.nothing_left(labels)
    return known, skipped


def _report(
    setting: Setting,
    watched: dict[str, Watched],
    single: list[dict[str, Any]],
    skipped: Counter[str],
    time: ProcessorTime,
) -> Report:
    usual = POSES + MOTIONS
    order = [*(name for name in usual if name in watched), *sorted(watched.keys() - set(usual))]
    nothing = watched.get(NO_GESTURE)
    gestures = [watched[name] for name in order if name != NO_GESTURE]
    recall = {each.gesture: each.seen_in / each.videos for each in gestures}
    result = setting.described() | {
        "map": str(setting.options.map) if setting.options.map else None,
        "recall": recall,
        "mean_recall": sum(recall.values()) / len(recall) if recall else math.nan,
        "false_events": nothing.others if nothing else None,
        "false_events_per_minute": nothing.others_per_minute if nothing else math.nan,
        "classes": {name: _as_json(watched[name]) for name in order},
        "videos": single,
        "counts": {
            "videos": len(single),
            "unreadable": len(setting.work.unreadable),
            "skipped": dict(skipped),
        },
        "cpu_ms_per_frame": time.mean_ms,
    }
    lines = setting.lines()
    if skipped:
        words = listed(f"{short(name)} ({counted(count, 'video')})" for name, count in sorted(skipped.items()))
        lines.append(f"left out: {words}; --map says what they are")
    if nothing:
        lines.append(
            f"where there is none: {counted(nothing.others, 'event')} in {nothing.seconds / 60:.2f} minutes, "
            f"{share(nothing.others_per_minute)} per minute"
        )
    lines.append(f"processor time: {milliseconds(time.mean_ms)} per frame")
    header = ("class", "videos", "minutes", "seen in", "others begun", "others per minute", "which")
    return Report(result, header, [_row(watched[name]) for name in order], lines)


def _as_json(each: Watched) -> dict[str, Any]:
    return {
        "videos": each.videos,
        "seen_in": each.seen_in,
        "minutes": each.seconds / 60,
        "events": dict(each.events),
        "others": each.others,
        "others_per_minute": each.others_per_minute,
    }


def _row(each: Watched) -> tuple[str, ...]:
    seen = "-" if each.gesture == NO_GESTURE else f"{each.seen_in} of {each.videos}"
    others = [f"{name} ({count})" for name, count in each.events.most_common() if name != each.gesture]
    return (
        each.gesture,
        str(each.videos),
        f"{each.seconds / 60:.2f}",
        seen,
        str(each.others),
        share(each.others_per_minute),
        ", ".join(others) or "-",
    )

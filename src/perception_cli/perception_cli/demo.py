"""`./perception demo`: a camera, the nodes for faces and hands, and a view of what they see, as a real ROS graph."""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live

from perception_cli.arguments import output_path, seconds
from perception_cli.demo_pictures import Show
from perception_cli.frame_log import FrameLog
from perception_cli.graph import Behaviour, Graph, GraphError
from perception_cli.outputs import OutputError, in_folder, keep_apart, opened_log
from perception_cli.processes import Interruption, ignore_further_signals
from perception_cli.video import VideoError, VideoWriter
from perception_cli.view import live_view, stage_table
from perception_cli.viewer import NODES, Viewer
from perception_cli.window import Window, WindowError
from perception_core.frame import ColourImage
from perception_core.sources.source import names_scene
from perception_ros.lifecycle_client import LifecycleError
from person_perception.behaviours.parameters import FollowParameters

_REFRESH_S = 0.2
_LAST_FRAMES = 60  # rate and latency of the live view are those of the last two seconds
_INTERRUPTED = 130
_FOLLOWED = "scene:beckon"
_NARROWEST = 20  # columns that the live view needs


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("demo", help="show faces and hands with their distances on a live ROS graph")
    parser.add_argument(
        "--source",
        help="demo (a virtual RGB-D camera; the default), a video file, a folder of pictures, a recording, a camera "
        "number, csi, realsense",
    )
    parser.add_argument(
        "--behaviour",
        choices=["follow_person"],
        help="have a simulated robot with the camera on it drive through a virtual scene (default scene:beckon), and "
        "draw its way from above into a picture beside the video",
    )
    parser.add_argument("--duration", type=seconds, metavar="SECONDS", help="end so long after the first frame")
    parser.add_argument("--output", type=output_path, metavar="FILE", help="the video (default output/demo-<time>.mp4)")
    parser.add_argument("--log", type=output_path, metavar="FILE", help="write one line of JSON per frame")
    parser.add_argument("--log-landmarks", action="store_true", help="log landmarks and blendshapes, too")
    parser.add_argument("--window", action="store_true", help="show the video live where there is a display")
    parser.add_argument("--headless", action="store_true", help="no live view; print the result at the end")
    parser.add_argument(
        "--every-frame",
        action="store_true",
        help="wait until each frame has been worked on instead of keeping to the source's rate, and keep its stamps",
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Runs the demo until its end, its time, or Ctrl-C."""
    faulthandler.enable()
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # silent: what is wrong with a video is said here
    interruption = Interruption()
    console = Console()
    video: VideoWriter | None = None
    try:
        output = options.output or _default_output()
        if options.log_landmarks and not options.log:
            raise OutputError("landmarks are written into the log: name its file with --log FILE")
        behaviour = _follow_person(output) if options.behaviour else None
        source = options.source or (_FOLLOWED if behaviour else "demo")
        if behaviour is not None and options.every_frame:
            raise OutputError("a robot drives in real time: leave out --every-frame")
        if behaviour is not None and not names_scene(source):
            raise OutputError(f"{source}: a robot drives in the virtual scenes only, such as {_FOLLOWED}")
        outputs = [output, options.log, behaviour.picture if behaviour else None]
        keep_apart(source, [path for path in outputs if path is not None])
        with contextlib.ExitStack() as resources:
            log = None
            if options.log:
                log = FrameLog(resources.enter_context(opened_log(options.log)), landmarks=options.log_landmarks)
            video = VideoWriter(in_folder(output))
            resources.callback(video.close)
            graph = resources.enter_context(
                Graph(source, log, interruption, every_frame=options.every_frame, behaviour=behaviour)
            )
            window = _window(options, console)
            if window is not None:
                resources.callback(window.close)
            console.print("starting: camera, face node and gesture node ...")
            graph.bring_up(lambda: graph.viewer.show_pictures(_shown_by(video, window, wait=options.every_frame)))
            _watch(graph, options, console)
            ignore_further_signals()
            graph.wind_down()
            warnings = graph.camera_warnings()
        _print_result(console, graph.viewer, video)
        if behaviour is not None and behaviour.picture.exists():
            console.print(f"the robot's way from above: {behaviour.picture}", soft_wrap=True)
        for warning in warnings:
            console.print(f"camera: {warning}", soft_wrap=True, markup=False, highlight=False)
    except (GraphError, LifecycleError, OSError) as error:
        print(f"perception: {error}", file=sys.stderr)
        if video is not None and video.pictures and not isinstance(error, VideoError):
            print(f"video until then: {video.path}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _follow_person(video: Path) -> Behaviour:
    picture = video.with_name(f"{video.stem}-path.png")
    module = "person_perception.behaviours.follow_person"
    return Behaviour("follow_person", module, FollowParameters().distance_m, picture)


def _watch(graph: Graph, options: argparse.Namespace, console: Console) -> None:
    """Spins until the time is over, the source has ended or the window is closed."""
    duration_s = options.duration or float("inf")
    live = console.is_terminal and not options.headless and console.width >= _NARROWEST
    with Live(console=console, auto_refresh=False, transient=True) if live else contextlib.nullcontext() as view:
        refresh_at = 0.0
        while graph.spin_once() and not graph.viewer.closed and graph.viewer.seen_for_s() < duration_s:
            if view is not None and (now := time.monotonic()) >= refresh_at:
                refresh_at = now + _REFRESH_S
                viewer = graph.viewer
                seen, figures = viewer.newest, viewer.figures(_LAST_FRAMES)
                view.update(live_view(seen.faces or [], seen.hands or [], figures, viewer.notices), refresh=True)


def _window(options: argparse.Namespace, console: Console) -> Window | None:
    if not options.window or options.headless:
        return None
    try:
        return Window("perception demo")
    except WindowError as error:
        console.print(f"no window: {error}; going on without")
        return None


def _shown_by(video: VideoWriter, window: Window | None, *, wait: bool) -> Show:
    """Gives each picture to the video, waiting for it or not, and the window; False when that has been closed."""

    def show(picture: ColourImage, stamp_ns: int) -> bool:
        video.write(picture, stamp_ns, wait=wait)
        return window is None or window.show(picture)

    return show


def _print_result(console: Console, viewer: Viewer, video: VideoWriter) -> None:
    console.print(viewer.figures().line(), soft_wrap=True)
    for name in NODES:
        console.print(stage_table(viewer.diagnostics.get(name, {}), name))
    left_out = f", {video.left_out} left out" if video.left_out else ""
    if video.pictures:
        console.print(f"video: {video.path} ({video.pictures} pictures{left_out})", soft_wrap=True)
    else:
        console.print("no video: no image arrived of what was seen")


def _default_output() -> Path:
    return Path("output") / f"demo-{datetime.now():%Y%m%d-%H%M%S}.mp4"

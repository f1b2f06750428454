"""What is wrong with how a camera's images arrive, in words, with the remedy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from perception_ros.notices import Notices
from perception_ros.rgbd_subscriber import RgbdSubscriber

_SILENCE_S = 2.0
_LOSS_OVER_S = 10.0  # so long without a loss, and it is over
_FUTURE_S = 0.1  # a simulated clock may tick some hundredths of a second behind the images
_PAST_S = 5.0
_PATIENCE_S = 1.0  # the last image before simulated time has jumped back is judged by the time after it
_PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
_NO_LATENCY = "Latencies mean nothing until then."


class CameraWatch:
    """Looks at a subscriber now and then and says what it sees."""

    def __init__(
        self,
        camera: RgbdSubscriber,
        notices: Notices,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._camera = camera
        self._notices = notices
        self._clock = clock
        self._has_profile = any(environ.get(name) for name in _PROFILE_VARIABLES)
        self._lost = self._dropped = 0
        self._last_loss = -_LOSS_OVER_S

    def look(self, dropped: int) -> list[str]:
        """What is wrong now and is no matter for the log.

        Args:
            dropped: How many frames gave way to a newer one in this node so far.
        """
        self._look_for_loss(dropped)
        complaints = self._camera.complaints()
        silent_s = self._camera.silent_s()
        if silent_s > _SILENCE_S and self._camera.colour_is_published():
            complaints.append(f"no colour image for {silent_s:.0f} s although somebody publishes them")
        return complaints

    def _look_for_loss(self, dropped: int) -> None:
        lost, now = self._camera.lost_colour + self._camera.lost_depth, self._clock()
        if lost > self._lost:
            self._last_loss = now
            kept_up = dropped - self._dropped < lost - self._lost
            self._notices.begins("loss", self._remedy(overloaded=self._has_profile and not kept_up))
        elif now - self._last_loss >= _LOSS_OVER_S:
            self._notices.ends("loss")
        self._lost, self._dropped = lost, dropped

    def _remedy(self, *, overloaded: bool) -> str:
        if overloaded:
            return (
                "images come faster than they can be worked on, and some are lost before they are taken in. Lower the "
                "camera's rate or resolution, or detection_width."
            )
        text = "images are lost between the camera and this node: they do not fit into the middleware's own memory. "
        where = "the camera's process" if self._has_profile else "the camera's process and in this one"
        text += f"Set FASTRTPS_DEFAULT_PROFILES_FILE to the path of config/fastdds_shm.xml in {where}"
        return f"{text}." if self._camera.reliable else f"{text}, or have the camera publish reliably."


def check_clock(notices: Notices, stamp_ns: int, now_ns: int) -> None:
    """Says so if the stamp of an image cannot be right.

    Args:
        notices: Where to say it.
        stamp_ns: Of an image that has just been worked on; 0 if the camera sets none.
        now_ns: By the node's clock; 0 if it is a simulated one that has not begun.
    """
    late_s = (now_ns - stamp_ns) / 1e9
    if 0 in (now_ns, stamp_ns) or -_FUTURE_S <= late_s <= _PAST_S:
        notices.ends("clock")
    elif late_s < 0:
        notices.begins(
            "clock",
            "the stamps of the images lie in the future: the camera's clock is not that of this machine. Synchronise "
            f"them. {_NO_LATENCY}",
            _PATIENCE_S,
        )
    else:
        notices.begins(
            "clock",
            f"the stamps of the images lie more than {_PAST_S:.0f} s in the past. If a recording is played, start this "
            f"node with use_sim_time:=true and the player with its clock; else synchronise the camera's clock. "
            f"{_NO_LATENCY}",
            _PATIENCE_S,
        )

"""The hands in a picture and what they show, as the node's pipeline sees them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import cv2
import numpy as np

from gesture_perception.assembly import HandAssembly, open_hand_pipeline
from gesture_perception.gesture_names import GEOMETRIC
from gesture_perception.hand import NO_GESTURE
from gesture_perception.parameters import GestureParameters
from gesture_perception.pipeline import HandPipeline
from gesture_perception.user_classifier import published_labels
from perception_cli.evaluation.work import Networks
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.geometry import Box
from perception_core.stages import StageTimes
from perception_core.wording import printable
from perception_core.zoo.manifest import load_models, named

_LEAST_OVERLAP = 0.2  # intersection over union from which on a hand is the one that a list means
_CROWD = 32  # hands that are followed: a picture may show more than a robot has to listen to
_LOOKS = (
    2  # at each picture: a weak hand counts when it is seen again, and the second look follows the first's landmarks
)
_BETWEEN_NS = 33_000_000
_BORDER = 0.5  # of a crop's longer side, on each side: nobody finds a hand that fills the picture


@dataclass(frozen=True, slots=True)
class SeenHand:
    """A hand that was found.

    Attributes:
        box: Around its points, pixels.
        gesture: What it shows; None where the network gave no numbers.
    """

    box: Box
    gesture: str | None


class HandReader:
    """Finds the hands in single pictures and reads their gestures.

    Attributes:
        times: Of the pipeline's stages, for each look at a picture.
    """

    def __init__(self, pipeline: HandPipeline, *, bordered: bool = False) -> None:
        """Prepares.

        Args:
            pipeline: The node's.
            bordered: The pictures are crops of hands, and get a border about them that continues them.
        """
        self._pipeline, self._bordered = pipeline, bordered
        self._hands = 0
        self.times = StageTimes()

    def __call__(self, colour: ColourImage) -> list[SeenHand]:
        """The hands in a picture, largest first."""
        border = round(_BORDER * max(colour.shape[:2])) if self._bordered else 0
        shown = cv2.copyMakeBorder(colour, border, border, border, border, cv2.BORDER_REPLICATE)
        found: dict[int, SeenHand] = {}
        self._pipeline.reset()
        for look in range(_LOOKS):
            frame = RgbdFrame(look * _BETWEEN_NS, "picture", np.asarray(shown, np.uint8))
            for hand in self._pipeline(frame, self.times).hands:
                if hand.landmarks is not None:
                    self._hands += 1
                    box = replace(hand.box, x=hand.box.x - border, y=hand.box.y - border)
                    found[hand.track_id] = SeenHand(box, hand.gesture.label or None)
        return sorted(found.values(), key=lambda hand: -hand.box.area)

    @property
    def finding_ms(self) -> float | None:
        """Processor time of looking for hands, per look at a picture; None before the first."""
        stage = self.times.stages().get("hands")
        return stage.cpu_ms.mean if stage is not None else None

    @property
    def reading_ms(self) -> float | None:
        """Processor time of reading a hand; None before the first."""
        stage = self.times.stages().get("gestures")
        return stage.cpu_ms.mean * stage.cpu_ms.count / self._hands if stage is not None and self._hands else None


@contextmanager
def opened(parameters: GestureParameters, networks: Networks) -> Iterator[HandAssembly]:
    """The node's pipeline, without the gestures that somebody taught it.

    Args:
        parameters: The node's.
        networks: Told of what is used.

    Raises:
        ZooError: A network is not ready.
        EngineError: It cannot be run, or is another kind of network.
    """
    models = load_models()
    names = (
        parameters.gesture_classifier,
        parameters.gesture_embedder,
        parameters.palm_model,
        parameters.hand_model,
        parameters.light_hand_model,
    )
    networks.used += [named(models, name) for name in dict.fromkeys(filter(None, names))]
    assembly = open_hand_pipeline(parameters, lambda text: print(printable(text), file=sys.stderr), taught=False)
    try:
        yield assembly
    finally:
        assembly.close()


def for_pictures(model: str) -> GestureParameters:
    """The node's parameters, for pictures of any number of hands."""
    return GestureParameters(gesture_classifier=model, max_hands=_CROWD, motions=False, pointing=False)


def answerable(model: str) -> tuple[str, ...]:
    """The poses that can be told where this network reads them: its own, and those of geometry.

    Raises:
        UnknownNameError: No model is called so.
        EngineError: It is another kind of network.
    """
    labels = published_labels(named(load_models(), model))
    return tuple(dict.fromkeys((NO_GESTURE, *labels, *GEOMETRIC)))


def main_hand(hands: Sequence[SeenHand]) -> SeenHand | None:
    """The hand that a picture is about: the largest; None where there is none."""
    return max(hands, key=lambda hand: hand.box.area, default=None)


def hands_in_boxes(hands: Sequence[SeenHand], boxes: Sequence[Box]) -> list[SeenHand | None]:
    """Which hand is in which box; None where there is none.

    Hands and boxes are paired from the largest overlap down, each once. People draw boxes with more or less of the
    wrist, the points end at it: half an overlap would be too much to ask.
    """
    pairs = sorted(
        (
            (hand.box.overlap(box), place, number)
            for place, box in enumerate(boxes)
            for number, hand in enumerate(hands)
        ),
        key=lambda pair: (-pair[0], pair[1:]),
    )
    chosen: dict[int, int] = {}
    for overlap, place, number in pairs:
        if overlap >= _LEAST_OVERLAP and place not in chosen and number not in chosen.values():
            chosen[place] = number
    return [hands[chosen[place]] if place in chosen else None for place in range(len(boxes))]

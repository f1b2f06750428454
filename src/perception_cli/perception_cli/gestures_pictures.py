"""From a picture file to the one hand in it."""

from __future__ import annotations

from pathlib import Path

from gesture_perception.gesture_reading import GestureReader
from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_crop import box_of_hand
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_palm
from gesture_perception.palms import PalmDetector
from gesture_perception.parameters import GestureParameters
from gesture_perception.pose_gathering import PoseView
from perception_core.frame import ColourImage
from perception_core.geometry import Box
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import limited, read_picture

_MARGINS = (0.0, 1.0, 0.25)  # of the picture's sides; a hand that fills the picture is too large for the detector
_SAME_HAND = 0.5  # overlap of the boxes of two that are one
_PRESENCE = GestureParameters().hand_presence


class PictureRefusedError(ValueError):
    """A picture that shows no gesture that could be taught; the text says why."""


class HandPictures:
    """Finds the hand in pictures of one gesture."""

    def __init__(self, palms: PalmDetector, hands: HandNetwork, read: GestureReader) -> None:
        """Prepares.

        Args:
            palms: Finds palms.
            hands: Finds the points of hands.
            read: Tells which of the built-in gestures a hand shows.
        """
        self._palms, self._hands, self._read = palms, hands, read

    def __call__(self, path: Path) -> PoseView:
        """The hand in a picture.

        Raises:
            PictureRefusedError: It cannot be read, or shows no hand or several.
        """
        try:
            colour = limited(read_picture(path))
        except SourceError as error:
            raise PictureRefusedError(str(error).removeprefix(f"{path}: ")) from error
        hand = self._only_hand(colour)
        (reading,) = self._read(colour, [hand])
        return PoseView(hand, reading.embedding, reading.gesture)

    def _only_hand(self, colour: ColourImage) -> HandLandmarks:
        height, width = colour.shape[:2]
        for margin in _MARGINS:
            around = Box(-margin * width, -margin * height, (1 + 2 * margin) * width, (1 + 2 * margin) * height)
            hands = self._in(colour, around if margin else None)
            if len(hands) > 1:
                raise PictureRefusedError(f"there are {len(hands)} hands in it: crop it to one")
            if hands:
                return hands[0]
        raise PictureRefusedError("no hand was found in it")

    def _in(self, colour: ColourImage, within: Box | None) -> list[HandLandmarks]:
        """The hands in a part of a picture, each once."""
        regions = [region for palm in self._palms(colour, within) if (region := region_of_palm(palm)) is not None]
        found: list[tuple[Box, HandLandmarks]] = []
        for hand in self._hands(colour, regions):
            if hand.presence >= _PRESENCE:
                box = box_of_hand(hand)
                if all(box.overlap(other) < _SAME_HAND for other, _ in found):
                    found.append((box, hand))
        return [hand for _, hand in found]

import math

import pytest

from perception_core.depth import Position3D, PositionSource
from perception_core.wording import distance_words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (PositionSource.DEPTH, "1.25 m"),
        (PositionSource.SIZE_PRIOR, "~1.25 m"),
        (PositionSource.PREDICTED, "~1.25 m"),
        (PositionSource.NONE, ""),
    ],
)
def test_what_is_measured_is_told_from_what_is_estimated(source, words):
    xyz = (math.nan,) * 3 if source is PositionSource.NONE else (0.1, -0.2, 1.25)
    assert distance_words(Position3D(xyz, 0.01, 0.9, source)) == words

"""Valence and arousal of a face, from how probable each expression is.

Every expression has a place in the plane of pleasure and arousal: the mean ratings of the word for it in J. Russell,
A. Mehrabian, "Evidence for a three-factor theory of emotions", Journal of Research in Personality 11(3), 1977. It is
the plane of Russell's circumplex model (Journal of Personality and Social Psychology 39(6), 1980). Neutral is the
origin. Contempt is the middle between anger and disgust, of which R. Plutchik makes it in "Emotion: A
Psychoevolutionary Synthesis", 1980.

A face's valence and arousal are the mean of these places, weighted with the probabilities. What a network is unsure of
thus pulls towards the middle, and no face reaches further than its most extreme word: valence stays within -0.64 and
0.81, arousal within -0.27 and 0.67. They say which feeling the face shows, not how strongly a person feels it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from face_perception.expression_labels import meaning

_ANGER, _DISGUST = (-0.51, 0.59), (-0.60, 0.35)
_PLACES = {
    "neutral": (0.0, 0.0),
    "happy": (0.81, 0.51),
    "sad": (-0.63, -0.27),
    "angry": _ANGER,
    "fearful": (-0.64, 0.60),
    "disgusted": _DISGUST,
    "surprised": (0.40, 0.67),
    "contemptuous": ((_ANGER[0] + _DISGUST[0]) / 2, (_ANGER[1] + _DISGUST[1]) / 2),
}


def affect(classes: Sequence[str], scores: ArrayLike) -> tuple[float, float]:
    """Valence (unpleasant -1, pleasant 1) and arousal (calm -1, excited 1).

    Args:
        classes: Names of expressions, in any of the ways that `meaning` understands.
        scores: Probability of each, summing to 1.

    Returns:
        NaN for both where a score is not finite, or a class has no place: one of a user's model, such as "pain".
    """
    places = [_PLACES.get(meaning(name) or "") for name in classes]
    weights = np.asarray(scores, np.float64)
    known = [place for place in places if place is not None]
    if len(known) < len(places) or not known or not np.isfinite(weights).all():
        return math.nan, math.nan
    valence, arousal = weights @ np.array(known)
    return float(valence), float(arousal)

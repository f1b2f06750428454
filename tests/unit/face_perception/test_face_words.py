import math

import pytest

from face_perception.expression_evidence import UNKNOWN, Expression, ExpressionState
from face_perception.expression_labels import FER7
from face_perception.face_words import distance_words, expression_words, name_words
from face_perception.identity import NOT_EXAMINED, Identity, IdentityState
from perception_core.depth import Position3D, PositionSource

SCORES = (0.05, 0.9, 0.01, 0.01, 0.01, 0.01, 0.01)


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (NOT_EXAMINED, ""),
        (Identity(IdentityState.UNKNOWN), "unknown"),
        (Identity(IdentityState.UNKNOWN, "stranger-3"), "stranger-3"),
        (Identity(IdentityState.TENTATIVE, "1f", "Ada", 0.5), "Ada?"),
        (Identity(IdentityState.CONFIRMED, "1f", "Ada", 0.6), "Ada"),
    ],
)
def test_a_name_says_how_sure_it_is(identity, words):
    assert name_words(identity) == words


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


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (UNKNOWN, ""),
        (Expression(ExpressionState.UNCERTAIN, "FER7", "", FER7.classes, SCORES, 0.7, 0.4), "uncertain"),
        (Expression(ExpressionState.STABLE, "FER7", "happy", FER7.classes, SCORES, 0.7, 0.4), "happy 0.90"),
    ],
)
def test_an_expression_is_named_where_one_leads(expression, words):
    assert expression_words(expression) == words

import pytest

from face_perception.expression_evidence import UNKNOWN, Expression, ExpressionState
from face_perception.expression_labels import FER7
from face_perception.face_words import expression_words, name_words
from face_perception.identity import NOT_EXAMINED, Identity, IdentityState

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
    ("expression", "words"),
    [
        (UNKNOWN, ""),
        (Expression(ExpressionState.UNCERTAIN, "FER7", "", FER7.classes, SCORES, 0.7, 0.4), "uncertain"),
        (Expression(ExpressionState.STABLE, "FER7", "happy", FER7.classes, SCORES, 0.7, 0.4), "happy 0.90"),
    ],
)
def test_an_expression_is_named_where_one_leads(expression, words):
    assert expression_words(expression) == words

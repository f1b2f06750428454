"""What is said of a face, in few words: in the picture and in the terminal."""

from __future__ import annotations

from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.identity import Identity, IdentityState


def name_words(identity: Identity) -> str:
    """The name; a question mark follows one that is not sure, and who is not enrolled has a stranger's id.

    Returns:
        Empty where nobody has looked.
    """
    if identity.state is IdentityState.CONFIRMED:
        return identity.name
    if identity.state is IdentityState.TENTATIVE:
        return f"{identity.name}?"
    if identity.state is IdentityState.UNKNOWN:
        return identity.person_id or "unknown"
    return ""


def expression_words(expression: Expression) -> str:
    """The expression and its score; empty where nothing is known, and "uncertain" where no class leads."""
    if expression.state is ExpressionState.UNKNOWN:
        return ""
    if expression.state is ExpressionState.UNCERTAIN:
        return "uncertain"
    return f"{expression.label} {expression.scores[expression.classes.index(expression.label)]:.2f}"

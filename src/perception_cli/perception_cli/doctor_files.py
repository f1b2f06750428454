"""The facts of what lies on disk: the params file, the models that it wants, and plans."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from face_perception.blendshapes import MODEL as BLENDSHAPES
from face_perception.canonical_face import MODEL as CANONICAL_FACE
from face_perception.parameters import FaceParameters
from gesture_perception.parameters import GestureParameters
from perception_core.diagnosis.params_file import ParamsFacts, values_for
from perception_core.diagnosis.weights import Weight, WeightFacts
from perception_core.paths import ShareError, models_dir
from perception_core.zoo.errors import ManifestError, ModelError, UnknownNameError, ZooError
from perception_core.zoo.manifest import load_models, named
from perception_core.zoo.spec import ModelSpec
from perception_core.zoo.store import check_model
from perception_core.zoo.yaml_entry import read_yaml
from person_perception.behaviours.parameters import (
    ActionParameters,
    FollowParameters,
    GateParameters,
    GreeterParameters,
)
from person_perception.parameters import PersonParameters

PARAMETERS: Mapping[str, type[Any]] = {
    "face_perception": FaceParameters,
    "gesture_perception": GestureParameters,
    "person_perception": PersonParameters,
    "follow_person": FollowParameters,
    "gesture_actions": ActionParameters,
    "greeter": GreeterParameters,
    "stop_on_palm": GateParameters,
}
_PLANS = "perception_core.engines.plan_cache"
_OF_MODELS = {"detector", "expression", "expression_second", "identity", "gesture_classifier"}  # and *_model


def params_facts(path: Path) -> ParamsFacts:
    """A params file."""
    try:
        return ParamsFacts(str(path), "", read_yaml(path).content, PARAMETERS)
    except ManifestError as error:
        return ParamsFacts(str(path), str(error), {}, PARAMETERS)


def settings(content: Mapping[str, Any]) -> list[Any]:
    """The parameters of the nodes that run networks, as a params file has them."""
    nodes = ("face_perception", "gesture_perception")
    return [values_for(content, node, PARAMETERS[node]) for node in nodes]


def weight_facts(nodes: list[Any]) -> WeightFacts:
    """The models that the nodes want.

    Args:
        nodes: Their parameters.
    """
    wanted = list(dict.fromkeys(name for values in nodes for name in _models_of(values)))
    try:
        models = load_models()
    except (ZooError, ShareError) as error:
        return WeightFacts(str(models_dir()), str(error), ())
    weights = tuple(_weight(models, name) for name in wanted)
    if "tensorrt" not in [values.engine for values in nodes] or find_spec(_PLANS) is None:
        return WeightFacts(str(models_dir()), "", weights)
    return _with_plans(WeightFacts(str(models_dir()), "", weights))


def _with_plans(facts: WeightFacts) -> WeightFacts:
    from perception_core.engines.plan_cache import PlanCache  # noqa: PLC0415 - only who wants TensorRT needs it

    folder = PlanCache().folder
    present = next(each for each in (folder, *folder.parents) if each.exists())
    problem = "" if os.access(present, os.W_OK | os.X_OK) else f"{present} cannot be written by this user"
    plans = len(list(folder.glob("*.plan"))) if folder.is_dir() else 0
    return dataclasses.replace(facts, plans_folder=str(folder), plans=plans, plans_problem=problem)


def _models_of(values: Any) -> list[str]:
    """Names of models among a node's parameters, and those that others of its parameters bring along."""
    names = [
        str(getattr(values, each.name))
        for each in dataclasses.fields(values)
        if each.name in _OF_MODELS or each.name.endswith("_model")
    ]
    if isinstance(values, FaceParameters):
        names += [CANONICAL_FACE, *([BLENDSHAPES] if values.blendshapes else [])]
    return [name for name in names if name]


def _weight(models: Mapping[str, ModelSpec], name: str) -> Weight:
    try:
        check_model(named(models, name))
    except UnknownNameError as error:
        return Weight(name, str(error), listed=False)
    except ModelError as error:
        return Weight(name, str(error))
    return Weight(name)

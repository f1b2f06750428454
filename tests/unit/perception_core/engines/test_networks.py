from contextlib import ExitStack

import pytest

from perception_core.engines.engine import EngineError
from perception_core.engines.networks import Networks
from perception_core.zoo.errors import ZooError
from perception_core.zoo.files import sha256_of


def test_what_is_opened_is_named_with_its_hash_and_closed_with_the_rest(weights):
    path = weights("face_expression")
    with ExitStack() as opened:
        networks = Networks("onnxruntime", 1, opened)
        engine, spec = networks.described("expression", "face_expression")
        assert networks.engines == {"expression": engine}
        assert networks.models == {"expression": "face_expression", "expression_sha256": sha256_of(path)}
        assert [label for label in spec.labels if label == "happy"]
    with pytest.raises(EngineError, match="closed"):
        engine.run({})


def test_a_model_that_nobody_knows_is_refused():
    with ExitStack() as opened, pytest.raises(ZooError, match="no_such_model"):
        Networks("auto", 1, opened).described("expression", "no_such_model")

"""What is wrong with the environment of a node, looked at briefly when it is activated."""

from __future__ import annotations

import os
from collections.abc import Mapping

from perception_core.diagnosis.environment import check_environment
from perception_core.diagnosis.shared_memory import check_shared_memory
from perception_ros.look_at_environment import environment_facts, shared_memory_facts


def environment_lines(environ: Mapping[str, str] = os.environ) -> list[str]:
    """What would lose images or keep processes apart, in a line each with its remedy; takes some milliseconds.

    Variables, the shared-memory profile and shared memory are looked at. The rest of what `./perception doctor` finds
    takes longer, or is watched by the node itself.
    """
    findings = check_environment(environment_facts(environ), of_node=True)
    memory = shared_memory_facts()
    if memory is not None:
        findings += check_shared_memory(memory)
    return [f"{finding.what}. {finding.why} Remedy: {finding.remedy}" for finding in findings]

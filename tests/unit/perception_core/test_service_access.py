from dataclasses import dataclass

import pytest

from perception_core.parameters import declarations
from perception_core.service_access import ServiceAccess, services_parameter


@dataclass(frozen=True, slots=True)
class Settings:
    services: str = services_parameter("of the test")


@pytest.mark.parametrize(
    ("access", "changing", "telling"), [("all", True, True), ("read", False, True), ("none", False, False)]
)
def test_what_is_answered(access, changing, telling):
    assert ServiceAccess(access).allows(changes=True) is changing
    assert ServiceAccess(access).allows(changes=False) is telling


@pytest.mark.parametrize("mistyped", ["", "ALL", "alll", "read "])
def test_a_typing_error_opens_nothing(mistyped):
    assert ServiceAccess(mistyped) is ServiceAccess.NONE


def test_the_parameter_takes_these_and_only_at_the_start():
    (services,) = declarations(Settings)
    assert set(services.one_of) == {access.value for access in ServiceAccess}
    assert services.default == "all"
    assert services.fixed and not services.live

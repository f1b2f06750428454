import importlib.util

import pytest

from perception_core.sources.error import SourceError
from perception_core.sources.realsense import RealSenseSource


@pytest.mark.skipif(importlib.util.find_spec("pyrealsense2") is not None, reason="pyrealsense2 is installed")
def test_without_its_library_the_realsense_source_says_how_to_install_it():
    with pytest.raises(SourceError, match=r"pyrealsense2, which is not installed.*pip install"):
        RealSenseSource()

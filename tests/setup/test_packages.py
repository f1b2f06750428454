"""What every package of the workspace must have, whatever is in it."""

import ast
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MANIFESTS = sorted((REPOSITORY / "src").glob("*/package.xml"))
PYTHON_PACKAGES = [manifest.parent for manifest in MANIFESTS if (manifest.parent / "setup.py").exists()]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_manifests_agree(manifest):
    package = ElementTree.parse(manifest).getroot()
    assert package.get("format") == "3"
    assert package.findtext("name") == manifest.parent.name
    assert package.findtext("license") == "Apache-2.0"
    assert package.findtext("version") == "0.1.0"
    assert package.findtext("maintainer") == "The perception suite developers"


@pytest.mark.parametrize("package", PYTHON_PACKAGES, ids=lambda path: path.name)
def test_a_python_package_is_named_alike_everywhere(package):
    assert f'NAME = "{package.name}"' in (package / "setup.py").read_text()
    assert f"script_dir = $base/lib/{package.name}\n" in (package / "setup.cfg").read_text()
    for needed in (f"resource/{package.name}", f"{package.name}/__init__.py", f"{package.name}/py.typed"):
        assert (package / needed).exists(), needed


@pytest.mark.parametrize("package", PYTHON_PACKAGES, ids=lambda path: path.name)
def test_every_entry_point_leads_to_a_function(package):
    for module, function in re.findall(r'"\w+ = ([\w.]+):(\w+)"', (package / "setup.py").read_text()):
        tree = ast.parse((package / f"{module.replace('.', '/')}.py").read_text())
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, module


def test_packages_install_the_repositorys_own_files():
    for package, folder in (
        ("face_perception", "launch"),
        ("face_perception", "config"),
        ("perception_core", "models"),
    ):
        assert (REPOSITORY / "src" / package / folder).resolve() == REPOSITORY / folder


def test_a_package_depends_on_no_package_above_it():
    perceivers = {"face_perception", "gesture_perception", "person_perception"}
    above = {
        "perception_msgs": {"perception_core", "perception_ros", *perceivers},
        "perception_core": {"perception_msgs", "perception_ros", *perceivers, "rclpy"},
        "perception_ros": perceivers,
        "face_perception": perceivers - {"face_perception"} | {"perception_cli"},
        "gesture_perception": perceivers - {"gesture_perception"} | {"perception_cli"},
        "person_perception": {"perception_cli"},
    }
    for name, forbidden in above.items():
        root = ElementTree.parse(REPOSITORY / "src" / name / "package.xml").getroot()
        depends = {element.text for element in root if element.tag.endswith("depend")}
        assert not depends & forbidden, name


# The rosdep keys of the libraries; those without one come from requirements/, and a camera's driver is optional.
KEYS = {
    "cv2": "python3-opencv",
    "flatbuffers": "python3-flatbuffers",
    "google": "python3-protobuf",
    "lz4": "python3-lz4",
    "numpy": "python3-numpy",
    "onnxruntime": "python3-onnxruntime-pip",
    "psutil": "python3-psutil",
    "pygame": "python3-pygame",
    "rich": "python3-rich",
    "yaml": "python3-yaml",
}
WITHOUT_KEY = {"lap", "mcap", "onnx", "pyrealsense2", "rosbags", "tflite", "zstandard"}


def imported(package):
    found = set()
    for path in (package / package.name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - WITHOUT_KEY - {package.name}


@pytest.mark.parametrize("package", PYTHON_PACKAGES, ids=lambda path: path.name)
def test_a_manifest_names_everything_that_is_imported(package):
    root = ElementTree.parse(package / "package.xml").getroot()
    depends = {element.text for element in root if element.tag.endswith("depend")}
    assert {KEYS.get(name, name) for name in imported(package)} <= depends

from pathlib import Path

from setuptools import find_packages, setup

NAME = "perception_core"

setup(
    name=NAME,
    version="0.1.0",
    description="Frames, geometry, depth, tracking, engines and the model zoo; no ROS in here.",
    license="Apache-2.0",
    maintainer="The perception suite developers",
    maintainer_email="maintainers@example.com",
    packages=find_packages(),
    package_data={NAME: ["py.typed"]},
    # models is a link to the repository's own: with --symlink-install colcon mirrors data files beneath its build
    # folder, and a path with .. would leave that.
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/models", sorted(map(str, Path("models").glob("*.yaml")))),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
)

from pathlib import Path

from setuptools import find_packages, setup

NAME = "face_perception"


def files(folder):
    return sorted(str(path) for path in Path(folder).iterdir() if path.is_file())


def folders(folder):
    return sorted(str(path) for path in Path(folder).rglob("*") if path.is_dir() and path.name != "__pycache__")


setup(
    name=NAME,
    version="0.1.0",
    description="Who is in front of the robot.",
    license="Apache-2.0",
    maintainer="The perception suite developers",
    maintainer_email="maintainers@example.com",
    packages=find_packages(),
    package_data={NAME: ["py.typed"]},
    # config and launch are links to the repository's own: with --symlink-install colcon mirrors data files beneath
    # its build folder, and a path with .. would leave that.
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        *((f"share/{NAME}/{folder}", files(folder)) for folder in ("config", *folders("config"))),
        (f"share/{NAME}/launch", sorted(map(str, Path("launch").glob("*.launch.py")))),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "face_node = face_perception.node:main",
        ],
    },
)

from setuptools import find_packages, setup

NAME = "gesture_perception"

setup(
    name=NAME,
    version="0.1.0",
    description="What the hands in front of the robot say.",
    license="Apache-2.0",
    maintainer="The perception suite developers",
    maintainer_email="maintainers@example.com",
    packages=find_packages(),
    package_data={NAME: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "gesture_node = gesture_perception.node:main",
        ],
    },
)

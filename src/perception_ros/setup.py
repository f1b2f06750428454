from setuptools import find_packages, setup

NAME = "perception_ros"

setup(
    name=NAME,
    version="0.1.0",
    description="What every perception node shares.",
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
            "bring_up = perception_ros.bring_up:main",
            "container = perception_ros.container:main",
            "replay_node = perception_ros.replay_node:main",
        ],
    },
)

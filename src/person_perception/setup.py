from setuptools import find_packages, setup

NAME = "person_perception"

setup(
    name=NAME,
    version="0.1.0",
    description="Who made which gesture, and robots that react.",
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
            "follow_person = person_perception.behaviours.follow_person:main",
            "gesture_actions = person_perception.behaviours.gesture_actions:main",
            "greeter = person_perception.behaviours.greeter:main",
            "person_node = person_perception.node:main",
            "stop_on_palm = person_perception.behaviours.stop_on_palm:main",
        ],
    },
)

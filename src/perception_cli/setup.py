from setuptools import find_packages, setup

NAME = "perception_cli"

setup(
    name=NAME,
    version="0.1.0",
    description="The ./perception command: set-up, demo, models, tests.",
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
)

"""Hands made of bones, whose fingers are held as a test wants them."""

import numpy as np

from gesture_perception.hand import HandLandmarks

ROOTS = {  # a right hand with its palm to the camera, fingers up: metres right and down of the wrist
    "index": (0.028, -0.092),
    "middle": (0.004, -0.096),
    "ring": (-0.017, -0.09),
    "little": (-0.036, -0.08),
}
LENGTHS = {
    "index": (0.042, 0.024, 0.02),
    "middle": (0.046, 0.028, 0.022),
    "ring": (0.042, 0.027, 0.021),
    "little": (0.032, 0.02, 0.018),
}
SPREAD = {"index": 10, "middle": 0, "ring": -8, "little": -18}  # degrees
THUMB = {
    "out": ((0.03, -0.02), (0.055, -0.042), (0.078, -0.06), (0.098, -0.075)),
    "over": ((0.024, -0.026, -0.012), (0.03, -0.055, -0.026), (0.012, -0.068, -0.036), (-0.008, -0.07, -0.036)),
    "up": ((0.026, -0.03), (0.042, -0.058), (0.058, -0.082), (0.075, -0.108)),
}
NAMES = ("index", "middle", "ring", "little")


def finger(name, bend):
    """Three joints after the root of a finger that is bent by so many degrees at each; towards the camera."""
    aside, along = np.radians(SPREAD[name]), 0.0
    point, joints = np.array([*ROOTS[name], 0.0]), []
    joints.append(point)
    for length in LENGTHS[name]:
        along += np.radians(bend)
        point = point + length * np.array(
            [np.sin(aside) * np.cos(along), -np.cos(aside) * np.cos(along), -np.sin(along)]
        )
        joints.append(point)
    return joints


def bones(raised, thumb="over"):
    """21x3 metres of a right hand: these fingers are raised, the others folded; the thumb out, or over the palm."""
    points = [np.zeros(3)] + [np.array([*joint, 0.0][:3]) for joint in THUMB[thumb]]
    for name in NAMES:
        points += finger(name, 4 if name in raised else 88)
    return np.array(points)


def ring():
    """The bones of OK: the tips of thumb and index meet, the other fingers are raised."""
    points = bones(("middle", "ring", "little"), "out")
    points[5:9] = finger("index", 42)
    points[2:5] = np.linspace(points[1], points[8] + (0.003, 0.003, 0.0), 4)[1:]
    return points


def turn(degrees, axis=2):
    """A rotation about the axis across, down, or into the picture."""
    sin, cos = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    first, second = [each for each in range(3) if each != axis]
    rotation = np.eye(3)
    rotation[first, first], rotation[first, second], rotation[second, first], rotation[second, second] = (
        cos,
        -sin,
        sin,
        cos,
    )
    return rotation


def hand(points, rotation=None, *, scale=1500.0, at=(320.0, 300.0), left=False):
    """Landmarks of bones, turned, as a camera with parallel rays sees them."""
    placed = points @ (np.eye(3) if rotation is None else rotation).T
    if left:
        placed = placed * (-1, 1, 1)
    pixels = placed * scale + (*at, 0.0)
    metric = placed - placed.mean(axis=0)
    return HandLandmarks(pixels.astype(np.float32), metric.astype(np.float32), 1.0, 0.02 if left else 0.98)

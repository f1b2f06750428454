import numpy as np
import pytest

from perception_core.free_space import FreeSpace, Side
from perception_core.geometry import Box

ANY_SIDE = (Side.RIGHT, Side.LEFT, Side.BELOW, Side.ABOVE)


def meet(one, other):
    return min(one.right, other.right) > max(one.x, other.x) and min(one.bottom, other.bottom) > max(one.y, other.y)


@pytest.mark.parametrize(
    ("side", "beyond"),
    [
        (Side.ABOVE, lambda room, box: room.bottom < box.y),
        (Side.BELOW, lambda room, box: room.y > box.bottom),
        (Side.LEFT, lambda room, box: room.right < box.x),
        (Side.RIGHT, lambda room, box: room.x > box.right),
    ],
)
def test_the_preferred_side_is_taken_where_it_is_free(side, beyond):
    free, face = FreeSpace(640, 480), Box(280.3, 200.7, 80.1, 99.9)
    free.take(face)
    others = [other for other in Side if other is not side]
    room = free.place_beside(face, (90, 60), [side, *others])
    assert beyond(room, face) and (room.width, room.height) == (90, 60)


def test_where_one_side_is_taken_it_is_another():
    free, face, neighbour = FreeSpace(640, 480), Box(100, 100, 80, 100), Box(200, 60, 80, 400)
    free.take(face)
    free.take(neighbour)
    room = free.place_beside(face, (90, 60), [Side.RIGHT, Side.LEFT])
    assert room.right < face.x


def test_a_face_cut_by_the_border_has_its_room_inside():
    free, face = FreeSpace(640, 480), Box(560, -50, 200, 200)
    free.take(face)
    room = free.place_beside(face, (120, 100), [Side.RIGHT, Side.LEFT])
    assert room.right < 560 and room.y >= 0


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (7680, 4320), (33, 2000)])
def test_nothing_that_is_placed_covers_anything_or_leaves_the_picture(size):
    random, free, placed = np.random.default_rng(7), FreeSpace(*size), []
    faces = [Box(*(random.uniform(-0.1, 0.9, 2) * size), *(random.uniform(0.02, 0.15, 2) * size)) for _ in range(12)]
    for face in faces:
        free.take(face)
    for face in faces:
        room = free.place_beside(face, tuple(random.uniform(0.02, 0.2, 2) * size), ANY_SIDE)
        if room is not None:
            assert room.x >= 0 and room.y >= 0 and room.right <= size[0] and room.bottom <= size[1]
            assert not any(meet(room, other) for other in [*faces, *placed])
            placed.append(room)
    assert len(placed) >= 4


def test_a_face_that_fills_the_picture_leaves_no_room():
    free, face = FreeSpace(640, 480), Box(-10, -10, 700, 500)
    free.take(face)
    assert free.place_beside(face, (20, 10), ANY_SIDE) is None


def test_what_is_larger_than_the_picture_has_no_room():
    assert FreeSpace(100, 100).place_beside(Box(40, 40, 20, 20), (120, 10), ANY_SIDE) is None

import numpy as np
import pygame
import pytest

from perception_cli.window import Window, WindowError

PICTURE = np.zeros((48, 64, 3), np.uint8)


@pytest.fixture
def window(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = Window("test")
    yield window
    window.close()


def test_a_picture_is_shown_with_its_colours(window):
    picture = PICTURE.copy()
    picture[..., 0] = 200  # blue in BGR
    assert window.show(picture)
    assert tuple(pygame.display.get_surface().get_at((5, 5)))[:3] == (0, 0, 200)


def test_the_window_takes_the_size_of_the_picture(window):
    for size in ((48, 64, 3), (20, 30, 3)):
        window.show(np.zeros(size, np.uint8))
        assert pygame.display.get_surface().get_size() == (size[1], size[0])


@pytest.mark.parametrize(
    "event",
    [
        {"type": pygame.QUIT},
        {"type": pygame.KEYDOWN, "key": pygame.K_q},
        {"type": pygame.KEYDOWN, "key": pygame.K_ESCAPE},
    ],
)
def test_its_user_can_close_it(window, event):
    assert window.show(PICTURE)
    kind = event.pop("type")
    pygame.event.post(pygame.event.Event(kind, event))
    assert not window.show(PICTURE)


def test_without_a_display_the_reason_is_said(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(WindowError, match="there is no display"):
        Window("test")


def test_a_display_that_cannot_be_used_is_said(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(WindowError, match="cannot be used"):
        Window("test")

"""A window that shows pictures, where there is a display."""

from __future__ import annotations

import os
from types import ModuleType
from typing import TYPE_CHECKING

import cv2

from perception_core.frame import ColourImage

if TYPE_CHECKING:
    import pygame


class WindowError(RuntimeError):
    """No window can be opened."""


class Window:
    """Shows pictures until its user closes it."""

    def __init__(self, title: str) -> None:
        """Looks for a display.

        Raises:
            WindowError: There is none.
        """
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")):
            raise WindowError("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)")
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        import pygame  # noqa: PLC0415 - only here, and only with a display

        self._pygame = pygame
        try:
            pygame.display.init()
        except pygame.error as error:
            raise WindowError(f"the display cannot be used: {error}") from error
        pygame.display.set_caption(title)
        self._surface: pygame.Surface | None = None

    def show(self, picture: ColourImage) -> bool:
        """Shows a HxWx3 uint8 BGR picture.

        Returns:
            False once the user has closed the window or pressed Q or Escape.
        """
        pygame = self._pygame
        height, width = picture.shape[:2]
        if self._surface is None or self._surface.get_size() != (width, height):
            self._surface = pygame.display.set_mode((width, height))
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        self._surface.blit(pygame.image.frombuffer(rgb.data, (width, height), "RGB"), (0, 0))
        pygame.display.flip()
        return not any(_closes(pygame, event) for event in pygame.event.get())

    def close(self) -> None:
        """Closes the window."""
        self._pygame.display.quit()


def _closes(pygame: ModuleType, event: pygame.event.Event) -> bool:
    if event.type == pygame.QUIT:
        return True
    return event.type == pygame.KEYDOWN and event.key in (pygame.K_q, pygame.K_ESCAPE)

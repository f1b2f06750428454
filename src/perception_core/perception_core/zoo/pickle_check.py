"""Looks at the instructions of a pickle before they are followed."""

from __future__ import annotations

import io
import pickletools

from perception_core.zoo.errors import ConversionError

_MARK = -1
_MOST_TUPLES = 1000  # one in the other; a network's has two
_TUPLES = frozenset({"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "FROZENSET"})
_CHANGES = frozenset({"APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS", "BUILD"})  # leave on the stack what was
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})


def check_pickle(file: io.BytesIO) -> None:
    """Reads one pickle without making anything of it; the file stands where it stood before.

    Python keeps places ready for everything up to the largest number of a memo: six bytes could take all memory. And it
    goes through all of a tuple that is a key: one that lies a million deep ends the process, one that holds the same
    twice forty times over takes for ever.

    Raises:
        ConversionError: Following it would be such work.
        ValueError: It is damaged; the unpickler says why.
    """
    start, size = file.tell(), len(file.getbuffer())
    stack = _Stack()
    for instruction, argument, _ in pickletools.genops(file):
        if instruction.name in _PUTS and int(argument or 0) > size:
            raise ConversionError(f"the PyTorch file is damaged: it remembers something as number {argument}")
        stack.follow(instruction, argument)
    file.seek(start)


class _Stack:
    """What lies on the stack of an unpickler: of each thing, how many tuples are in it, each as often as it is met.

    Only tuples and frozen sets are counted: lists and dictionaries can be no keys, and what is made by a call is told
    apart by its place in memory. Once the instructions do not fit the stack, the unpickler refuses them as well.
    """

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._memo: dict[int, int] = {}

    def follow(self, instruction: pickletools.OpcodeInfo, argument: object) -> None:
        """Does one instruction.

        Raises:
            ConversionError: It makes a tuple that is too large.
        """
        name = instruction.name
        if name in _PUTS or name == "MEMOIZE":
            number = len(self._memo) if name == "MEMOIZE" else int(str(argument))
            self._memo[number] = self._counts[-1] if self._counts else 0
        elif name in _GETS:
            self._counts.append(self._memo.get(int(str(argument)), 0))
        elif name == "MARK":
            self._counts.append(_MARK)
        else:
            self._counts += self._made(instruction, self._taken(instruction))

    def _taken(self, instruction: pickletools.OpcodeInfo) -> list[int]:
        """The counts of what an instruction takes off the stack, the uppermost first."""
        wanted, taken = list(instruction.stack_before), []
        if pickletools.markobject in wanted:
            while self._counts and (count := self._counts.pop()) != _MARK:
                taken.append(count)
            wanted = wanted[: wanted.index(pickletools.markobject)]
        for _ in wanted[: len(self._counts)]:
            taken.append(self._counts.pop())
        return taken

    def _made(self, instruction: pickletools.OpcodeInfo, taken: list[int]) -> list[int]:
        if instruction.name in _TUPLES:
            count = 1 + sum(taken)
            if count > _MOST_TUPLES:
                raise ConversionError(f"the PyTorch file is damaged: it nests more than {_MOST_TUPLES} tuples")
            return [count]
        if instruction.name == "DUP":
            return taken * 2
        if instruction.name in _CHANGES:
            return taken[-1:]
        return [0] * len(instruction.stack_after)

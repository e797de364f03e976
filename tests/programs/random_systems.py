"""Random programs as whole systems, each its number's: data from texts, folders, tables and arrays, and one model or several in turn."""
import math
import os

from random_library import LibraryProgram
from random_sources import SOURCES
from random_turns import Turns, turns

FIRST_SYSTEM = 1_000_001  # the first number of such a program
# Steps that may look back alone, so that what they are made of can write on.
BACK = ("activate", "elementwise", "dense", "normalise", "gated", "own_gradient", "twice", "carried", "loop", "tracked", "associate", "recur", "attend", "counted")


class SystemProgram(LibraryProgram):
    """A program of the library whose `source_of` are its examples, where these aren't arrays, and which may train several models."""

    def __init__(self, number):
        super().__init__(number)
        self.source_of = self.some(*SOURCES)(self) if self.random.random() < 0.7 else None
        self.several = self.source_of is None or self.random.random() < 0.4
        self.symbolic = self.symbolic and self.kind != "table" and not self.several
        self.turns = None
        if getattr(self.source_of, "unit", "") == "character" and self.random.random() < 0.7:
            self.only = BACK
        if self.source_of and self.kind == "image":
            self.column_name = "image"

    def elements_of(self, shape):
        return math.prod(shape)

    def elements_of_x(self):
        return math.prod(self.input_shape)

    def targets(self):
        return self.source_of.TARGETS if self.source_of else super().targets()

    def column(self):
        return self.source_of.column(self) if self.source_of else super().column()

    def readers(self, columns):
        return self.source_of.readers(self, columns) if self.source_of else super().readers(columns)

    def others(self, target):
        if not self.several:
            return ""
        self.turns = Turns(self, target)
        return "".join(self.turns.models.values())

    def more_metrics(self):
        more = self.turns.metrics if self.turns else []
        if not self.source_of:
            return more
        # What was read, number by number, and whose label is whose.
        x, label = {"token": "(x as f32)", "image": "(x / 16)"}.get(self.kind, "x"), f"({self.label} as f32)"
        each = f"mean({label}, axis: 1)" if self.target.keeps_time else label
        return more + [f"metric    seen = mean({x} ^ 2)", f"metric    paired = mean(flatten({x}), axis: 1) * {each}"]

    @property
    def label(self):
        return next(iter(self.target.columns(self)))

    def recipe(self, target, columns):
        return turns(self, target, columns, self.turns) if self.turns else super().recipe(target, columns)

    def write_data(self, folder):
        if not self.source_of:
            return super().write_data(folder)
        os.makedirs(folder, exist_ok=True)
        self.source_of.write(self, folder)

    def inputs(self, folder):
        return self.source_of.inputs(folder) if self.source_of else super().inputs(folder)

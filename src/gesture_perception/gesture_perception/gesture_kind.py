"""What tells a file of taught gestures from other private files, and what its tables are."""

from __future__ import annotations

from perception_core.private_store.kind import StoreKind

GESTURES = StoreKind(
    noun="gesture file",
    untouched="nothing has been taught in it",
    anew="teach the gestures anew",
    application_id=0x68616E64,  # "hand"
    tables=("gesture", "example"),
    schema=(
        "CREATE TABLE gesture (name_key TEXT PRIMARY KEY, name TEXT NOT NULL, side TEXT NOT NULL, "
        "taught_ns INTEGER NOT NULL)",
        "CREATE TABLE example (id INTEGER PRIMARY KEY, gesture TEXT NOT NULL REFERENCES gesture (name_key) "
        "ON UPDATE CASCADE, poses BLOB NOT NULL)",
        "CREATE INDEX example_of_gesture ON example (gesture)",
    ),
)

"""What tells a gallery from other private files, and what its tables are."""

from __future__ import annotations

from perception_core.private_store.kind import StoreKind

GALLERY = StoreKind(
    noun="gallery",
    untouched="nobody has been enrolled in it",
    anew="enrol the people anew",
    application_id=0x66616365,  # "face"
    tables=("person", "view"),
    schema=(
        "CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, "
        "enrolled_ns INTEGER NOT NULL)",
        "CREATE TABLE view (id INTEGER PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), "
        "embedding BLOB NOT NULL, picture BLOB)",
        "CREATE INDEX view_of_person ON view (person)",
    ),
)

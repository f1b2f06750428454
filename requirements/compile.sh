#!/bin/sh
# Compiles every *.in of this folder into its *.lock (needs uv): pinned, hashed, one file for Python 3.10 to 3.12.
set -eu
cd "$(dirname "$0")"

compile() {
    name=$1
    shift
    uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-annotate \
        --no-emit-package colorama --no-emit-package pyreadline3 --no-emit-package pywin32 \
        --custom-compile-command requirements/compile.sh "$@" "$name.in" --output-file "$name.lock" >/dev/null
}

compile build
compile runtime --constraint build.lock --no-emit-package setuptools
compile sourced
# Every environment has its own numpy and ml-dtypes already.
compile test --constraint runtime.lock --no-emit-package numpy --no-emit-package ml-dtypes
compile realsense
compile tensorrt-rtx

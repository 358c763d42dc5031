#!/bin/sh
# Writes the lock files: versions and hashes only, no address.  Run after a change of pyproject.toml.
set -eu
cd "$(dirname "$0")/.."
for kind in lab test; do
  extra=""
  [ "$kind" = test ] && extra="--extra dev --extra devices --extra mri" # every driver and reader is tested
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
    --no-header $extra pyproject.toml requirements/build.in -o "requirements/$kind.lock.txt"
done

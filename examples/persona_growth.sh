#!/usr/bin/env sh
# Persona growth from the command line: each line prints exactly what a model would read.
set -eu
audience-mcp call faraday_list_persona_sets --sandbox --read-only

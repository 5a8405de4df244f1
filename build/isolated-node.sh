#!/bin/sh
# Starts Node.js in a network namespace of its own and on a display of its own (isolation.ts). NODESTEAD_NODE is the program.
export NODESTEAD_ISOLATED=1
exec unshare --net sh -c 'ip link set lo up && exec xvfb-run -a "$@"' sh "$NODESTEAD_NODE" "$@"

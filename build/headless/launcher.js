#!/usr/bin/env node
/* The command `nodestead`. Any Node.js must be able to read this file, to be told that it is too old: no import, no const. */
var NEEDED = [22, 11]
var found = process.versions.node.split('.').map(Number)

if (found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])) {
  process.stderr.write('Nodestead needs Node.js ' + NEEDED.join('.') + ' or newer; this is ' + process.versions.node + '. Install a newer one, then run this again.\n')
  process.exitCode = 1
} else {
  import('../lib/nodestead.js')
}

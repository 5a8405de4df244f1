import { expect, test } from 'vitest'
import { LARGE_BYTES, chooseWay, type SpreadPolicy } from '../../../../node-core/network/spread/rules.ts'
import type { Way } from '../../../../node-core/network/spread/spread.ts'

const MIB = 1024 * 1024

function policy(topology: SpreadPolicy['topology'], large: SpreadPolicy['large'], without: readonly Way[] = []): SpreadPolicy {
  const ways = new Map((['direct', 'chunks', 'tree', 'gossip'] as const).filter((way) => !without.includes(way)).map((way) => [way, { maxContentBytes: 16 * MIB }]))
  return { topology, large, ways }
}

/** A topic whose owner named the way. */
const named = (way: Way, topology: SpreadPolicy['topology']): SpreadPolicy => ({ ...policy(topology, 'gossip'), way })

const mesh = policy('mesh', 'tree')
const open = policy('open', 'tree')

test.each<[string, SpreadPolicy, number, number, boolean, Way]>([
  ['a small message in a small mesh', mesh, 8, LARGE_BYTES, true, 'direct'],
  ['one byte more', mesh, 8, LARGE_BYTES + 1, true, 'chunks'],
  ['the smallest mesh with a relay to spare', mesh, 4, MIB, true, 'chunks'],
  ['one without', mesh, 3, MIB, true, 'direct'],
  ['nobody else', mesh, 1, MIB, true, 'direct'],
  ['the largest mesh', mesh, 64, MIB, true, 'chunks'],
  ['a small message in the largest mesh', mesh, 64, 1, true, 'direct'],
  ['a larger mesh', mesh, 65, MIB, true, 'tree'],
  ['a larger mesh of a topic that prefers gossip', policy('mesh', 'gossip'), 65, MIB, true, 'gossip'],
  ['a small message in a larger mesh', mesh, 65, 1, true, 'gossip'],
  ['a list in a mesh', mesh, 8, MIB, false, 'chunks'],
  ['a short list in a mesh', mesh, 3, MIB, false, 'direct'],
  ['a list that is too long', mesh, 65, MIB, false, 'direct'],
  ['a small message to a list', mesh, 8, 1, false, 'direct'],
  ['a small message in an open network', open, 8, LARGE_BYTES, true, 'gossip'],
  ['a large message in an open network', open, 8, LARGE_BYTES + 1, true, 'tree'],
  ['a large message of a topic that prefers gossip', policy('open', 'gossip'), 200, MIB, true, 'gossip'],
  ['a list in an open network, whose peers may not know each other', open, 8, MIB, false, 'direct'],
  ['a mesh without chunks', policy('mesh', 'tree', ['chunks']), 8, MIB, true, 'direct'],
  ['an open network without gossip', policy('open', 'tree', ['gossip']), 8, 1, true, 'direct'],
  ['an open network without a tree', policy('open', 'tree', ['tree']), 8, MIB, true, 'direct'],
  ['a small message of a topic whose owner named the tree', named('tree', 'open'), 8, 1, true, 'tree'],
  ['a large one of a topic whose owner named direct sending', named('direct', 'open'), 200, MIB, true, 'direct'],
  ['a list of a topic whose owner named gossip', named('gossip', 'open'), 8, 1, false, 'direct'],
  ['a small message of a topic whose owner named chunks', named('chunks', 'mesh'), 8, 1, true, 'chunks'],
  ['a small list there', named('chunks', 'mesh'), 8, 1, false, 'chunks'],
  ['too few nodes there', named('chunks', 'mesh'), 3, MIB, true, 'direct'],
  ['too many nodes there', named('chunks', 'mesh'), 65, MIB, true, 'direct'],
  ['more than chunks take there', named('chunks', 'mesh'), 8, 16 * MIB + 1, true, 'direct'],
  ['more than chunks take', mesh, 8, 16 * MIB + 1, true, 'direct'],
])('%s', (_name, rules, nodes, bytes, everybody, way) => {
  expect(chooseWay({ nodes, bytes, everybody }, rules)).toBe(way)
})

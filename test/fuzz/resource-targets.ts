/** What arrives on the streams on which files are fetched: questions, answers, and proofs of leaf hashes. */
import { concatBytes } from '../../node-core/base/bytes.ts'
import { GROUP_LEAVES, HASH_BYTES, HashTree, hashLeaf, verifyRun } from '../../node-core/net/resources/tree.ts'
import { decodeAnswer, decodeQuestion, encodeAnswer, encodeQuestion, type Answer, type Question } from '../../node-core/net/resources/wire.ts'
import type { Target } from './fuzz.ts'

const LEAVES = 1300
const leaves = concatBytes(...Array.from({ length: LEAVES }, (_, i) => hashLeaf(Uint8Array.of(i, i >> 8))))
const tree = new HashTree(leaves, LEAVES)

function proof(id: number, group: number): Answer {
  return { kind: 'proof', id, hashes: leaves.subarray(group * GROUP_LEAVES * HASH_BYTES, (group + 1) * GROUP_LEAVES * HASH_BYTES), uncles: tree.uncles(9, group) }
}

export function resourceTargets(): Target[] {
  const questions: Question[] = [
    { kind: 'ask', id: 0, root: tree.root }, { kind: 'hashes', id: 1, group: 2 }, { kind: 'leaves', id: 2, index: 1284, count: 16 }, { kind: 'cancel', id: 2 },
  ]
  const answers: Answer[] = [
    { kind: 'have', id: 0, length: 21_299_200, ranges: 'all' },
    { kind: 'have', id: 0, length: 21_299_200, ranges: [{ from: 0, to: 16 }, { from: 17, to: 600 }, { from: 1299, to: 1300 }] },
    { kind: 'refused', id: 3, reason: 'busy', afterMs: 5000 },
    { kind: 'data', id: 2, index: 1284, bytes: new Uint8Array(300).fill(7) },
    proof(1, 2),
  ]
  const codes = ['RESOURCE_WIRE_']
  return [
    { name: 'resource question', corpus: questions.map(encodeQuestion), decode: decodeQuestion, codes, encode: encodeQuestion, canonical: true },
    { name: 'resource answer', corpus: answers.map(encodeAnswer), decode: decodeAnswer, codes, encode: encodeAnswer, canonical: true },
    { name: 'resource proof', corpus: [0, 1, 2].map((group) => encodeAnswer(proof(1, group))), decode: checkProof, codes },
  ]
}

/** As whoever fetches does with it. Only the true hashes may pass. */
function checkProof(input: Uint8Array): boolean {
  const answer = decodeAnswer(input)
  if (answer.kind !== 'proof') return false
  const holds = [0, 1, 2].map((group) => verifyRun(tree.root, LEAVES, { index: group * GROUP_LEAVES, size: GROUP_LEAVES, ...answer }))
  for (const [group, held] of holds.entries()) {
    const { hashes } = proof(0, group) as Answer & { kind: 'proof' }
    if (held && Buffer.compare(hashes, answer.hashes) !== 0) throw new Error('false hashes were taken for true ones')
  }
  return holds.includes(true)
}

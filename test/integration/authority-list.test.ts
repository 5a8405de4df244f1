/** A member who comes later: the line is pasted, root adds the account with its keys, and removes it again. On a real chain of our own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import { describeError } from '../../node-core/base/errors.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { Newcomer } from '../../node-core/chain/extrinsics/authorities/types.ts'
import { Keyrings } from '../../node-core/keystore/network-keys.ts'
import { MemberDrafts, readLines } from '../../node-core/manager/kinds/chain/member-drafts.ts'
import { DevNode } from '../helpers/dev-node.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-list-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** What Dora's computer makes, as it comes out of her line. */
async function dora(): Promise<Newcomer> {
  const drafts = new MemberDrafts({ keyrings: new Keyrings({ logger: silentLogger, clock: new FakeClock() }), clock: new FakeClock() }, folder)
  const { id, words, asked } = drafts.begin()
  const { line } = await drafts.make({ words: { id, answers: asked.map((position) => words[position - 1] ?? '') }, name: 'Dora', passphrase: 'correct horse battery', remember: false })
  const [read] = readLines(`Dora: ${line}`)
  if (read?.ok !== true) throw new Error('the line cannot be read')
  return { ...read.member, proof: read.proof }
}

it('adds the member of a line, who owned nothing and had set no keys, and removes it', async () => {
  const alice = await DevNode.start({ forceAuthoring: true })
  try {
    const { authorityChanges: changes } = alice.node
    const newcomer = await dora()
    const until = async (done: () => boolean): Promise<void> => {
      for (let slot = 0; !done(); slot++) {
        if (slot > 30) throw new Error(`it did not come: ${JSON.stringify(changes.state()?.change)}`)
        await alice.slots(1)
      }
    }
    await alice.slots(2)
    expect(changes.state()).toMatchObject({ root: 'here', authorities: [{}], change: undefined })
    const stranger = { ...newcomer, proof: `0x${'00'.repeat(128)}` as const }

    await changes.add(newcomer)
    expect(await changes.add(newcomer).then(() => 'no error', describeError)).toContain('in progress')
    await until(() => changes.state()?.change?.stage === 'done')
    expect(changes.state()?.authorities.map(({ address }) => address)).toContain(newcomer.stash)
    expect(() => changes.add(newcomer)).toThrow('is already an authority')

    await changes.remove(newcomer.stash)
    await until(() => changes.state()?.change?.stage === 'done')
    expect(changes.state()?.authorities).toHaveLength(1)

    // Keys that are another's: the runtime asks for the proof.
    await changes.add({ ...stranger, stash: '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy' })
    await until(() => changes.state()?.change?.stage === 'failed')
    expect(changes.state()?.change?.failure?.message).toContain('Session.InvalidProof')
    expect(changes.state()?.authorities).toHaveLength(1)
    expect(await changes.call({ remove: newcomer.stash })).toMatch(/^0x[0-9a-f]+$/)
    expect(alice.problems()).toEqual([expect.stringContaining('InvalidProof')])
  } finally {
    await alice.stop()
  }
}, 120_000)

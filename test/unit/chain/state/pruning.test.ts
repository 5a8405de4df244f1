/** States that are kept and states that are given up, against a model: random trees of blocks with forks, finality and restarts. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import type { StatePruning } from '../../../../node-core/chain/state/pruning/mode.ts'
import type { Change } from '../../../../node-core/chain/trie/types.ts'
import { openAudit } from '../../../helpers/state-audit.ts'
import type { Edits, ModelBlock } from '../../../helpers/state-chain.ts'
import { genesis } from './chain-blocks.ts'
import { dice, Modelled, randomEdits } from './modelled.ts'
import { makeService, temporaryFolder } from './service-fixture.ts'

const SEEDS = 12

describe('pruning', () => {
  const ways: readonly StatePruning[] = ['archive', 'archive-canonical', 1, 2, 5]
  it.each(ways.flatMap((pruning) => Array.from({ length: SEEDS }, (_, seed) => [pruning, seed] as const)))(
    'keeps %s (seed %i)',
    async (pruning, seed) => {
      const random = dice(seed * 1000 + 7)
      const modelled = await Modelled.open(pruning)
      let twin: { readonly parent: ModelBlock; readonly edits: Edits } | undefined
      for (let step = 0; step < 60; step++) {
        const open = modelled.open()
        const chosen = open[random(3) === 0 ? random(open.length) : open.length - 1] as ModelBlock
        if (random(4) === 0 && chosen.hash !== modelled.finalized.hash) await modelled.finalize(chosen)
        else if (random(4) === 0 && twin !== undefined && open.some(({ hash }) => hash === twin?.parent.hash)) await modelled.import(twin.parent, twin.edits, `twin ${step}`)
        else {
          const edits = randomEdits(random)
          await modelled.import(chosen, edits, `${step}`)
          twin = { parent: chosen, edits }
        }
        if (step % 6 === 5) await modelled.check(pruning)
      }
      await modelled.check(pruning)
    },
  )

  it('changes from one way to another over restarts, as far as it can', async () => {
    const random = dice(99)
    const modelled = await Modelled.open('archive')
    const grow = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        const parent = modelled.block(modelled.service.blocks.best().hash)
        await modelled.import(parent, randomEdits(random), `${i}`)
        await modelled.import(parent, randomEdits(random), `fork ${i}`)
      }
      await modelled.finalize(modelled.block(modelled.service.blocks.hashByNumber(modelled.service.blocks.best().number - 2) as Hash))
    }
    await grow()
    await modelled.check('archive')
    await modelled.restart('archive-canonical')
    await modelled.check('archive-canonical')
    await grow()
    await modelled.restart(6)
    await modelled.check(6)
    const oldest = modelled.service.pruning?.oldest
    await modelled.restart(9)
    // What is gone does not come back.
    await modelled.check(9, oldest)
    await grow()
    await modelled.check(9, oldest)
    await modelled.restart(2)
    await modelled.check(2)
    await modelled.stop()
    for (const wanted of ['archive', 'archive-canonical'] as const) {
      const refused = makeService(modelled.folder, { pruning: wanted })
      await expect(refused.start()).rejects.toMatchObject({ code: 'STATE_PRUNING_REFUSED', data: { stored: 2, wanted }, hint: expect.stringContaining('--state-pruning 2') as unknown })
    }
    // Where nothing is said it goes on as before.
    const again = makeService(modelled.folder, { initialPruning: 'archive' })
    await again.start()
    expect(again.pruning?.mode).toBe(2)
  })

  it('of a block that changed very much goes on in small steps', async () => {
    const modelled = await Modelled.open(1)
    const all = (fill: number): Change[] => Array.from({ length: 3000 }, (_, i) => [Uint8Array.of(i >> 8, i & 0xff), new Uint8Array(40).fill(fill)])
    const first = await modelled.import(modelled.finalized, { main: all(1) }, 'first')
    const fork = await modelled.import(first, { main: all(2) }, 'fork')
    const second = await modelled.import(first, { main: all(3) }, 'second')
    await modelled.finalize(second)
    expect(fork.header.stateRoot).not.toBe(second.header.stateRoot)
    await modelled.check(1)
    expect(modelled.service.pruning?.records).toBeGreaterThan(10_000)
  })

  it('loses nothing and leaves nothing over, wherever it is killed', async () => {
    const folder = await temporaryFolder()
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'pruning-process.ts'), folder, `${round}`, '3'], { stdio: ['ignore', 'pipe', 'inherit'] })
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      onTestFinished(() => void child.kill('SIGKILL'))
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve())
        child.once('exit', () => reject(new Error('the process ended early')))
      })
      // Not waited for anything but the moment: the process is anywhere in its work.
      for (let turns = round * 37; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
      child.kill('SIGKILL')
      await exited
      const service = makeService(folder, { pruning: 3 })
      await service.start()
      await service.pruned()
      const { audit, close } = await openAudit(folder)
      const { blocks, leaked, faults } = await audit()
      await close()
      expect({ leaked, faults }).toEqual({ leaked: [], faults: [] })
      const head = service.blocks.finalized()
      const kept = new Set(blocks)
      for (let number = Math.max(0, head.number - 2); number <= head.number; number++) expect(kept.delete(service.blocks.hashByNumber(number) as Hash)).toBe(true)
      for (const open = [head.hash]; open.length > 0; ) {
        for (const { hash } of service.blocks.children(open.pop() as Hash)) {
          expect(kept.delete(hash)).toBe(true)
          open.push(hash)
        }
      }
      expect([...kept]).toEqual([])
      await service.stop()
    }
  })

  it('of a state under a walk ends the walk as one that is gone', async () => {
    const modelled = await Modelled.open(1)
    const main = Array.from({ length: 200 }, (_, i): Change => [Uint8Array.of(i), new Uint8Array(40).fill(i)])
    const first = await modelled.import(modelled.finalized, { main }, 'first')
    const second = await modelled.import(first, { main: main.map(([key]) => [key, utf8('new')]) }, 'second')
    const { stateRoot } = first.header
    const differences = modelled.service.proofs.differences(genesis.header.stateRoot, stateRoot, [])[Symbol.iterator]()
    expect(differences.next().done).toBe(false)
    await modelled.finalize(second)
    await modelled.service.pruned()
    const rest = (): void => {
      while (differences.next().done !== true);
    }
    expect(rest).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }))
  })
})

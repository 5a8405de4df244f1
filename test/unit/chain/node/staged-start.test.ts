/** The start of a node in two halves: what runs when, and what is left where one of them fails or is stopped. */
import { beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { ServiceGroup, type Service } from '../../../../node-core/base/service.ts'
import { StagedStart, type StagedStartParts } from '../../../../node-core/chain/node/staged-start.ts'

let calls: string[]
let failures: unknown[]
beforeEach(() => {
  calls = []
  failures = []
})

function single(name: string, start: () => Promise<void> = async () => undefined): Service {
  return {
    start: async () => {
      calls.push(`${name} starts`)
      await start()
    },
    stop: async () => void calls.push(`${name} stops`),
  }
}

function named(name: string, start?: () => Promise<void>): ServiceGroup {
  return new ServiceGroup([{ name, service: single(name, start) }], silentLogger)
}

function staged(isDue: boolean, parts: Partial<StagedStartParts> = {}, run: (signal: AbortSignal) => Promise<void> = async () => undefined): StagedStart {
  return new StagedStart({
    ground: named('ground'), early: named('early'), upper: named('upper'), runtime: single('runtime'),
    joining: {
      isDue,
      run: async (signal) => {
        calls.push('joins')
        await run(signal)
      },
      forget: async () => void calls.push('forgets'),
      over: () => void calls.push('over'),
    },
    onFailure: (error) => failures.push(error),
    ...parts,
  })
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const untilAborted = (signal: AbortSignal): Promise<void> => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('where nothing is to be joined', () => {
  it('both halves start before the start is done, and what joining had left goes first', async () => {
    const node = staged(false)
    await node.start()
    expect([calls, node.isEarly]).toEqual([['ground starts', 'forgets', 'upper starts'], false])
    await node.stop()
    expect(calls.slice(3)).toEqual(['upper stops', 'ground stops'])
  })

  it('a failure ends the start, and nothing runs then', async () => {
    const node = staged(false, { upper: named('upper', async () => Promise.reject(new Error('port taken'))) })
    await expect(node.start()).rejects.toThrow('port taken')
    expect(calls).toEqual(['ground starts', 'forgets', 'upper starts', 'upper stops', 'ground stops'])
    expect(failures).toEqual([])
  })
})

describe('where the chain is joined first', () => {
  it('the start is done when the network runs, and the rest follows with threads that look anew', async () => {
    const state = Promise.withResolvers<void>()
    const node = staged(true, {}, () => state.promise)
    await node.start()
    expect([calls, node.isEarly]).toEqual([['ground starts', 'early starts', 'joins'], true])
    state.resolve()
    await turn()
    expect(calls.slice(3)).toEqual(['runtime stops', 'runtime starts', 'upper starts', 'over'])
    await node.stop()
    expect(calls.slice(-3)).toEqual(['upper stops', 'early stops', 'ground stops'])
    expect(failures).toEqual([])
  })

  it('a stop meanwhile ends it at once, and is no failure', async () => {
    const node = staged(true, {}, untilAborted)
    await node.start()
    await node.stop()
    await node.stop()
    expect(calls).toEqual(['ground starts', 'early starts', 'joins', 'over', 'early stops', 'ground stops'])
    expect(failures).toEqual([])
  })

  it('a stop while the upper half starts waits for it, and stops it', async () => {
    const slow = Promise.withResolvers<void>()
    const node = staged(true, { upper: named('upper', () => slow.promise) })
    await node.start()
    await turn()
    expect(calls.at(-1)).toBe('upper starts')
    const stopped = node.stop()
    await turn()
    expect(calls.at(-1)).toBe('upper starts')
    slow.resolve()
    await stopped
    expect(calls.slice(-4)).toEqual(['over', 'upper stops', 'early stops', 'ground stops'])
    expect(failures).toEqual([])
  })

  it.each(['joining', 'upper'] as const)('a failure of %s is told once, and the node can be stopped and started again', async (what) => {
    let fails = true
    const fail = async (): Promise<void> => {
      if (fails) throw new Error('the disk is full')
    }
    const node = what === 'joining' ? staged(true, {}, fail) : staged(true, { upper: named('upper', fail) })
    await node.start()
    await turn()
    expect(failures).toEqual([new Error('the disk is full')])
    await node.stop()
    expect(calls.at(-1)).toBe('ground stops')
    fails = false
    calls = []
    await node.start()
    await turn()
    expect(calls).toEqual(['ground starts', 'early starts', 'joins', 'runtime stops', 'runtime starts', 'upper starts', 'over'])
    expect(failures).toHaveLength(1)
    await node.stop()
  })
})

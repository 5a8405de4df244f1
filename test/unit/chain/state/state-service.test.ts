import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ClassicLevel } from 'classic-level'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { EMPTY, fromHex, fromUtf8, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import type { NodeError } from '../../../../node-core/base/errors.ts'
import { META } from '../../../../node-core/chain/state/buckets.ts'
import { openTrieSource } from '../../../../node-core/chain/state/trie-source.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { verifyChildProof, verifyProof } from '../../../../node-core/chain/trie/proofs/proof.ts'
import { Trie } from '../../../../node-core/chain/trie/trie.ts'
import { genesis, genesisHash, makeBlock, makeChain, makeGenesis } from './chain-blocks.ts'
import { importAll, makeService, startService, temporaryFolder } from './service-fixture.ts'

async function rejection(promise: Promise<unknown>): Promise<NodeError> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    (error: unknown) => error as NodeError,
  )
}

/** Another process that holds the data folder; returns its pid and a way to kill it. */
async function holdInOtherProcess(dataPath: string, blocks: number): Promise<{ pid: number; kill: () => Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'holder-process.ts'), dataPath, String(blocks)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = (): Promise<void> => {
    child.kill('SIGKILL')
    return exited
  }
  onTestFinished(kill)
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', () => reject(new Error('the other process ended early')))
  })
  return { pid: child.pid as number, kill }
}

describe('a new database', () => {
  it('begins with the genesis block, and its state can be read', async () => {
    const { blocks, storage } = await startService()
    const ref = { hash: genesisHash, number: 0 }
    expect(blocks.genesisHash).toBe(genesisHash)
    expect([blocks.best(), blocks.finalized(), ...blocks.leaves()]).toEqual([ref, ref, ref])
    expect(blocks.header(genesisHash)).toEqual(genesis.header)
    expect(blocks.hashByNumber(0)).toBe(genesisHash)
    expect(await blocks.body(genesisHash)).toEqual([])
    expect(fromUtf8(storage.get(genesis.header.stateRoot, utf8('name')) as Uint8Array)).toBe('test')
    expect(storage.keys(genesis.header.stateRoot, utf8('n'), 9).map(fromUtf8)).toEqual(['name', 'number'])
    expect(storage.has(genesis.header.stateRoot)).toBe(true)
  })

  it('begins with a genesis block of which only the root is known: that state alone is missing', async () => {
    const service = makeService(await temporaryFolder(), { genesis: { header: genesis.header, nodes: undefined } })
    await service.start()
    const { blocks, storage } = service
    expect(blocks.best()).toEqual({ hash: genesisHash, number: 0 })
    expect(blocks.header(genesisHash)).toEqual(genesis.header)
    expect(storage.has(genesis.header.stateRoot)).toBe(false)
    expect(() => storage.get(genesis.header.stateRoot, utf8('name'))).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_ROOT' }))
  })

  it('builds the genesis only when it is needed', async () => {
    const folder = await temporaryFolder()
    const build = vi.fn(() => genesis)
    const first = makeService(folder, { genesis: build, genesisHash })
    expect(build).not.toHaveBeenCalled()
    await first.start()
    await first.stop()
    await makeService(folder, { genesis: build, genesisHash }).start()
    expect(build).toHaveBeenCalledOnce()
  })
})

describe('proofs', () => {
  it('are of the state that is asked for, around what was read before', async () => {
    const { storage, proofs } = await startService()
    const { stateRoot } = genesis.header
    const keys = [utf8('name'), utf8('nothing')]
    expect(fromUtf8(storage.get(stateRoot, utf8('name')) as Uint8Array)).toBe('test')
    expect(verifyProof(proofs.readProof(stateRoot, keys), fromHex(stateRoot), keys)).toEqual([utf8('test'), undefined])
    expect(verifyChildProof(proofs.readChildProof(stateRoot, utf8('child'), keys), fromHex(stateRoot), utf8('child'), keys)).toEqual([
      undefined, undefined,
    ])
    expect(() => proofs.readProof(genesisHash, keys)).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_ROOT' }))
    expect(() => proofs.readChildProof(genesisHash, utf8('child'), keys)).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_ROOT' }))
  })

  it('are compared by Merkle values, of the state and of its child tries', async () => {
    const { proofs } = await startService()
    const { stateRoot } = genesis.header
    expect(toHex(proofs.closestDescendantMerkleValue(stateRoot, EMPTY) as Uint8Array)).toBe(stateRoot)
    expect(proofs.closestDescendantMerkleValue(stateRoot, utf8('nothing'))).toBeUndefined()
    expect(proofs.closestDescendantMerkleValue(stateRoot, EMPTY, utf8('child'))).toBeUndefined()
    expect(() => proofs.closestDescendantMerkleValue(genesisHash, EMPTY)).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_ROOT' }))
  })
})

describe('an existing database', () => {
  it('continues where it stopped, forks and finality included', async () => {
    const folder = await temporaryFolder()
    const first = await startService(folder)
    const main = makeChain(genesis.header, 5)
    const fork = makeChain(main[2]!.header, 3, 'fork', false)
    await importAll(first, [...main, ...fork])
    await first.writer.finalize(main[1]!.hash, { engine: 'FRNK', data: Uint8Array.of(7) })
    const before = first.blocks.leaves()
    await first.stop()

    const { blocks, storage } = await startService(folder)
    expect(blocks.best()).toEqual({ hash: main[4]!.hash, number: 5 })
    expect(blocks.finalized()).toEqual({ hash: main[1]!.hash, number: 2 })
    expect(new Set(blocks.leaves())).toEqual(new Set(before))
    for (const [i, block] of main.entries()) expect(blocks.hashByNumber(i + 1)).toBe(block.hash)
    expect(await blocks.justifications(main[1]!.hash)).toEqual([{ engine: 'FRNK', data: Uint8Array.of(7) }])
    expect(await blocks.body(fork[2]!.hash)).toEqual(fork[2]!.body)
    expect(storage.get(fork[2]!.header.stateRoot, utf8('number'))).toEqual(Uint8Array.of(6))
  })

  it('opens after a kill with the last batch in place', async () => {
    const folder = await temporaryFolder()
    const other = await holdInOtherProcess(folder, 6)
    await other.kill()
    const { blocks, storage } = await startService(folder)
    expect(blocks.best()).toEqual({ hash: makeChain(genesis.header, 6)[5]!.hash, number: 6 })
    expect(blocks.finalized().number).toBe(2)
    expect(storage.has(makeChain(genesis.header, 6)[5]!.header.stateRoot)).toBe(true)
  })

  it('is refused while another process has it open, and says which', async () => {
    const folder = await temporaryFolder()
    const other = await holdInOtherProcess(folder, 1)
    const error = await rejection(makeService(folder).start())
    expect(error).toMatchObject({ code: 'STATE_DB_LOCKED', data: { pid: other.pid } })
    expect(error.message).toContain(`process ${other.pid}, since 20`)
    expect(error.hint).toContain('Stop the other node')
    await other.kill()
    await makeService(folder).start()
  })

  it('is refused to a second service of the same process until the first has stopped', async () => {
    const folder = await temporaryFolder()
    const first = await startService(folder)
    expect(await rejection(makeService(folder).start())).toMatchObject({ code: 'STATE_DB_LOCKED' })
    expect(first.blocks.best().number).toBe(0)
    await first.stop()
    await makeService(folder).start()
  })

  it('of another version is refused', async () => {
    const folder = await temporaryFolder()
    await (await startService(folder)).stop()
    const level = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, 'db'), { keyEncoding: 'view', valueEncoding: 'view' })
    await level.put(META.version, Uint8Array.of(0, 0, 0, 99))
    await level.close()
    const error = await rejection(makeService(folder).start())
    expect(error).toMatchObject({ code: 'STATE_DB_VERSION', data: { found: 99, expected: 2 } })
    expect(error.hint).toContain('Update')
  })

  it('of another chain is refused, with or without the hash being known', async () => {
    const folder = await temporaryFolder()
    await (await startService(folder)).stop()
    const other = makeGenesis('other')
    expect(await rejection(makeService(folder, { genesis: other }).start())).toMatchObject({
      code: 'STATE_WRONG_GENESIS',
      data: { found: genesisHash },
    })
    const known = makeService(folder, { genesis: () => other, genesisHash: `0x${'ab'.repeat(32)}` })
    expect(await rejection(known.start())).toMatchObject({ code: 'STATE_WRONG_GENESIS' })
  })

  it('of another genesis is taken where its state says that it is of this chain', async () => {
    const folder = await temporaryFolder()
    const first = await startService(folder)
    const header = first.blocks.header(genesisHash)
    const [key = EMPTY] = first.storage.keys(header?.stateRoot as `0x${string}`, EMPTY, 1)
    const value = first.storage.get(header?.stateRoot as `0x${string}`, key)
    await first.stop()
    const seen: unknown[] = []
    const accepting = (accepts: boolean) => makeService(folder, { genesis: makeGenesis('other'), acceptGenesis: (get) => (seen.push(get(key)), accepts) })
    expect(await rejection(accepting(false).start())).toMatchObject({ code: 'STATE_WRONG_GENESIS' })
    const service = accepting(true)
    await service.start()
    expect(service.blocks.genesisHash).toBe(genesisHash)
    expect(seen).toEqual([value, value])
    await service.stop()
  })

  it('that is damaged is refused with what to do', async () => {
    const folder = await temporaryFolder()
    await (await startService(folder)).stop()
    for (const name of await readdir(join(folder, 'db'))) {
      if (name.startsWith('MANIFEST')) await writeFile(join(folder, 'db', name), 'damaged'.repeat(100))
    }
    const error = await rejection(makeService(folder).start())
    expect(error.code).toBe('STATE_DB_CORRUPT')
    expect(error.hint).toContain('Repair the database')
  })

  it('whose best block is gone is refused', async () => {
    const folder = await temporaryFolder()
    await (await startService(folder)).stop()
    const level = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, 'db'), { keyEncoding: 'view', valueEncoding: 'view' })
    await level.put(META.best, fromHex(`0x${'cd'.repeat(32)}`))
    await level.close()
    expect(await rejection(makeService(folder).start())).toMatchObject({ code: 'STATE_DB_CORRUPT' })
  })

  it('cannot be made where a file is in the way', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'db'), 'a file')
    expect(await rejection(makeService(join(folder, 'data')).start())).toMatchObject({ code: 'STATE_DB_CORRUPT' })
  })
})

describe('starting and stopping', () => {
  it('can be repeated, in any order', async () => {
    const service = makeService(await temporaryFolder())
    await service.stop()
    await service.start()
    await service.start()
    await service.writer.importBlock(makeBlock(genesis.header))
    await Promise.all([service.stop(), service.stop()])
    await service.start()
    expect(service.blocks.best().number).toBe(1)
  })

  it('is needed before use', async () => {
    const service = makeService(await temporaryFolder())
    expect(() => service.blocks.best()).toThrow(expect.objectContaining({ code: 'STATE_NOT_RUNNING' }))
    expect(() => service.storage.has(genesisHash)).toThrow(expect.objectContaining({ code: 'STATE_NOT_RUNNING' }))
    expect(await rejection(service.writer.putAux([]))).toMatchObject({ code: 'STATE_NOT_RUNNING' })
  })

  it('awaits a write that is under way', async () => {
    const folder = await temporaryFolder()
    const service = await startService(folder)
    const block = makeBlock(genesis.header)
    const [imported] = await Promise.allSettled([service.writer.importBlock(block), service.stop()])
    expect(imported.status).toBe('fulfilled')
    expect((await startService(folder)).blocks.best().hash).toBe(block.hash)
  })

  it('names itself in a file while it runs', async () => {
    const folder = await temporaryFolder()
    const service = await startService(folder)
    const file = join(folder, 'lock-holder.json')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ pid: process.pid, since: 1_700_000_000_000 })
    await service.stop()
    expect(existsSync(file)).toBe(false)
  })
})

describe('other threads', () => {
  it('read the tries of blocks as soon as these are imported', async () => {
    const service = await startService()
    const trieSource = await openTrieSource(service.dataPath)
    onTestFinished(() => trieSource.close())
    const block = makeBlock(genesis.header, 'thread')
    expect(trieSource.source.rootId(fromHex(block.header.stateRoot))).toBeUndefined()
    await service.writer.importBlock(block)
    const trie = new Trie(new NodeStore(trieSource.source), fromHex(block.header.stateRoot))
    expect(fromUtf8(trie.get(utf8('salt')) as Uint8Array)).toBe('thread'.padEnd(40, '.'))
  })

  it('open the database that the main thread has open', async () => {
    const service = await startService()
    const modules = new URL('../../../../node-core/chain/state/trie-source.ts', import.meta.url).href
    const worker = new Worker(
      `import { parentPort, workerData } from 'node:worker_threads'
       const { openTrieSource } = await import(workerData.modules)
       const { source, close } = await openTrieSource(workerData.dataPath)
       parentPort.postMessage(source.node(source.rootId(workerData.root))?.length ?? 0)
       await close()`,
      { eval: true, workerData: { modules, dataPath: service.dataPath, root: fromHex(genesis.header.stateRoot) } },
    )
    onTestFinished(async () => void (await worker.terminate()))
    const length = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    expect(length).toBeGreaterThan(0)
  })
})

import { appendFile, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import { ResourceCatalogue } from '../../../../../node-core/net/resources/catalogue/catalogue.ts'
import { LEAF_BYTES, verifyRun } from '../../../../../node-core/net/resources/tree.ts'
import { MadeUpFile } from '../fetch/swarm.ts'

const file = new MadeUpFile(600 * LEAF_BYTES + 9)
const small = new MadeUpFile(100)
const hex = (made: MadeUpFile): string => Buffer.from(made.root).toString('hex')

let folder: string
let clock: FakeClock
let catalogue: ResourceCatalogue
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-catalogue-'))
  path = join(folder, 'file')
  await writeFile(path, file.bytes)
  clock = new FakeClock(5000)
  catalogue = await opened()
})
afterEach(async () => {
  await catalogue.stop()
  await rm(folder, { recursive: true, force: true })
})

async function opened(): Promise<ResourceCatalogue> {
  const made = new ResourceCatalogue({ clock, logger: silentLogger }, { folder: join(folder, 'catalogue') })
  await made.start()
  return made
}

async function again(): Promise<void> {
  await catalogue.stop()
  catalogue = await opened()
}

describe('the catalogue', () => {
  it('offers a file by its root, with proofs and data', async () => {
    const told: number[] = []
    const entry = await catalogue.add(path, { onProgress: (bytes) => told.push(bytes) })
    expect(entry).toMatchObject({ root: hex(file), length: file.bytes.length, added: 5000 })
    expect(told.at(-1)).toBe(file.bytes.length)
    const resource = await catalogue.open(file.root)
    expect(resource).toMatchObject({ length: file.bytes.length, ranges: 'all' })
    for (const group of [0, 1]) {
      const proof = await resource?.proof(group)
      expect(proof !== undefined && verifyRun(file.root, 601, { index: group * 512, size: 512, ...proof })).toBe(true)
    }
    await expect(resource?.proof(2)).rejects.toMatchObject({ reason: 'outside' })
    const [a, b] = [new Uint8Array(LEAF_BYTES), new Uint8Array(9)]
    await resource?.read(599, [a, b])
    expect([a, b]).toEqual([file.leaf(599), file.leaf(600)])
    await resource?.close()
    expect(await catalogue.open(small.root)).toBeUndefined()
  })

  it('knows it after a start, hashes nothing again, and shows it to its owner alone', async () => {
    await catalogue.add(path)
    const before = catalogue.list()
    await again()
    expect(catalogue.list()).toEqual(before)
    const resource = await catalogue.open(file.root)
    expect(await resource?.proof(1)).toBeDefined()
    await resource?.close()
    expect((await stat(join(folder, 'catalogue'))).mode & 0o777).toBe(0o700)
    for (const name of await readdir(join(folder, 'catalogue'))) expect((await stat(join(folder, 'catalogue', name))).mode & 0o777).toBe(0o600)
  })

  it.each<[string, string | RegExp, () => Promise<void>]>([
    ['grew', /length has changed/, () => appendFile(path, 'x')],
    ['was written to', /written to/, () => utimes(path, 1, 1)],
    ['is gone', /no longer there/, () => rename(path, `${path}.away`)],
  ])('withdraws a file that %s, and says why', async (_, why, change) => {
    await catalogue.add(path)
    const gone: (string | undefined)[] = []
    catalogue.events.on('gone', ({ withdrawn }) => gone.push(withdrawn))
    await change()
    await expect(catalogue.open(file.root)).rejects.toMatchObject({ reason: 'changed' })
    await catalogue.check()
    expect(gone).toEqual([expect.stringMatching(why)])
    expect(catalogue.list()).toMatchObject([{ withdrawn: gone[0] }])
    await again()
    expect(catalogue.list()).toMatchObject([{ withdrawn: gone[0] }])
    expect(await readdir(join(folder, 'catalogue'))).toEqual(['catalogue.json'])
  })

  it('notices a change while the file is read, and by itself after a minute', async () => {
    await catalogue.add(path)
    const resource = await catalogue.open(file.root)
    await utimes(path, 1, 1)
    await expect(resource?.read(0, [new Uint8Array(10)])).rejects.toMatchObject({ reason: 'changed' })
    await resource?.close()
    const gone = new Promise((resolve) => catalogue.events.on('gone', resolve))
    clock.advance(60_000)
    await gone
  })

  it('replaces what the same path held before', async () => {
    await catalogue.add(path)
    await writeFile(path, small.bytes)
    await catalogue.add(path)
    expect(catalogue.list().map(({ root }) => root)).toEqual([hex(small)])
    expect((await readdir(join(folder, 'catalogue'))).sort()).toEqual([`${hex(small)}.tree`, 'catalogue.json'])
  })

  it('takes a file out, and leaves the file itself', async () => {
    await catalogue.add(path)
    expect(await catalogue.remove(hex(file))).toBe(true)
    expect(await catalogue.remove(hex(file))).toBe(false)
    expect(await catalogue.open(file.root)).toBeUndefined()
    expect((await readFile(path)).length).toBe(file.bytes.length)
  })

  it('takes hashes over that are those of the root, and no others', async () => {
    async function* groups(): AsyncGenerator<Uint8Array> {
      yield file.leaves.slice(0, 512 * 32)
      yield file.leaves.slice(512 * 32)
    }
    await expect(catalogue.adopt(path, hex(small), groups())).rejects.toMatchObject({ code: 'NET_RESOURCE_ROOT' })
    expect(await catalogue.adopt(path, hex(file), groups())).toMatchObject({ root: hex(file) })
    expect((await readdir(join(folder, 'catalogue'))).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('does not serve hashes that the disk damaged', async () => {
    await catalogue.add(path)
    const tree = join(folder, 'catalogue', `${hex(file)}.tree`)
    const bytes = await readFile(tree)
    bytes[40] = (bytes[40] as number) ^ 1
    await writeFile(tree, bytes)
    const resource = await catalogue.open(file.root)
    await expect(resource?.proof(0)).rejects.toMatchObject({ reason: 'changed' })
    expect(await resource?.proof(1)).toBeDefined()
    await resource?.close()
  })

  it('refuses what is no file, and what is written to meanwhile', async () => {
    await mkdir(join(folder, 'folder'))
    for (const bad of [join(folder, 'folder'), join(folder, 'nothing')]) await expect(catalogue.add(bad)).rejects.toMatchObject({ code: 'NET_RESOURCE_UNREADABLE' })
    await expect(catalogue.add(path, { onProgress: () => void utimes(path, 1, 1) })).rejects.toMatchObject({ code: 'NET_RESOURCE_CHANGED' })
    expect(catalogue.list()).toEqual([])
    expect(await readdir(join(folder, 'catalogue'))).toEqual([])
  })

  it('says so where its list cannot be read', async () => {
    await catalogue.stop()
    await writeFile(join(folder, 'catalogue/catalogue.json'), '{"version":1,"resources":[{}]}')
    await expect(opened()).rejects.toMatchObject({ code: 'NET_RESOURCE_CATALOGUE' })
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { CARRIED_FILES, readCarried } from '../../../../node-core/chain/upgrades/carried.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-carried-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const put = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content)
const manifest = (codeHash: string): string => JSON.stringify({ specName: 'nodestead', specVersion: 2, wasm: { codeHash, bytes: 4 }, other: 1 })
const DAMAGED = { code: 'UPGRADE_FILES_DAMAGED' }

it('is what the manifest says, with the code of that hash', async () => {
  expect(await readCarried(folder)).toBeUndefined()
  await put(CARRIED_FILES.manifest, manifest(blake2Hash(utf8('code'))))
  const carried = await readCarried(folder)
  expect(carried).toMatchObject({ specName: 'nodestead', specVersion: 2 })
  await expect(carried?.code()).rejects.toMatchObject(DAMAGED)
  await put(CARRIED_FILES.code, 'code')
  await put(CARRIED_FILES.metadata, 'meta')
  expect(await carried?.code()).toEqual(Buffer.from('code'))
  expect(await carried?.metadata()).toEqual(Buffer.from('meta'))
  await put(CARRIED_FILES.code, 'tampered')
  await expect(carried?.code()).rejects.toMatchObject(DAMAGED)
})

it.each(['{', '{}', manifest('0x00')])('is refused where the manifest is %s', async (text) => {
  await put(CARRIED_FILES.manifest, text)
  await expect(readCarried(folder)).rejects.toMatchObject(DAMAGED)
})

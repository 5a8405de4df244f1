/** What the .proto files promise: a scope for each method, rules that are enforced, and nothing that breaks those that rely on it. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasOption } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'
import { brokenBy, descriptorsOf, generateOpenApi, PROTO_IMPORTS, STABLE_SERVICES } from '../../../build/proto.ts'
import { ROOT } from '../../../build/terminal.ts'
import { encodedSet, filesOf } from '../../../node-core/services/described/files.ts'
import { scope } from '../../../node-core/services/proto/nodestead/v1/rights_pb.ts'
import { scopeOf } from '../../../node-core/services/rights/gate.ts'
import { SERVICES } from '../../../node-core/services/routes.ts'

const PROTOS = 'node-core/services/proto'

it('every method says which scope it takes, and only what changes nothing is for readers', () => {
  const methods = SERVICES.flatMap((service) => service.methods)
  expect(methods.filter((method) => !hasOption(method, scope)).map(({ name }) => name)).toEqual([])
  const readers = methods.filter((method) => scopeOf(method) === 'read').map(({ name }) => name)
  expect(readers.filter((name) => /^(Start|Stop|Restart|Submit|Ban|Pardon|Connect|Disconnect|Publish|Share|Fetch|Create|Revoke|Import|Remove|Move|Mend|Update)/.test(name))).toEqual([])
})

it('a change that breaks programs is seen; what is committed is what the .proto files are', async () => {
  expect(await brokenBy()).toBe('')
  expect(Buffer.from(await descriptorsOf(PROTOS, false)).equals(await readFile(join(ROOT, STABLE_SERVICES)))).toBe(true)
  const other = await mkdtemp(join(tmpdir(), 'nodestead-proto-'))
  try {
    for (const folder of [PROTOS, PROTO_IMPORTS]) await cp(join(ROOT, folder), join(other, folder), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(other, 'node_modules'))
    const path = join(other, PROTOS, 'nodestead/v1/chain.proto')
    await writeFile(path, (await readFile(path, 'utf8')).replace('Position finalized = 2;\n  string genesis_hash', 'Position final = 2;\n  string genesis_hash'))
    expect(await brokenBy(other)).toContain('finalized')
  } finally {
    await rm(other, { recursive: true, force: true })
  }
}, 120_000)

it('the OpenAPI document is made of them', async () => {
  const [path, text] = await generateOpenApi()
  expect(await readFile(join(ROOT, path), 'utf8')).toBe(text)
}, 60_000)

it('the descriptors that are served have all that they import', () => {
  const files = filesOf(SERVICES)
  const names = new Set(files.map(({ name }) => name))
  for (const file of files) for (const { name } of file.dependencies) expect(names.has(name), name).toBe(true)
  expect(encodedSet(files).length).toBeGreaterThan(10_000)
})

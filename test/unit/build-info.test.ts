import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBuildInfo, versionLine } from '../../node-core/base/build-info.ts'
import { VERSION } from '../../node-core/base/version.ts'

const commit = '1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d'
const time = '2026-11-25T18:00:00Z'

describe('the version line', () => {
  it.each([
    ['a build', { commit, time, dirty: false }, `commit 1a2b3c4d5e6f, built ${time}, node v24.1.0`],
    ['a build of a changed tree', { commit, time, dirty: true }, `commit 1a2b3c4d5e6f-dirty, built ${time}, node v24.1.0`],
    ['a build without a repository', { dirty: false }, 'commit unknown, node v24.1.0'],
    ['a build that says nothing', undefined, 'commit unknown, node v24.1.0'],
    ['no build', 'sources', 'run from its sources, node v24.1.0'],
  ] as const)('of %s', (_name, build, told) => {
    expect(versionLine(build, 'v24.1.0')).toBe(`nodestead ${VERSION} (${told})`)
  })
})

describe('the build file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-build-info-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['is read', JSON.stringify({ commit, time, dirty: true }), { commit, time, dirty: true }],
    ['of an older build says no more than it says', JSON.stringify({ commit }), { commit, dirty: false }],
    ['that is damaged is none', '{"commit":', undefined],
    ['of another form is none', '{"commit":7}', undefined],
  ])('%s', async (_name, text, info) => {
    await writeFile(join(folder, 'build.json'), text)
    expect(await readBuildInfo(folder)).toEqual(info)
  })

  it('may be missing', async () => {
    expect(await readBuildInfo(folder)).toBeUndefined()
  })
})

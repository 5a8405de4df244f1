import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadIdentity } from '../../../node-core/network/identity.ts'

describe('loadIdentity', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-key-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gives the peer id that Substrate gives for a node key', async () => {
    // The pair that Substrate's documentation and many local test networks use.
    const { peerId } = await loadIdentity(folder, '0000000000000000000000000000000000000000000000000000000000000001')
    expect(peerId).toBe('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
  })

  it('keeps the key that it made, for its owner only', async () => {
    const first = await loadIdentity(folder, undefined)
    expect((await loadIdentity(folder, undefined)).peerId).toBe(first.peerId)
    const { mode, size } = await stat(join(folder, 'network', 'secret_ed25519'))
    expect([size, mode & 0o077]).toEqual([32, process.platform === 'win32' ? mode & 0o077 : 0])
  })

  it('refuses a key of the wrong size and says what to do', async () => {
    await loadIdentity(folder, undefined)
    await writeFile(join(folder, 'network', 'secret_ed25519'), 'short')
    await expect(loadIdentity(folder, undefined)).rejects.toMatchObject({ code: 'NODE_KEY_INVALID', hint: expect.stringContaining('Restore it') })
    await expect(loadIdentity(folder, 'xyz')).rejects.toMatchObject({ code: 'NODE_KEY_INVALID' })
  })

  it('does not show the secret when printed', async () => {
    const secret = 'ab'.repeat(32)
    const identity = await loadIdentity(folder, secret)
    expect(inspect(identity, { depth: 5 }) + JSON.stringify(identity)).not.toMatch(/abab|171, 171/)
  })
})

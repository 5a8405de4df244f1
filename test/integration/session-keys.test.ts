/** Session keys of a node that runs: they come in over RPC or are made by the runtime, and are used without a restart. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import WebSocket from 'ws'
import { toHex } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { DevNode } from '../helpers/dev-node.ts'

const PASSPHRASE = 'correct horse battery'
let node: DevNode

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

function rpc(method: string, ...params: unknown[]): Promise<Answer> {
  const socket = new WebSocket(node.node.rpcAddress as string)
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))
    socket.on('error', reject)
    socket.on('message', (data) => {
      socket.close()
      resolve(JSON.parse(String(data)) as Answer)
    })
  })
}

const { sr25519, ed25519 } = devAccount('//Alice')
const [babe, gran] = [toHex(sr25519.publicKey), toHex(ed25519.publicKey)]

// Bob is no authority of this chain: a validator with nothing to sign with.
beforeEach(async () => {
  node = await DevNode.start({ account: 'bob' })
})
afterEach(() => node.stop())

describe('a validator without keys of the chain', () => {
  it('authors and finalizes once they are inserted, and stops when they are locked', async () => {
    await node.slots(3)
    expect(node.node.blocks.best().number).toBe(0)
    expect(await rpc('author_insertKey', 'babe', '//Alice', babe)).toMatchObject({ error: { code: 1017, message: expect.stringContaining('No passphrase') } })
    await node.node.keys.setUp(PASSPHRASE, false)
    expect(await rpc('author_insertKey', 'babe', '//Alice', gran.replace('8', '9'))).toMatchObject({ error: { code: 1017, message: expect.stringContaining('does not give') } })

    expect(await rpc('author_hasKey', babe, 'babe')).toMatchObject({ result: false })
    expect(await rpc('author_insertKey', 'babe', '//Alice', babe)).toMatchObject({ result: null })
    expect(await rpc('author_insertKey', 'gran', '//Alice', gran)).toMatchObject({ result: null })
    expect(await rpc('author_hasKey', babe, 'babe')).toMatchObject({ result: true })
    expect(await rpc('author_hasKey', babe, 'imon')).toMatchObject({ result: false })

    // They are listened for first: on a network for development, everybody's keys alone are not.
    await node.slots(12)
    const best = node.node.blocks.best().number
    expect(best).toBeGreaterThanOrEqual(4)
    expect(node.node.blocks.finalized().number).toBeGreaterThanOrEqual(1)
    const inUse = await node.node.sessionKeys.refresh()
    expect([...inUse.keys]).toEqual(expect.arrayContaining([`babe:${babe}`, `gran:${gran}`]))
    expect([...inUse.types]).toEqual(expect.arrayContaining(['babe', 'gran']))
    expect(await node.node.sessionKeys.developmentAuthors()).toEqual(['alice'])

    await node.node.keys.keystore.lock()
    await node.slots(3)
    expect(node.node.blocks.best().number).toBeLessThanOrEqual(best + 1)
    expect(await rpc('author_hasKey', babe, 'babe')).toMatchObject({ result: true })
    await node.node.keys.unlock(PASSPHRASE, false)
    await node.slots(4)
    expect(node.node.blocks.best().number).toBeGreaterThan(best + 1)
    expect(node.problems().filter((text) => !text.includes('chmod'))).toEqual([])
  })

  it('rotates: the runtime has keys made that are stored here and known again', async () => {
    expect(await rpc('author_rotateKeys')).toMatchObject({ error: { code: 1017, data: expect.stringContaining('Keys screen') } })
    await node.node.keys.setUp(PASSPHRASE, false)
    const { result } = await rpc('author_rotateKeys')
    expect(result).toMatch(/^0x([0-9a-f]{2}){64}$/)
    expect(await rpc('author_hasSessionKeys', result)).toMatchObject({ result: true })
    const kinds = await node.node.sessionKeys.kinds()
    expect(kinds.map(({ keyType }) => keyType)).toEqual(expect.arrayContaining(['babe', 'gran']))
    expect(node.node.keys.keystore.entries().map(({ keyType, scheme }) => `${keyType} ${scheme}`).sort()).toEqual(kinds.map(({ keyType, scheme }) => `${keyType} ${scheme}`).sort())
    expect(await readdir(join(node.node.dataPath, 'keystore'))).toHaveLength(kinds.length + 1)

    const again = await rpc('author_rotateKeys')
    expect(again.result).not.toBe(result)
    expect(await rpc('author_hasSessionKeys', again.result)).toMatchObject({ result: true })
    const foreign = `${(result as string).slice(0, -2)}${(result as string).endsWith('00') ? '01' : '00'}`
    expect(await rpc('author_hasSessionKeys', foreign)).toMatchObject({ result: false })
    expect(await rpc('author_hasSessionKeys', '0x0102')).toMatchObject({ error: { code: 1017 } })
  })
})

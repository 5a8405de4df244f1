/** `author_*` of the node's own keys: for its owner only. Parameters of these methods are secrets, so no error repeats them. */
import { z } from 'zod'
import { toHex, type Hex } from '../../../base/bytes.ts'
import { isNodeError } from '../../../base/errors.ts'
import { KEY_SCHEMES, type KeyPair } from '../../../crypto/keys/keypairs.ts'
import { keyPairFromUri } from '../../../crypto/keys/secret-uri.ts'
import { CODE, RpcError } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import { hexBytes } from '../params.ts'
import type { RpcKeys } from '../types.ts'

const keyType = z.string().regex(/^[a-z0-9_]{4}$/, 'expected a key type of four letters, such as babe')
const MAX_URI = 1024

export function keyMethods({ keystore, session }: RpcKeys): Method[] {
  const has = (type: string, publicKey: Hex): boolean =>
    keystore.has(type, publicKey) || keystore.publicKeys(type).some((key) => toHex(key) === publicKey)
  return [
    defineCall({
      name: 'author_insertKey',
      params: { keyType, suri: z.string().max(MAX_URI), publicKey: hexBytes },
      unsafe: true,
      handle: async ({ keyType: type, suri, publicKey }) => {
        await keeping(() => keystore.add(type, pairOf(suri, publicKey)))
        return null
      },
    }),
    defineCall({
      name: 'author_hasKey',
      params: { publicKey: hexBytes, keyType },
      unsafe: true,
      handle: ({ publicKey, keyType: type }) => has(type, toHex(publicKey)),
    }),
    defineCall({
      name: 'author_hasSessionKeys',
      params: { sessionKeys: hexBytes },
      unsafe: true,
      handle: async ({ sessionKeys }) => {
        const keys = await keeping(() => session.decode(sessionKeys))
        if (keys === undefined) throw new RpcError(CODE.keys, 'Session keys are not encoded correctly')
        return keys.every((key) => has(key.keyType, toHex(key.publicKey)))
      },
    }),
    defineCall({ name: 'author_rotateKeys', params: {}, unsafe: true, handle: () => keeping(() => session.rotate()) }),
    defineCall({
      name: 'author_rotateKeysWithOwner',
      params: { owner: hexBytes },
      unsafe: true,
      handle: async ({ owner }) => {
        const { keys, proof } = await keeping(() => session.rotateFor(owner))
        return { keys, ...(proof === undefined ? {} : { proof }) }
      },
    }),
  ]
}

/** The scheme is not among the parameters: it is the one by which `suri` gives `publicKey`. */
function pairOf(suri: string, publicKey: Uint8Array): KeyPair {
  for (const scheme of KEY_SCHEMES) {
    const pair = tryPair(scheme, suri)
    if (pair === undefined) continue
    if (toHex(pair.publicKey) === toHex(publicKey)) return pair
    pair.secret.erase()
  }
  throw new RpcError(CODE.keys, 'The secret does not give this public key in any scheme')
}

function tryPair(scheme: (typeof KEY_SCHEMES)[number], suri: string): KeyPair | undefined {
  try {
    return keyPairFromUri(scheme, suri)
  } catch (error) {
    // Soft junctions are sr25519's alone; whether any scheme takes the secret is told in the end.
    if (isNodeError(error) && error.code.startsWith('KEY_')) return undefined
    throw error
  }
}

/** What the keystore refuses goes to the caller with what to do about it; so does what a runtime of another time does not have. */
async function keeping<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isNodeError(error) && error.code === 'RUNTIME_NO_SUCH_API') throw new RpcError(CODE.keys, `This chain cannot be asked for it: ${error.message}`)
    if (isNodeError(error) && error.code.startsWith('KEYSTORE_')) throw new RpcError(CODE.keys, error.message, error.hint)
    throw error
  }
}

/** A signed release as a feed has it, and the ways in which somebody could spoil it. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { Manifest } from '../../../../electron/updates/manifest.ts'
import type { UpdateConfig } from '../../../../electron/updates/update-config.ts'

export const FEED = new URL('https://updates.example/nodestead/')
export const TARGET = { channel: 'stable', platform: 'linux', arch: 'x64' } as const

export interface Signer {
  readonly publicKey: KeyObject
  sign(bytes: Uint8Array): Uint8Array
}

export function makeSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { publicKey, sign: (bytes) => sign(null, bytes, privateKey) }
}

export function manifest(change: Partial<Manifest> = {}): Manifest {
  return {
    schema: 1,
    product: 'nodestead',
    channel: 'stable',
    platform: 'linux',
    arch: 'x64',
    version: '0.2.0',
    releasedAt: '2026-11-25T12:00:00Z',
    rolloutPercent: 100,
    notes: 'Better.',
    files: [{ name: 'Nodestead-0.2.0-linux-x64.AppImage', kind: 'AppImage', bytes: 10, sha512: `${'A'.repeat(86)}==` }],
    ...change,
  }
}

export function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
}

export function configOf(...signers: Signer[]): UpdateConfig {
  return { path: '/nowhere', feed: FEED, keys: signers.map(({ publicKey }) => publicKey) }
}

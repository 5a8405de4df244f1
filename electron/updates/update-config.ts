/**
 * Where this build looks for newer versions, and by which keys it knows them: written by the build, part of the program,
 * changed by nothing at run time. A build without an address or without a key does not look, and says so.
 */
import type { KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { MAX_KEYS, parsePublicKey } from './signature.ts'

/** HTTPS, or this computer itself, which the tests use. */
export const feedSchema = z.url().max(512).refine(isFeedAddress, 'the feed must be an https: address')

export const updateConfigSchema = z.strictObject({
  /** The folder of the feed. */
  feed: feedSchema.optional(),
  /** Base64 of SubjectPublicKeyInfo. */
  keys: z.array(z.string().max(200)).max(MAX_KEYS),
  /** Names that electron-updater reads from the same file: its folder for downloads, and whose certificate signs for Windows. */
  updaterCacheDirName: z.string().regex(/^[a-z-]+$/),
  publisherName: z.array(z.string().max(200)).optional(),
})

export interface UpdateConfig {
  /** Where this was read. */
  readonly path: string
  readonly feed: URL
  readonly keys: readonly KeyObject[]
}

/** Undefined where the build says none. Throws where what it says is damaged. */
export function readUpdateConfig(path: string): UpdateConfig | undefined {
  if (!existsSync(path)) return undefined
  const { feed, keys } = updateConfigSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  if (feed === undefined || keys.length === 0) return undefined
  return { path, feed: new URL(feed.endsWith('/') ? feed : `${feed}/`), keys: keys.map(parsePublicKey) }
}

function isFeedAddress(address: string): boolean {
  const { protocol, hostname, username, password, search, hash } = new URL(address)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && (hostname === '127.0.0.1' || hostname === '[::1]'))
}

/**
 * Looks at the feed: takes the manifest and its signature, each within limits of size and time, checks the signature before
 * a byte of the manifest is read, and refuses a manifest that is older than one that was seen before.
 */
import { gt } from 'semver'
import { MAX_MANIFEST_BYTES, manifestName, parseManifest, type Manifest, type UpdateTarget } from './manifest.ts'
import { isSignedByOneOf, SIGNATURE_SUFFIX } from './signature.ts'
import type { UpdateConfig } from './update-config.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import { errorMessage, isNodeError, NodeError } from '../../node-core/base/errors.ts'

export type FeedErrorCode =
  /** Nothing answers, or something else than a feed does. */
  | 'UPDATE_FEED_UNREACHABLE'
  /** It answers, but not in time. */
  | 'UPDATE_FEED_TOO_SLOW'
  | 'UPDATE_NOT_SIGNED'
  /** Signed by another, or changed since. */
  | 'UPDATE_BAD_SIGNATURE'
  /** Signed, but nothing that this version understands, or not for this installation. */
  | 'UPDATE_BAD_MANIFEST'
  /** Older than what was offered before. */
  | 'UPDATE_ROLLBACK'

/** The whole look at the feed must be over in this time. */
export const FEED_TIME_LIMIT_MS = 20_000
/** More than any signature has; what is not one is refused as such. */
const MAX_SIGNATURE_BYTES = 1024

export interface FeedDependencies {
  /** The platform's, which knows the system's proxies. */
  readonly fetch: (url: string, init: { readonly signal: AbortSignal; readonly cache: 'no-store'; readonly credentials: 'omit' }) => Promise<Response>
  readonly clock: Clock
}

export interface FeedQuestion {
  readonly config: UpdateConfig
  readonly target: UpdateTarget
  /** The newest version that this feed ever offered here. */
  readonly seen: string | undefined
}

/** The manifest that the feed has now. Throws a NodeError with a {@link FeedErrorCode}. */
export async function readFeed({ fetch, clock }: FeedDependencies, { config, target, seen }: FeedQuestion): Promise<Manifest> {
  const abort = new AbortController()
  const cancel = clock.schedule(FEED_TIME_LIMIT_MS, () => abort.abort())
  const url = new URL(manifestName(target), config.feed).href
  try {
    const take = (address: string, limit: number): Promise<Uint8Array | undefined> => download(fetch, address, limit, abort.signal)
    const bytes = await take(url, MAX_MANIFEST_BYTES)
    if (bytes === undefined) throw unreachable('The update server has no release for this system.')
    const signature = await take(`${url}${SIGNATURE_SUFFIX}`, MAX_SIGNATURE_BYTES)
    if (signature === undefined) throw refused('UPDATE_NOT_SIGNED', 'The update server offers a version that is not signed.')
    if (!isSignedByOneOf(config.keys, bytes, signature)) {
      throw refused('UPDATE_BAD_SIGNATURE', 'The update server offers a version that is not signed by the makers of Nodestead, or was changed since.')
    }
    const manifest = parseManifest(bytes, target)
    if (manifest === undefined) throw refused('UPDATE_BAD_MANIFEST', 'The update server offers something that this version does not understand.')
    if (seen !== undefined && gt(seen, manifest.version)) {
      throw refused('UPDATE_ROLLBACK', `The update server offers version ${manifest.version}, but offered ${seen} before.`)
    }
    return manifest
  } catch (error) {
    if (abort.signal.aborted) {
      throw new NodeError<FeedErrorCode>('UPDATE_FEED_TOO_SLOW', `The update server did not answer within ${FEED_TIME_LIMIT_MS / 1000} seconds.`, {
        hint: 'It is asked again later; this version goes on.',
      })
    }
    throw isNodeError(error) ? error : unreachable('The update server cannot be reached.', error)
  } finally {
    cancel()
    abort.abort()
  }
}

/** Undefined where the server says that there is no such file. Throws where it is longer than `limit` bytes. */
async function download(fetch: FeedDependencies['fetch'], url: string, limit: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const response = await fetch(url, { signal, cache: 'no-store', credentials: 'omit' })
  if (response.status === 404) return undefined
  if (!response.ok) throw unreachable(`The update server answers with an error (HTTP status ${response.status}).`)
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of chunksOf(response)) {
    length += part.length
    if (length > limit) throw refused('UPDATE_BAD_MANIFEST', 'The update server answers with more than any release says of itself.')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

function unreachable(message: string, cause?: unknown): NodeError<FeedErrorCode> {
  return new NodeError('UPDATE_FEED_UNREACHABLE', message, {
    hint: 'It is asked again later; this version goes on.',
    ...(cause === undefined ? {} : { cause, data: { reason: errorMessage(cause) } }),
  })
}

function refused(code: FeedErrorCode, message: string): NodeError<FeedErrorCode> {
  return new NodeError(code, `${message} It was refused.`, { hint: 'Nothing was installed; this version goes on.' })
}

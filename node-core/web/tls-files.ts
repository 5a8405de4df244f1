/**
 * Certificate and key in files of the operator's, as tools that renew certificates leave them. They are looked at again and again: where one has changed both
 * are read, and count for connections from then on, if they are a pair; what is not one (such as a new certificate whose key has not come yet) is said
 * once, and the former pair stays. The key's file is its owner's alone.
 */
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { errorMessage, NodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { readPrivate } from '../base/private-file.ts'
import type { TlsPair } from './port.ts'

export const LOOK_EVERY_MS = 5_000
const MAX_BYTES = 1024 * 1024

export type TlsErrorCode =
  | 'TLS_UNREADABLE'
  /** Others can read the key. */
  | 'TLS_KEY_OPEN'
  /** They are no certificate and key, or do not belong together. */
  | 'TLS_INVALID'

export class TlsError extends NodeError<TlsErrorCode> {}

export interface TlsPaths {
  readonly cert: string
  readonly key: string
}

export class TlsFiles {
  readonly #paths: TlsPaths
  readonly #clock: Clock
  readonly #logger: Logger
  #mark = ''
  #cancel: Disposer | undefined

  constructor(paths: TlsPaths, clock: Clock, logger: Logger) {
    this.#paths = paths
    this.#clock = clock
    this.#logger = logger
  }

  /** Throws TLS_{UNREADABLE,KEY_OPEN,INVALID}. */
  async read(): Promise<TlsPair> {
    this.#mark = await this.#newMark()
    const { cert: certPath, key: keyPath } = this.#paths
    const key = await this.#readKey(keyPath)
    const cert = await readCertificate(certPath)
    try {
      createSecureContext({ cert, key })
      const until = Date.parse(new X509Certificate(cert).validTo)
      if (until < this.#clock.now()) this.#logger.warn('the TLS certificate is no longer valid: clients will refuse it', { path: certPath, until: new Date(until).toISOString() })
    } catch (error) {
      throw new TlsError('TLS_INVALID', `${certPath} and ${keyPath} are no certificate and its key: ${errorMessage(error)}.`, { hint: 'Both are PEM; the certificate comes first in its file, then those that vouch for it.', data: { cert: certPath, key: keyPath }, cause: error })
    }
    return { cert, key }
  }

  /** `exchange` is told of each new pair. */
  watch(exchange: (pair: TlsPair) => void): void {
    this.#cancel = this.#clock.schedule(LOOK_EVERY_MS, () => void this.look(exchange).then(() => this.#cancel !== undefined && this.watch(exchange)))
  }

  /** Now. */
  async look(exchange: (pair: TlsPair) => void): Promise<void> {
    try {
      if ((await this.#newMark()) === this.#mark) return
      exchange(await this.read())
      this.#logger.info('the TLS certificate was exchanged', { path: this.#paths.cert })
    } catch (error) {
      this.#logger.error('the new TLS certificate cannot be used: the former one stays', { reason: errorMessage(error), ...(error instanceof NodeError ? { code: (error as NodeError).code } : {}) })
    }
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  async #newMark(): Promise<string> {
    const marks = await Promise.all([this.#paths.cert, this.#paths.key].map((path) => stat(path, { bigint: true }).then(({ ino, mtimeNs, size }) => `${ino} ${mtimeNs} ${size}`, () => 'none')))
    return marks.join(' ')
  }

  async #readKey(path: string): Promise<string> {
    const refuse = (fault: 'open' | 'odd'): Error =>
      fault === 'open'
        ? new TlsError('TLS_KEY_OPEN', `Other users can read or change the TLS key in ${path}.`, { hint: 'Make it private (chmod 600); if others may have read it, have a new certificate made.', data: { path } })
        : unreadable(path, 'it is no file, or too large')
    const text = await readPrivate(path, { maxBytes: MAX_BYTES, refuse }).catch((error: unknown) => Promise.reject(error instanceof NodeError ? error : unreadable(path, errorMessage(error))))
    if (text === undefined) throw unreadable(path, 'there is no such file')
    return text
  }
}

async function readCertificate(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new Error('it is too large')
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(path, errorMessage(error))
  }
}

function unreadable(path: string, why: string): TlsError {
  return new TlsError('TLS_UNREADABLE', `${path} cannot be read: ${why}.`, { hint: 'Name the certificate and its key by files that the user who runs this can read.', data: { path } })
}

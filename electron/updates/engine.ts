/**
 * The work of an update, with electron-updater: its provider is ours (the signed feed, and nothing else), its downloads are
 * checked against the signed hash, and an AppImage is replaced in one step instead of being deleted first.
 *
 * Loaded when it is first needed: most starts of the app never look at it.
 */
import { app, net } from 'electron'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { AppImageUpdater, autoUpdater, BaseUpdater, Provider, type AppUpdater, type ResolvedUpdateFileInfo } from 'electron-updater'
import { CancellationToken, type UpdateInfo } from 'builder-util-runtime'
import { gt } from 'semver'
import type { ManifestFile, PackageKind, UpdateChannel } from './manifest.ts'
import { isInRollout } from './rollout.ts'
import { readFeed } from './signed-feed.ts'
import type { UpdateConfig } from './update-config.ts'
import type { UpdateRecord } from './update-record.ts'
import type { Download, FoundUpdate, UpdateEngine } from './updates.ts'
import { assertUnchanged, replaceFile } from './verified-file.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { errorMessage, isNodeError, NodeError } from '../../node-core/base/errors.ts'
import type { Logger } from '../../node-core/base/logger.ts'

export type EngineErrorCode =
  /** Another file than the one that was signed, or a part of it. */
  | 'UPDATE_BAD_FILE'
  | 'UPDATE_DOWNLOAD_FAILED'
  | 'UPDATE_DISK_FULL'
  /** The release has no file for this kind of installation. */
  | 'UPDATE_NO_FILE'
  | 'UPDATE_NOT_INSTALLED'

export interface EngineDependencies {
  readonly config: UpdateConfig
  readonly record: UpdateRecord
  readonly logger: Logger
  readonly channel: () => UpdateChannel
  readonly kind: PackageKind
}

interface Offer {
  readonly version: string
  readonly notes: string
  readonly rolloutPercent: number
  readonly file: ManifestFile
}

/** What a privileged installer reads through a shell must need no quoting there. */
const PLAIN_PATH = /^[A-Za-z0-9._/@+-]+$/

export class ElectronUpdateEngine implements UpdateEngine {
  readonly #deps: EngineDependencies
  readonly #updater: AppUpdater
  #byHand = false
  #offer: Offer | undefined
  #file: string | undefined
  #problem: Error | undefined

  constructor(dependencies: EngineDependencies) {
    this.#deps = dependencies
    const updater = dependencies.kind === 'AppImage' ? new CarefulAppImageUpdater(() => this.#expectedHash()) : autoUpdater
    this.#updater = updater
    const { logger } = dependencies
    const tell = (message: unknown): void => logger.debug(String(message).split('\n')[0] ?? '')
    updater.logger = { info: tell, warn: tell, error: tell, debug: tell }
    updater.updateConfigPath = dependencies.config.path
    updater.autoDownload = false
    // Only Squirrel on macOS installs by itself, when the process has ended.
    updater.autoInstallOnAppQuit = process.platform === 'darwin'
    updater.allowDowngrade = false
    updater.disableWebInstaller = true
    // Maps of blocks are not signed. The whole file is what was signed.
    updater.disableDifferentialDownload = true
    updater.isUserWithinRollout = ({ version, stagingPercentage = 100 }) => this.#byHand || isInRollout(dependencies.record.lot(randomUUID), version, stagingPercentage)
    updater.setFeedURL({ provider: 'custom', updateProvider: feedProvider(() => this.#readOffer(), dependencies.config.feed) } as unknown as Parameters<AppUpdater['setFeedURL']>[0])
    updater.on('error', (error) => {
      this.#problem = error
    })
  }

  async check(byHand: boolean): Promise<FoundUpdate | undefined> {
    this.#byHand = byHand
    const result = await this.#updater.checkForUpdates()
    const offer = this.#offer
    if (result?.isUpdateAvailable !== true || offer === undefined) return undefined
    return { version: offer.version, notes: offer.notes, bytes: offer.file.bytes }
  }

  download(onProgress: (doneBytes: number) => void): Download {
    const token = new CancellationToken()
    const onEvent = ({ transferred }: { readonly transferred: number }): void => onProgress(transferred)
    this.#updater.on('download-progress', onEvent)
    const done = this.#updater.downloadUpdate(token).then(
      ([file]) => {
        this.#file = file
      },
      (error: unknown) => {
        throw downloadError(error)
      },
    )
    void done.finally(() => this.#updater.off('download-progress', onEvent)).catch(() => undefined)
    return { done, cancel: () => token.cancel() }
  }

  install(restart: boolean): 'installed' | 'ends-itself' {
    const updater = this.#updater
    const { kind } = this.#deps
    if (this.#file === undefined) throw new NodeError<EngineErrorCode>('UPDATE_NOT_INSTALLED', 'There is no downloaded version to install.')
    assertUnchanged(this.#file, this.#expectedHash())
    if (!(updater instanceof BaseUpdater)) {
      if (!restart) return 'installed'
      updater.quitAndInstall()
      return 'ends-itself'
    }
    if ((kind === 'deb' || kind === 'rpm') && !PLAIN_PATH.test(this.#file)) {
      throw new NodeError<EngineErrorCode>('UPDATE_NOT_INSTALLED', `The name of the folder of downloads has characters that the package manager cannot be given: ${this.#file}`, {
        hint: 'Install the new version by hand.',
      })
    }
    this.#problem = undefined
    if (!updater.install(true, restart && kind !== 'AppImage')) throw this.#problem ?? new Error('the installer did not say why')
    if (restart && kind === 'AppImage') this.startAgain()
    return 'installed'
  }

  startAgain(): void {
    const image = process.env['APPIMAGE']
    if (this.#deps.kind !== 'AppImage' || image === undefined) return app.relaunch()
    // Not app.relaunch(): its helper would run from the image's mount, which goes with this process. Without the lock the next one is the first.
    app.releaseSingleInstanceLock()
    const { APPIMAGE: _image, APPDIR: _folder, ARGV0: _name, OWD: _from, ...env } = process.env
    spawn(image, [], { env, detached: true, stdio: 'ignore' }).unref()
  }

  async #readOffer(): Promise<Offer> {
    const { config, record, channel, kind, logger } = this.#deps
    const target = { channel: channel(), platform: process.platform, arch: process.arch }
    this.#offer = undefined
    const manifest = await readFeed({ fetch: (url, init) => net.fetch(url, init), clock: systemClock }, { config, target, seen: record.seen(target.channel) })
    record.see(target.channel, manifest.version)
    if (gt(app.getVersion(), manifest.version)) logger.info('the feed offers an older version, which is not installed', { offered: manifest.version })
    const file = manifest.files.find((candidate) => candidate.kind === kind)
    if (file === undefined) {
      throw new NodeError<EngineErrorCode>('UPDATE_NO_FILE', `Version ${manifest.version} has no file for this kind of installation (${kind}).`, { hint: 'Install the new version by hand.' })
    }
    this.#offer = { version: manifest.version, notes: manifest.notes, rolloutPercent: manifest.rolloutPercent, file }
    return this.#offer
  }

  #expectedHash(): string {
    if (this.#offer === undefined) throw new NodeError<EngineErrorCode>('UPDATE_NOT_INSTALLED', 'It is not known what the file must be.')
    return this.#offer.file.sha512
  }
}

/** What electron-updater asks for releases: the signed feed. */
function feedProvider(readOffer: () => Promise<Offer>, feed: URL): unknown {
  return class extends Provider<UpdateInfo> {
    constructor(_options: unknown, _updater: unknown, runtime: never) {
      super(runtime)
    }

    async getLatestVersion(): Promise<UpdateInfo> {
      const { version, notes, rolloutPercent, file } = await readOffer()
      const { name, sha512, bytes } = file
      return { version, releaseNotes: notes, releaseDate: '', stagingPercentage: rolloutPercent, files: [{ url: name, sha512, size: bytes }], path: name, sha512 }
    }

    resolveFiles({ files }: UpdateInfo): ResolvedUpdateFileInfo[] {
      return files.map((info) => ({ url: new URL(info.url, feed), info }))
    }
  }
}

/** Replaces the file in one step, under the name it has: links to it, and the entry that opens it at login, stay true. */
class CarefulAppImageUpdater extends AppImageUpdater {
  readonly #sha512: () => string

  constructor(sha512: () => string) {
    super()
    this.#sha512 = sha512
  }

  protected override doInstall(): boolean {
    const image = process.env['APPIMAGE']
    const file = this.installerPath
    if (image === undefined || !image.startsWith('/') || file === null) return false
    replaceFile(file, image, this.#sha512())
    return true
  }
}

function downloadError(error: unknown): unknown {
  if (isNodeError(error)) return error
  const code = (error as { code?: unknown } | undefined)?.code
  if (code === 'ERR_CHECKSUM_MISMATCH') {
    return new NodeError<EngineErrorCode>('UPDATE_BAD_FILE', 'The update server sent another file than the one that was signed, or a part of it. It was refused.', {
      hint: 'Nothing was installed; this version goes on.',
      cause: error,
    })
  }
  if (code === 'ENOSPC') {
    return new NodeError<EngineErrorCode>('UPDATE_DISK_FULL', 'There is not enough room on the disk for the new version.', { hint: 'Make room; it is tried again later.', cause: error })
  }
  return new NodeError<EngineErrorCode>('UPDATE_DOWNLOAD_FAILED', `The new version could not be downloaded: ${(errorMessage(error).split('\n')[0] ?? '').slice(0, 200)}`, {
    hint: 'It is tried again later; this version goes on.',
    cause: error,
  })
}

/**
 * The networks of this computer, in `networks.json`. Each change is one atomic write.
 *
 * What cannot be read is never the end of the start: the file is kept aside as `networks.json.damaged-<time>`, what can be
 * read of it stays, and `damage` says so until somebody has seen it.
 */
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Conf from 'conf'
import { z } from 'zod'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { PROFILE_VERSION } from '../kinds/profiles.ts'
import { KINDS, profilesOf, type NetworkProfile } from '../kinds/table.ts'

export interface StoreDamage {
  /** Where the file as it was is kept. */
  readonly keptAs: string
  /** Networks that could be read all the same; the others have to be added again. Their data are still where they were. */
  readonly recovered: number
  readonly reason: string
}

export interface ProfileStoreDependencies {
  readonly logger: Logger
  /** Milliseconds since the Unix epoch, for the name of a damaged file. */
  readonly now: () => number
  /** The profiles of a first start, and of one whose file could not be read. */
  readonly initial: () => readonly NetworkProfile[]
}

const fileSchema = z.looseObject({ version: z.int().min(1).max(PROFILE_VERSION), networks: z.array(z.unknown()) })

const kindSchema = z.looseObject({ kind: z.enum(Object.keys(KINDS), 'a kind of network that this version does not know') })

export class ProfileStore {
  readonly path: string
  readonly #folder: string
  readonly #dependencies: ProfileStoreDependencies
  #conf: Conf<Record<string, unknown>> | undefined
  #profiles: readonly NetworkProfile[] = []
  #damage: StoreDamage | undefined

  /** `folder` is where settings.json is, too. */
  constructor(dependencies: ProfileStoreDependencies, folder: string) {
    this.#dependencies = dependencies
    this.#folder = folder
    this.path = join(folder, 'networks.json')
  }

  /** Reads the file; makes it where there is none. */
  load(): void {
    if (!existsSync(this.path)) {
      this.#conf = this.#open()
      this.#settle(this.#dependencies.initial(), true)
      return
    }
    try {
      this.#conf = this.#open()
      const { version, networks } = fileSchema.parse({ ...this.#conf.store })
      const parsed = networks.map((network) => parseProfile(migrated(network, version)))
      const good = unique(parsed.flatMap(({ data }) => (data === undefined ? [] : [data])))
      if (good.length < networks.length) this.#recover(good, reasonOf(parsed.find(({ error }) => error !== undefined)?.error) ?? 'two networks have the same identifier')
      else this.#settle(good, version < PROFILE_VERSION)
    } catch (error) {
      this.#recover([], error instanceof z.ZodError ? (reasonOf(error) ?? errorMessage(error)) : errorMessage(error))
    }
  }

  list(): readonly NetworkProfile[] {
    return this.#profiles
  }

  find(id: string): NetworkProfile | undefined {
    return this.#profiles.find((profile) => profile.id === id)
  }

  get damage(): StoreDamage | undefined {
    return this.#damage
  }

  dismissDamage(): void {
    this.#damage = undefined
  }

  add(profile: NetworkProfile): void {
    this.#write([...this.#profiles, profile])
  }

  replace(profile: NetworkProfile): void {
    this.#write(this.#profiles.map((known) => (known.id === profile.id ? profile : known)))
  }

  remove(id: string): void {
    this.#write(this.#profiles.filter((profile) => profile.id !== id))
  }

  #open(): Conf<Record<string, unknown>> {
    return new Conf<Record<string, unknown>>({ cwd: this.#folder, configName: 'networks', configFileMode: 0o600 })
  }

  /** `isNew`: the file does not say them so yet. */
  #settle(profiles: readonly NetworkProfile[], isNew: boolean): void {
    const found = profiles.map((profile) => profilesOf(profile).asFound(profile))
    if (isNew || found.some((profile, index) => profile !== profiles[index])) this.#write(found)
    else this.#profiles = found
  }

  #write(profiles: readonly NetworkProfile[]): void {
    if (this.#conf === undefined) throw new Error('the list of networks was not loaded')
    this.#conf.store = { version: PROFILE_VERSION, networks: profiles }
    this.#profiles = profiles
  }

  #recover(good: readonly NetworkProfile[], reason: string): void {
    const { initial, logger, now } = this.#dependencies
    const keptAs = `${this.path}.damaged-${new Date(now()).toISOString().replace(/[:.]/g, '-')}`
    try {
      renameSync(this.path, keptAs)
    } catch {
      copyFileSync(this.path, keptAs)
    }
    this.#damage = { keptAs, recovered: good.length, reason }
    logger.error('the list of networks is damaged and was set aside', { keptAs, recovered: good.length, reason })
    this.#conf = this.#open()
    this.#write(good.length > 0 ? good : initial())
  }
}

function parseProfile(network: unknown): z.ZodSafeParseResult<NetworkProfile> {
  const { data, error } = kindSchema.safeParse(network)
  return data === undefined ? { success: false, error: error as z.ZodError<NetworkProfile> } : profilesOf(data).schema.safeParse(network)
}

/** The networks of version 1 are chains, and do not say so. */
function migrated(network: unknown, version: number): unknown {
  return version < 2 && typeof network === 'object' && network !== null ? { ...network, kind: 'chain' } : network
}

function unique(profiles: readonly NetworkProfile[]): NetworkProfile[] {
  return [...new Map(profiles.map((profile) => [profile.id, profile])).values()]
}

function reasonOf(error: z.ZodError | undefined): string | undefined {
  const issue = error?.issues[0]
  return issue === undefined ? undefined : `${issue.path.join('.') || 'the file'}: ${issue.message}`
}

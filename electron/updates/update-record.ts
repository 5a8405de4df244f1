/**
 * What must outlive the app between two versions: the newest version that each channel ever offered, and the mark that is
 * made before an installation, with the nodes that ran then. At the next start the mark tells how it went.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { gt } from 'semver'
import { z } from 'zod'
import { UPDATE_CHANNELS, type UpdateChannel } from './manifest.ts'
import type { UpdateOutcome } from '../../node-core/api/app/update-types.ts'

const markSchema = z.object({
  from: z.string().max(64),
  to: z.string().max(64),
  /** Milliseconds since the Unix epoch. */
  at: z.number(),
  /** Networks whose nodes are to run again afterwards. */
  running: z.array(z.string().max(64)).max(100),
  /** Why it failed, where that is known. */
  reason: z.string().max(1000).optional(),
})
export type UpdateMark = z.infer<typeof markSchema>

const recordSchema = z.object({
  seen: z.partialRecord(z.enum(UPDATE_CHANNELS), z.string().max(64)).catch({}),
  mark: markSchema.optional().catch(undefined),
  /** Random, for staged roll-outs; it is never sent. */
  lot: z.string().max(64).optional().catch(undefined),
})
type Contents = z.infer<typeof recordSchema>

export interface FinishedUpdate extends UpdateOutcome {
  readonly running: readonly string[]
}

export class UpdateRecord {
  readonly #path: string
  #contents: Contents

  /** A file that is missing or damaged counts as empty. */
  constructor(path: string) {
    this.#path = path
    this.#contents = read(path)
  }

  seen(channel: UpdateChannel): string | undefined {
    return this.#contents.seen[channel]
  }

  /** Remembers what a channel offered, where it is newer than all before. */
  see(channel: UpdateChannel, version: string): void {
    const before = this.seen(channel)
    if (before === undefined || gt(version, before)) this.#keep({ ...this.#contents, seen: { ...this.#contents.seen, [channel]: version } })
  }

  /** This installation's lot in staged roll-outs; drawn once. */
  lot(draw: () => string): string {
    const lot = this.#contents.lot ?? draw()
    if (this.#contents.lot === undefined) this.#keep({ ...this.#contents, lot })
    return lot
  }

  mark(mark: UpdateMark): void {
    this.#keep({ ...this.#contents, mark })
  }

  /** At the start: how the installation went that was under way, if one was. The mark is taken away. */
  finish(current: string): FinishedUpdate | undefined {
    const { mark, ...rest } = this.#contents
    if (mark === undefined) return undefined
    this.#keep(rest)
    return { from: mark.from, to: mark.to, succeeded: current === mark.to, reason: mark.reason, running: mark.running }
  }

  #keep(contents: Contents): void {
    this.#contents = contents
    writeFileSync(`${this.#path}.new`, JSON.stringify(contents))
    renameSync(`${this.#path}.new`, this.#path)
  }
}

function read(path: string): Contents {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return { seen: {} }
  }
}

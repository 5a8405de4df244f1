/** Files that are shared and fetched by the roots of their hash trees: `net.resources.*`. */
import { join } from 'node:path'
import { z } from 'zod'
import { networkInput, openNet, openingOf, requireNet, type Opening } from './open-net.ts'
import { changes, sample } from '../running.ts'
import { procedure, router, type ApiProblem } from '../trpc.ts'
import { plainData } from '../../base/errors.ts'
import type { Adding, CatalogueEntry } from '../../net/resources/catalogue/catalogue.ts'
import type { DownloadProgress } from '../../net/resources/fetch/download.ts'
import type { FetchStatus } from '../../net/resources/resources.ts'
import { providerOf } from '../../net/resources/provider.ts'

export interface FetchEntry {
  /** Hexadecimal. */
  readonly root: string
  /** Where the file is to be; names the fetch. */
  readonly path: string
  readonly state: 'paused' | DownloadProgress['state']
  /** Undefined while it is paused and has not run since the start. */
  readonly progress: Omit<DownloadProgress, 'state' | 'left'> | undefined
  /** Why it failed. */
  readonly problem: ApiProblem | undefined
}

export interface ResourcesBatch {
  readonly opening: Opening
  /** In the order in which they were added. */
  readonly shared: readonly CatalogueEntry[]
  readonly adding: Adding | undefined
  readonly fetches: readonly FetchEntry[]
}

const MAX_PATH = 4096
const path = z.string().min(1, 'no path is given').max(MAX_PATH, 'the path is too long')
const root = z.string().trim().toLowerCase().regex(/^(0x)?[0-9a-f]{64}$/, 'a root has 64 hexadecimal digits').transform((text) => text.replace(/^0x/, ''))
/** Of a file in the chosen folder, and in none below or above it. */
const fileName = z.string().trim().min(1, 'no name is given').max(255, 'the name is too long').refine((name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..', 'not the name of a file')
const providers = z.array(z.string().trim().min(1).max(512)).max(32, 'at most 32 peers can be named')
const fetchInput = networkInput.extend({ path })

export const resourcesRouter = router({
  /** How things are, looked at once a second. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<ResourcesBatch>()
    return sample<ResourcesBatch>(ctx, signal, () => {
      const resources = openNet(ctx, input.network)?.resources
      return changed({
        opening: openingOf(ctx, input.network),
        shared: resources?.catalogue.list() ?? [],
        adding: resources?.catalogue.adding,
        fetches: resources?.fetches().map(entryOf) ?? [],
      })
    })
  }),

  /** Hashes a file and offers it; resolves with its entry. `watch` tells how far it is. */
  share: procedure.input(networkInput.extend({ path })).mutation(({ ctx, input }) => requireNet(ctx, input.network).resources.catalogue.add(input.path)),
  /** Offers it no longer; the file stays. */
  unshare: procedure.input(networkInput.extend({ root })).mutation(({ ctx, input }) => requireNet(ctx, input.network).resources.catalogue.remove(input.root)),

  /** Begins a fetch into a folder that is there. `peers` are asked besides those that are found: peer ids, or addresses that end in one. */
  fetch: procedure.input(networkInput.extend({ root, folder: path, name: fileName, peers: providers.default([]) })).mutation(async ({ ctx, input }) => {
    const { resources } = requireNet(ctx, input.network)
    await resources.fetch({ root: input.root, path: join(input.folder, input.name), peers: input.peers.map(providerOf) })
  }),
  pause: procedure.input(fetchInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).resources.pause(input.path)),
  resume: procedure.input(fetchInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).resources.resume(input.path)),
  /** Out of the list; what is there of a file that is not whole is deleted. */
  discard: procedure.input(fetchInput).mutation(({ ctx, input }) => requireNet(ctx, input.network).resources.discard(input.path)),
})

function entryOf({ request, isPaused, progress, outcome }: FetchStatus): FetchEntry {
  return {
    root: request.root,
    path: request.path,
    state: outcome !== undefined && outcome.kind !== 'stopped' ? outcome.kind : isPaused ? 'paused' : (progress?.state ?? 'stopped'),
    progress: progress && figuresOf(progress),
    problem: outcome?.kind === 'failed' ? { code: outcome.error.code, message: outcome.error.message, hint: outcome.error.hint, data: plainData(outcome.error) } : undefined,
  }
}

function figuresOf({ state: _, left: __, ...figures }: DownloadProgress): FetchEntry['progress'] {
  return figures
}

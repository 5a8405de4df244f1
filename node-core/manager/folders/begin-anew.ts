/** Making room for a node that begins anew, so that nothing is lost that could be kept. */
import { rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { NodeKind } from '../kinds/kind.ts'
import { readMarker, type SeenData } from './seen-data.ts'

export interface BeginAnew {
  /** Keys, identity and the record of what was signed stay; true where it is left out. Otherwise the whole folder is put aside. */
  readonly keepKeys?: boolean
  /** The old database is deleted and not kept aside. */
  readonly discard?: boolean
  /** What keys signed that everybody knows is forgotten: every node of the network begins anew. */
  readonly forgetPublicKeys?: boolean
  /** Its node starts then; true where it is left out. */
  readonly start?: boolean
}

/**
 * Gives the path of what was put aside; undefined where nothing was there, or nothing is kept. What belongs to somebody else is put aside
 * whole: a node that begins anew must not take on another one's identity and keys.
 */
export async function putAside(
  kind: Pick<NodeKind, 'setAside'>,
  { dataPath, seen }: { readonly dataPath: string; readonly seen: SeenData | undefined },
  { keepKeys = true, discard = false }: BeginAnew,
  now: number,
): Promise<string | undefined> {
  const found = await stat(dataPath).catch(() => undefined)
  if (found === undefined) return undefined
  const marker = await readMarker(dataPath)
  const isOthers = seen !== undefined && marker !== undefined && (marker.instance !== seen.instance || marker.network !== seen.network)
  if (found.isDirectory() && keepKeys && !isOthers) {
    const aside = await kind.setAside(dataPath, now)
    if (!discard || aside === undefined) return aside
    await rm(aside, { recursive: true, force: true, maxRetries: 3 })
    return undefined
  }
  const aside = `${resolve(dataPath)}.aside-${stampOf(now)}`
  await rename(dataPath, aside)
  return aside
}

/** `2026-11-21T07-30-00`: fit for a file's name everywhere. */
export function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')
}

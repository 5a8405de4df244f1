/**
 * The feed: a manifest for each channel, platform and architecture that the release has packages for. A finished version goes
 * to both channels, a preview (`0.2.0-beta.1`) to the channel of previews alone.
 */
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prerelease } from 'semver'
import { hashFile } from './checksums.ts'
import { packageOf, type Package } from './packages.ts'
import { manifestName, manifestSchema, type Manifest, type ManifestFile, type UpdateChannel } from '../../electron/updates/manifest.ts'

export interface FeedFacts {
  readonly version: string
  readonly notes: string
  readonly releasedAt: Date
  readonly rolloutPercent: number
}

export function channelsOf(version: string): readonly UpdateChannel[] {
  return prerelease(version) === null ? ['stable', 'preview'] : ['preview']
}

/** Writes the manifests of what of the release lies in the folder; returns their names. */
export async function writeFeed(folder: string, names: readonly string[], { version, notes, releasedAt, rolloutPercent }: FeedFacts): Promise<string[]> {
  const groups = new Map<string, Package[]>()
  for (const name of [...names].sort()) {
    const found = packageOf(name, version)
    if (found === undefined) continue
    const group = `${found.platform} ${found.arch}`
    groups.set(group, [...(groups.get(group) ?? []), found])
  }
  const written: string[] = []
  for (const packages of groups.values()) {
    const [{ platform, arch }] = packages as [Package, ...Package[]]
    const files = await Promise.all(packages.map((entry) => fileOf(folder, entry)))
    for (const channel of channelsOf(version)) {
      const manifest: Manifest = { schema: 1, product: 'nodestead', channel, platform, arch, version, releasedAt: releasedAt.toISOString(), rolloutPercent, notes: notes.slice(0, 20_000), files }
      const name = manifestName(manifest)
      await writeFile(join(folder, name), `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`)
      written.push(name)
    }
  }
  return written
}

async function fileOf(folder: string, { name, kind }: Package): Promise<ManifestFile> {
  const path = join(folder, name)
  return { name, kind, bytes: (await stat(path)).size, sha512: await hashFile(path, 'sha512', 'base64') }
}

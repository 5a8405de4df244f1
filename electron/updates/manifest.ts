/**
 * The manifest of a release: one small JSON file for each channel, platform and architecture, which says what the newest
 * version is and what its files hash to. A detached Ed25519 signature lies beside it (signature.ts). It is read only after
 * that was checked, and then strictly: names of files are names, never paths or addresses, from letters that no shell reads.
 *
 * It says for which channel, platform and architecture it is, so that nobody can pass on the right signature of the wrong file.
 */
import { valid } from 'semver'
import { z } from 'zod'

export const UPDATE_CHANNELS = ['stable', 'preview'] as const
export type UpdateChannel = (typeof UPDATE_CHANNELS)[number]

/** What an installation is made of, and so which file renews it; a `tar.gz` that somebody unpacked is renewed by hand. */
export const PACKAGE_KINDS = ['AppImage', 'deb', 'rpm', 'tar.gz', 'exe', 'zip'] as const
export type PackageKind = (typeof PACKAGE_KINDS)[number]

/** No release of ours is larger, in bytes. */
export const MAX_PACKAGE_BYTES = 1_000_000_000
export const MAX_MANIFEST_BYTES = 64 * 1024

const fileName = z.string().max(120).regex(/^Nodestead[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/, 'not the name of a release file')

const fileSchema = z.strictObject({
  name: fileName,
  kind: z.enum(PACKAGE_KINDS),
  bytes: z.int().min(1).max(MAX_PACKAGE_BYTES),
  /** Base64. */
  sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/, 'not a SHA-512 in base64'),
})

export const manifestSchema = z
  .strictObject({
    schema: z.literal(1),
    product: z.literal('nodestead'),
    channel: z.enum(UPDATE_CHANNELS),
    platform: z.enum(['linux', 'darwin', 'win32']),
    arch: z.enum(['x64', 'arm64', 'universal']),
    version: z.string().max(64).refine((version) => valid(version) === version, 'not a version'),
    releasedAt: z.iso.datetime(),
    /** Of those whom the new version is offered to by itself, in percent. */
    rolloutPercent: z.int().min(0).max(100),
    notes: z.string().max(20_000),
    files: z.array(fileSchema).min(1).max(8),
  })
  .refine(({ files }) => files.every(({ name, kind }) => name.endsWith(`.${kind}`)), 'a file is not what its name says')

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestFile = Manifest['files'][number]

/** Which installation asks: the manifest must be for it. */
export interface UpdateTarget {
  readonly channel: UpdateChannel
  readonly platform: string
  readonly arch: string
}

/** `stable-linux-x64.json`; one file serves both architectures of macOS. */
export function manifestName({ channel, platform, arch }: UpdateTarget): string {
  return `${channel}-${platform}-${platform === 'darwin' ? 'universal' : arch}.json`
}

/** Undefined where the bytes are not a manifest for `target`. */
export function parseManifest(bytes: Uint8Array, target: UpdateTarget): Manifest | undefined {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
  const { data } = manifestSchema.safeParse(json)
  return data !== undefined && manifestName(data) === manifestName(target) ? data : undefined
}

/**
 * What a release needs to know that no program can find out: settings.json beside this file. What is missing there stays
 * out of the packages, and a real release says that it is missing; a dry run goes on without.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { feedSchema } from '../../electron/updates/update-config.ts'
import { MAX_KEYS } from '../../electron/updates/signature.ts'
import { ROOT } from '../terminal.ts'

export const releaseSettingsSchema = z.strictObject({
  /** Reverse-domain name of the app, for macOS and Windows. */
  appId: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/),
  /** The folder where installed apps look for newer versions. */
  feed: feedSchema.optional(),
  homepage: z.url().optional(),
  /** For packages of Linux: `Name <address>`. */
  maintainer: z.string().min(1),
  /** The name in the certificate that signs for Windows. */
  publisherName: z.string().optional(),
  /** Public halves of the offline keys: base64 of SubjectPublicKeyInfo. */
  updateKeys: z.array(z.string()).max(MAX_KEYS),
})

export type ReleaseSettings = z.infer<typeof releaseSettingsSchema>

export const SETTINGS_FILE = join(ROOT, 'build', 'release', 'settings.json')

export async function readReleaseSettings(path = SETTINGS_FILE): Promise<ReleaseSettings> {
  return releaseSettingsSchema.parse(JSON.parse(await readFile(path, 'utf8')))
}

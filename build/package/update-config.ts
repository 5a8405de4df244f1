/** Writes what electron/updates/update-config.ts reads: the address of the feed and the keys, part of the program from here on. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { updateConfigSchema } from '../../electron/updates/update-config.ts'
import type { ReleaseSettings } from '../release/settings.ts'

export async function writeUpdateConfig(out: string, { feed, updateKeys, publisherName }: Pick<ReleaseSettings, 'feed' | 'updateKeys' | 'publisherName'>): Promise<void> {
  const config: z.input<typeof updateConfigSchema> = {
    ...(feed === undefined ? {} : { feed }),
    keys: updateKeys,
    updaterCacheDirName: 'nodestead-updater',
    ...(publisherName === undefined ? {} : { publisherName: [publisherName] }),
  }
  await writeFile(join(out, 'updates.json'), JSON.stringify(updateConfigSchema.parse(config)))
}

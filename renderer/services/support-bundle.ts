/** Everything that a helper needs to see, saved as one file (node-core/manager/support/support-bundle.ts says what is left out). */
import { saveFile } from './save-file.ts'
import type { ApiClient } from '../trpc/client.ts'

export async function saveSupportBundle(client: ApiClient): Promise<void> {
  const { fileName, base64 } = await client.support.bundle.mutate()
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  saveFile(fileName, new Blob([bytes], { type: 'application/gzip' }))
}

/** Where a network comes from, whatever a person has of it: the path of a network file, or the link of an invitation. */
import type { ChainSpec } from '../../../chain/spec/schema.ts'
import { INVITATION_PREFIX, openInvitation } from '../../../chain/spec/invitation.ts'
import { readOpened, shippedRuntime } from '../../../chain/spec/load.ts'
import { openNetworkFile } from '../../../chain/spec/network-file.ts'
import { resolveSpec } from '../../../chain/spec/resolve.ts'
import { readSpecFile } from '../../../chain/spec/spec-file.ts'
import type { Installation } from '../installation.ts'

export type OpenedSource =
  /** With its genesis, which is made where the file has none. `text` is a chain specification. */
  | { readonly spec: ChainSpec; readonly text: string | undefined; readonly known: undefined }
  /** It only names a network that ships with the app. */
  | { readonly known: string; readonly text: undefined }

/** `source` is a path, or the link of an invitation. Throws a ChainSpecError in words for the person. */
export async function openSource(source: string, installation: Installation): Promise<OpenedSource> {
  const { chainsPath, workerUrls } = installation
  const isLink = isInvitation(source)
  const name = isLink ? 'The invitation' : source
  const given = isLink ? await openInvitation(source, { code: await shippedRuntime({ chainsPath }), workerUrl: workerUrls?.genesis }) : await readSpecFile(source)
  const file = openNetworkFile(given, name)
  if (file.kind === 'known') return { known: file.name, text: undefined }
  const spec = await resolveSpec(readOpened(file, name), name, { workerUrl: workerUrls?.genesis })
  return { spec, text: file.text, known: undefined }
}

export function isInvitation(source: string): boolean {
  return source.trimStart().startsWith(INVITATION_PREFIX)
}

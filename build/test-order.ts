/**
 * The order in which vitest takes test files: those that are known to take long first, so that at the end of a run no worker is left
 * alone with one of them. vitest itself knows how long a file takes only where it ran before; in a fresh copy it goes by size.
 */
/** The longest first, relative to `test/`. One that is missing here costs time at the most. */
const LONG = [
  // Fetches what the clients of others need, where that is not there yet.
  'interop/service-clients',
  'integration/net/python',
  'integration/joining-stops',
  'integration/chain',
  'integration/cli',
  'integration/network-upgrade',
  'integration/terminal',
  'integration/sealing',
  'integration/network-of-nodes',
  'interop/smoldot',
  'integration/epochs-after-gap',
  'integration/joining-liars',
  'integration/command/to-node',
  'interop/wallets',
  'integration/block-files',
  'integration/aura',
  'integration/network/upnp',
  'integration/block-resume',
  'unit/manager/network-admin',
  'integration/joining-state',
  'integration/damaged-database',
  'interop/refused',
  'integration/sole-signer',
  'unit/chain/core/engines/grandpa/simulation',
  'unit/network/spread/chunks/mesh',
  'unit/chain/state/pins',
  'conformance/blocks/development-chains',
  'unit/chain/runtime/executor',
  'unit/net/sealed/ecies',
  'unit/net/resources/fetch/plan',
]

/** The files of the list, relative to the project. */
export const LONG_FILES: readonly string[] = LONG.map((name) => `test/${name}.test.ts`)

/** The same files, those of the list before the others, which stay in their order. `moduleId` is a file's path. */
export function longestFirst<File extends { readonly moduleId: string }>(files: readonly File[]): File[] {
  return files.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId))
}

function rank(path: string): number {
  const at = LONG_FILES.findIndex((name) => path.replaceAll('\\', '/').endsWith(`/${name}`))
  return at === -1 ? LONG_FILES.length : at
}

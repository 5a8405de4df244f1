/** What a runtime says of itself, where a test has none. */
import type { RuntimeVersion } from '../../node-core/chain/runtime/types.ts'

export function versionOf(name: string): RuntimeVersion {
  return { specName: name, implName: name, authoringVersion: 1, specVersion: 1, implVersion: 1, apis: [], transactionVersion: 1, systemVersion: 1, stateVersion: 1 }
}

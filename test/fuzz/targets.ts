/** Every decoder that a stranger's bytes reach. */
import { channelTargets } from './channel-targets.ts'
import { chunkTargets } from './chunk-targets.ts'
import type { Material } from './corpus.ts'
import type { Target } from './fuzz.ts'
import { ipcMethodTargets } from './ipc-method-targets.ts'
import { ipcTargets } from './ipc-targets.ts'
import { linkTargets } from './link-targets.ts'
import { netAddressTargets } from './net-address-targets.ts'
import { netTargets } from './net-targets.ts'
import { requestTargets } from './request-targets.ts'
import { resourceTargets } from './resource-targets.ts'
import { sealedTargets } from './sealed-targets.ts'
import { textTargets } from './text-targets.ts'
import { topicTargets } from './topic-targets.ts'
import { treeTargets } from './tree-targets.ts'

export function allTargets(material: Material): Target[] {
  const net = [...channelTargets(), ...chunkTargets(), ...ipcMethodTargets(), ...ipcTargets(), ...linkTargets(), ...netAddressTargets(), ...netTargets(), ...resourceTargets(), ...sealedTargets(), ...treeTargets()]
  return [...topicTargets(material), ...requestTargets(material), ...textTargets(), ...net]
}

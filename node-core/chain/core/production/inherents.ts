/**
 * What the host tells the runtime while a block is built (Polkadot Host spec, section 3.3.3 "Inherent data").
 * Identifiers have eight bytes.
 */
import type { InherentData } from '../../runtime/types.ts'
import { writeHeader, type Header } from '../../scale/header.ts'
import { ScaleWriter } from '../../../scale/writer.ts'

/** `timstap0`: milliseconds since the Unix epoch. */
export function timestampInherent(nowMs: number): InherentData[number] {
  return ['timstap0', new ScaleWriter(8).u64(nowMs).finish()]
}

/**
 * `parachn0`: what relay chains expect of the parachain modules. This node validates no parachains, so there are no
 * bitfields, no backed candidates and no disputes; the parent header proves which block it is for.
 */
export function parachainsInherent(parent: Header): InherentData[number] {
  const writer = new ScaleWriter(512).compact(0).compact(0).compact(0)
  return ['parachn0', writeHeader(writer, parent).finish()]
}

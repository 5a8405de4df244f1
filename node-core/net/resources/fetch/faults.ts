/** What a peer can do wrong while files are fetched from it, on the scale of network/faults.ts. */
import type { PeerFault } from '../../../network/contracts.ts'

export const FETCH_FAULTS = {
  /** Bytes that do not hash to their leaf. A disk may have lost a bit: the second time ends it. */
  data: { code: 'resource-false-data', cost: -500 },
  /** Hashes that the root does not prove. */
  proof: { code: 'resource-false-proof', cost: -500 },
  /** A length that the root disproves, or leaves that are not there. */
  length: { code: 'resource-false-length', cost: -300 },
  /** Answers to nothing, or of another form. */
  malformed: { code: 'resource-malformed', cost: -200 },
  /** Took questions and answered none, several times. */
  silent: { code: 'resource-silent', cost: -20 },
} as const satisfies Readonly<Record<string, PeerFault>>

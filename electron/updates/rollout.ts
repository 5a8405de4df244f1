/** Staged roll-out: whether an installation is among the first `percent` of a version. Another version is another lot, so nobody is always first. */
import { createHash } from 'node:crypto'

export function isInRollout(lot: string, version: string, percent: number): boolean {
  const drawn = createHash('sha256').update(`${lot} ${version}`).digest().readUInt32BE(0) / 2 ** 32
  return drawn * 100 < percent
}

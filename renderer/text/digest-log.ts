/** The logs of a header as a label and a line of text. Pure. */
import { formatNumber, formatPercent } from './format.ts'
import { m } from '../i18n/language.ts'
import type { DigestLog } from '../../node-core/chain/explorer/types.ts'

export interface LogText {
  readonly label: string
  readonly text: string
  /** Bytes that belong to it. */
  readonly hex: string | undefined
}

/** Names of the engines that people may know by another one. */
const ENGINES: Readonly<Record<string, string>> = { FRNK: 'GRANDPA' }
const engineName = (engine: string): string => ENGINES[engine] ?? engine.replace(/[^\x20-\x7e]/g, '·')

export function logText(log: DigestLog): LogText {
  const { logs, bytes } = m.chain
  switch (log.kind) {
    case 'slot':
      return { label: logs.slot, text: slotText(log), hex: undefined }
    case 'nextEpoch':
      return { label: logs.nextEpoch, text: logs.nextEpochText(log.authorities), hex: log.randomness }
    case 'epochConfiguration':
      return { label: logs.epochConfiguration, text: logs.epochConfigurationText(formatPercent(log.c[0] / log.c[1]), log.secondarySlots), hex: undefined }
    case 'authoritiesChange':
      return { label: log.forced ? logs.forced : logs.authoritiesChange, text: logs.authoritiesChangeText(log.authorities.join(', '), log.delay), hex: undefined }
    case 'disabled':
      return { label: logs.disabled, text: logs.disabledText(engineName(log.engine), log.index), hex: undefined }
    case 'pause':
    case 'resume':
      return { label: logs[log.kind], text: logs.delayText(log.delay), hex: undefined }
    case 'seal':
      return { label: logs.seal, text: engineName(log.engine), hex: log.hex }
    case 'runtimeUpdated':
      return { label: logs.runtimeUpdated, text: logs.runtimeUpdatedText, hex: undefined }
    case 'unknown':
      return { label: log.engine === undefined ? logs.unknown : engineName(log.engine), text: bytes(log.size), hex: log.hex }
  }
}

/** Not every engine says by which right, and who it is. */
function slotText({ slot, claim, authorityIndex }: DigestLog & { readonly kind: 'slot' }): string {
  const { logs, claims } = m.chain
  return claim === undefined || authorityIndex === undefined ? formatNumber(slot) : logs.slotText(formatNumber(slot), claims[claim], authorityIndex)
}

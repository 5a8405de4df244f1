/** What a row of the key tables says: pure. */
import { m } from '../i18n/language.ts'
import type { KeyInfo } from '../../node-core/api/network/keys.ts'
import type { Tone } from './status-sentence.ts'

export function keyName({ keyType, label }: Pick<KeyInfo, 'keyType' | 'label'>): string {
  if (keyType === 'acco') return label === '' ? m.keys.unnamed : label
  return m.keys.types[keyType] ?? m.keys.otherType(keyType)
}

/** Green only for a key that the chain says it uses. */
export function keyMark({ damaged, usable, use, source }: Pick<KeyInfo, 'damaged' | 'usable' | 'use' | 'source'>): { readonly tone: Tone; readonly text: string } {
  const { states } = m.keys
  if (damaged) return { tone: 'trouble', text: states.damaged }
  if (!usable) return { tone: 'attention', text: states.locked }
  if (source === 'development') return use === 'used' ? { tone: 'well', text: states.development } : { tone: 'off', text: states.developmentIdle }
  if (use === 'used') return { tone: 'well', text: states.used }
  return { tone: 'off', text: use === 'unused' ? states.unused : states.ready }
}

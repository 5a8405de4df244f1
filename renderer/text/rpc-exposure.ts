/** What the settings of the RPC port let others do, in words; nothing where only programs on this computer are served, and safely. Pure. */
import { m } from '../i18n/language.ts'
import type { ProfileSettings } from '../../node-core/manager/kinds/table.ts'

export interface Exposure {
  readonly tone: 'attention' | 'trouble'
  readonly title: string | undefined
  readonly sentences: readonly string[]
}

export function exposureOf({ rpc, role }: Pick<ProfileSettings, 'rpc' | 'role'>): Exposure | undefined {
  const { title, closed, open, validator, unsafe } = m.settings.exposure
  const isOpen = rpc.methods === 'unsafe'
  if (!rpc.external) return isOpen ? { tone: 'attention', title: undefined, sentences: [unsafe] } : undefined
  return { tone: isOpen || role === 'validator' ? 'trouble' : 'attention', title, sentences: [isOpen ? open : closed, ...(role === 'validator' ? [validator] : [])] }
}

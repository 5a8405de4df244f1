/**
 * The screens there are, and which of them a network has. A new screen is a new entry here and a view in views/index.svelte.ts; one that
 * not every kind of node has is `ofKind`, and is named by the kinds that have it (node-core/manager/kinds).
 */
import type { IconName } from '../components/icons.ts'

export const SCREENS = [
  { id: 'overview', icon: 'overview' },
  { id: 'peers', icon: 'peers' },
  { id: 'sync', icon: 'sync', ofKind: true },
  { id: 'topics', icon: 'topics' },
  { id: 'blocks', icon: 'blocks', ofKind: true },
  { id: 'metrics', icon: 'metrics' },
  { id: 'keys', icon: 'keys', ofKind: true },
  { id: 'logs', icon: 'logs' },
  { id: 'settings', icon: 'settings', atEnd: true },
  { id: 'about', icon: 'about', atEnd: true },
] as const satisfies readonly { readonly id: string; readonly icon: IconName; readonly atEnd?: boolean; readonly ofKind?: boolean }[]

export type Screen = (typeof SCREENS)[number]
export type ScreenId = Screen['id']

/** `ofKind` are the screens that the kind of the network has; without a network all are there. */
export function offeredScreens(ofKind: readonly string[] | undefined): readonly Screen[] {
  return SCREENS.filter((screen) => ofKind === undefined || !('ofKind' in screen) || ofKind.includes(screen.id))
}

/**
 * What the window's first picture needs of `settings.json`, read by hand: the library that keeps the file and the schemas
 * that check it take about as long to read as the window takes to draw itself. They are read after it (settings.ts, which
 * decides); what is damaged or missing counts here as it does there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isGuideNeeded } from './first-run.ts'
import type { SavedWindow } from './window.ts'

export interface Glance {
  readonly window: SavedWindow | undefined
  readonly theme: 'system' | 'light' | 'dark'
  /** The page begins with the guide of the first run. */
  readonly guide: boolean
}

/** `userData` is the app's data folder. Never throws. */
export function glance(userData: string): Glance {
  const { window, theme, firstRunDone, lastNetwork, guideBegan, guideLeft } = read(join(userData, 'settings.json'))
  return {
    window: placeIn(window),
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    guide: isGuideNeeded(userData, {
      firstRunDone: firstRunDone === true,
      lastNetwork: typeof lastNetwork === 'string' ? lastNetwork : undefined,
      began: guideBegan === true || isRecord(guideLeft),
    }),
  }
}

function read(file: string): Readonly<Record<string, unknown>> {
  try {
    const settings: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(settings) ? settings : {}
  } catch {
    // There is none yet, or it is no JSON.
    return {}
  }
}

function placeIn(window: unknown): SavedWindow | undefined {
  if (!isRecord(window)) return undefined
  const { x, y, width, height, maximized } = window
  if (!isInteger(x) || !isInteger(y) || !isInteger(width) || !isInteger(height) || width < 1 || height < 1) return undefined
  return typeof maximized === 'boolean' ? { x, y, width, height, maximized } : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

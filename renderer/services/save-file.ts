/**
 * Saves what the page made as a file: a browser puts it where downloads go, the desktop window asks first
 * (electron/window.ts).
 */

/** How long the page holds on to the content: a save dialog may stay open for a while before it is read. */
const KEPT_MS = 10 * 60_000

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
}

/** `nodestead-dev-metrics-2026-11-21T07-15-54.csv`: harmless on every file system, sorted by time. */
export function fileName(parts: readonly string[], extension: string, now: Date): string {
  const words = ['nodestead', ...parts].map((part) => part.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, ''))
  return `${words.filter((word) => word !== '').join('-')}-${now.toISOString().slice(0, 19).replaceAll(':', '-')}.${extension}`
}

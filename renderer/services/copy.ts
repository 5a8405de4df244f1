/**
 * Copies text. A browser gives a page the clipboard only where the connection is secure: over https, or on its own computer. Behind a proxy
 * that speaks plain http the older way is left, by the event of a copy. Rejects with an error that says what to do instead.
 */
import { m } from '../i18n/language.ts'

export async function copyText(text: string): Promise<void> {
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard !== undefined) return clipboard.writeText(text)
  let isTaken = false
  const onCopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    isTaken = true
  }
  document.addEventListener('copy', onCopy, { once: true, capture: true })
  // Deprecated, and the only way there is without a secure connection.
  document.execCommand('copy')
  document.removeEventListener('copy', onCopy, { capture: true })
  if (!isTaken) throw new Error(m.browser.copyRefused)
}

/** `/` leads to a screen's filter; Escape in it leads back to where the keyboard was. */
let before: Element | null = null

export function enterFilter(field: HTMLElement | undefined): void {
  if (document.activeElement !== document.body) before = document.activeElement
  field?.focus()
}

export function leaveFilter(): void {
  const back = before?.isConnected === true ? before : document.querySelector('main')
  before = null
  if (back instanceof HTMLElement) back.focus({ preventScroll: true })
}

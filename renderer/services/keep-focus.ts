/**
 * The keyboard's place is never lost. Where the element that has the focus goes away (its button gave way to another, its screen
 * or its language changed, it is disabled now), the browser lets go of it, and whoever works by keys is nowhere. Here the
 * nearest thing around it that is still there takes over: Tab goes on from there, and nothing is pressed by a key that meant
 * something else. Where the whole window was drawn anew, the same control takes over as soon as it is there.
 */
/** A screen that was drawn anew has its contents after an answer or two. */
const PATIENCE_MS = 2_000

interface Place {
  /** From the inside to the outside. */
  readonly around: readonly Element[]
  /** The way to it from the page's body: of which child the which child. */
  readonly way: readonly number[]
  readonly tag: string
}

/** Looks after the focus until the returned function is called. */
export function keepFocus(): () => void {
  let place: Place | undefined
  /** The place in the window before it was drawn anew, which the screen keeps until its control is there. */
  let expected: (Place & { readonly until: number }) | undefined
  let frame: number | undefined

  function remember({ target }: FocusEvent): void {
    if (!(target instanceof Element) || target === document.body) return
    place = { around: [...ancestors(target)], way: wayTo(target), tag: target.tagName }
    if (target.tagName !== 'MAIN') expected = undefined
  }

  /** A person who clicks beside it lets go of it: then there is nothing to look after. */
  function forget(): void {
    place = undefined
    expected = undefined
  }

  function look(): void {
    frame = undefined
    const main = document.querySelector('main')
    if (main === null) return
    if (document.activeElement === main && expected !== undefined) return settle(main)
    if (place === undefined || (document.activeElement !== document.body && document.activeElement !== null)) return
    const nearest = place.around.find((ancestor) => ancestor.isConnected)
    // Without any, what lay on top is gone, and so is what was under it.
    if (nearest === undefined) return focus(main)
    if (nearest === main || !nearest.contains(main)) return focus(nearest)
    expected = { ...place, until: performance.now() + PATIENCE_MS }
    settle(main)
  }

  function settle(main: Element): void {
    if (expected === undefined) return
    const { way, tag, until } = expected
    const same = at(way)
    if (same?.tagName === tag) same.focus()
    else if (performance.now() > until) expected = undefined
    if (document.activeElement === document.body) focus(main)
  }

  const observer = new MutationObserver(() => (frame ??= requestAnimationFrame(look)))
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] })
  document.addEventListener('focusin', remember)
  document.addEventListener('pointerdown', forget, true)
  return () => {
    observer.disconnect()
    if (frame !== undefined) cancelAnimationFrame(frame)
    document.removeEventListener('focusin', remember)
    document.removeEventListener('pointerdown', forget, true)
  }
}

/** Focuses what is no control, for as long as it keeps the focus. */
function focus(element: Element): void {
  if (!(element instanceof HTMLElement)) return
  if (!element.hasAttribute('tabindex')) {
    element.tabIndex = -1
    element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true })
  }
  element.focus({ preventScroll: true })
}

function wayTo(element: Element): number[] {
  const way: number[] = []
  for (let child = element; child !== document.body && child.parentElement !== null; child = child.parentElement) way.unshift([...child.parentElement.children].indexOf(child))
  return way
}

function at(way: readonly number[]): HTMLElement | undefined {
  let found: Element | undefined = document.body
  for (const index of way) found = found?.children[index]
  return found instanceof HTMLElement ? found : undefined
}

function* ancestors(element: Element): Generator<Element> {
  for (let next = element.parentElement; next !== null && next !== document.body; next = next.parentElement) yield next
}

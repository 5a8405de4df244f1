/** What a window does while somebody can see it, and leaves alone while nobody can. */

/** Opens a subscription while the window is visible, anew each time; the returned function ends that. */
export function whileVisible(open: () => { unsubscribe(): void }): () => void {
  let subscription: { unsubscribe(): void } | undefined
  const follow = (): void => {
    subscription?.unsubscribe()
    subscription = document.hidden ? undefined : open()
  }
  follow()
  document.addEventListener('visibilitychange', follow)
  return () => {
    document.removeEventListener('visibilitychange', follow)
    subscription?.unsubscribe()
  }
}

/** The time, once a second, for ages and uptimes. It rests while the window is hidden: nobody looks. */
export class Ticker {
  #now = $state(Date.now())
  #timer: ReturnType<typeof setInterval> | undefined

  /** Milliseconds since the Unix epoch. */
  get now(): number {
    return this.#now
  }

  /** Begins to tick; the returned function ends it. */
  start(): () => void {
    const follow = (): void => {
      clearInterval(this.#timer)
      if (document.hidden) return
      this.#now = Date.now()
      this.#timer = setInterval(() => {
        this.#now = Date.now()
      }, 1000)
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      clearInterval(this.#timer)
      document.removeEventListener('visibilitychange', follow)
    }
  }
}

/** A process that a bench forks, and what it says in answer. `From`: the messages that it sends, each known by a key of its own. */
import { fork, type ChildProcess } from 'node:child_process'

export class BenchChild<To extends object, From extends object> {
  readonly #process: ChildProcess

  constructor(script: string, args: readonly string[]) {
    this.#process = fork(new URL(script, import.meta.url), [...args])
  }

  tell(message: To): void {
    this.#process.send(message)
  }

  async ask<Key extends string>(message: To, key: Key): Promise<Extract<From, Record<Key, unknown>>> {
    const answered = this.next(key)
    this.tell(message)
    return answered
  }

  /** The next message that has this key. Rejects where the process ends before. */
  next<Key extends string>(key: Key): Promise<Extract<From, Record<Key, unknown>>> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('a node ended'))
      const stop = this.onMessage((message) => {
        if (!(key in message)) return
        stop()
        this.#process.off('exit', onExit)
        resolve(message as Extract<From, Record<Key, unknown>>)
      })
      this.#process.once('exit', onExit)
    })
  }

  /** Returns what ends it. */
  onMessage(listener: (message: From) => void): () => void {
    this.#process.on('message', listener)
    return () => this.#process.off('message', listener)
  }

  stop(): void {
    if (this.#process.connected) this.#process.disconnect()
  }
}

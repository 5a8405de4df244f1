/** A line that the terminal does not show while it is typed. */
import type { Readable } from 'node:stream'

const ENTER = /[\r\n]/
const ERASE = new Set(['\x7f', '\b'])
const INTERRUPT = '\x03'
const END = '\x04'

/** Undefined where input ends, or Ctrl-C or Ctrl-D is typed. */
export function askHidden(input: Readable & { setRawMode?(on: boolean): unknown }): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const finish = (answer: string | undefined): void => {
      input.off('data', onData)
      input.off('end', onEnd)
      input.setRawMode?.(false)
      input.pause()
      resolve(answer)
    }
    const onEnd = (): void => finish(undefined)
    const onData = (chunk: Buffer | string): void => {
      for (const letter of chunk.toString()) {
        if (ENTER.test(letter)) return finish(text)
        if (letter === INTERRUPT || letter === END) return finish(undefined)
        text = ERASE.has(letter) ? [...text].slice(0, -1).join('') : text + letter
      }
    }
    input.setRawMode?.(true)
    input.on('data', onData)
    input.on('end', onEnd)
    input.resume()
  })
}

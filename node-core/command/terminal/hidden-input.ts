/** A line that the terminal does not show while it is typed. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { inputEnded, interrupted } from './line-input.ts'

const ENTER = /[\r\n]/
const ERASE = new Set(['\x7f', '\b'])
const ERASE_ALL = '\x15'
const INTERRUPT = '\x03'
const END = '\x04'

/** Throws DECLINED where input ends or Ctrl-D is typed, INTERRUPTED after Ctrl-C. */
export function askHidden(input: Readable & { setRawMode?(on: boolean): unknown }): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8')
    let text = ''
    const finish = (settle: () => void): void => {
      input.off('data', onData)
      input.off('end', onEnd)
      input.setRawMode?.(false)
      input.pause()
      settle()
    }
    const onEnd = (): void => finish(() => reject(inputEnded()))
    const onData = (chunk: Buffer | string): void => {
      for (const letter of typeof chunk === 'string' ? chunk : decoder.write(chunk)) {
        if (ENTER.test(letter)) return finish(() => resolve(text))
        if (letter === INTERRUPT) return finish(() => reject(interrupted()))
        if (letter === END) return onEnd()
        text = letter === ERASE_ALL ? '' : ERASE.has(letter) ? [...text].slice(0, -1).join('') : text + letter
      }
    }
    input.setRawMode?.(true)
    input.on('data', onData)
    input.on('end', onEnd)
    input.resume()
  })
}

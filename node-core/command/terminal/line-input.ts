/** A line that a person types, with the keys that move within it. */
import { createInterface } from 'node:readline'
import { Writable, type Readable } from 'node:stream'
import { CommandError } from '../definition/errors.ts'

export interface LineOutput {
  readonly columns?: number
  write(text: string): unknown
}

/** Of a terminal; nothing is in raw mode, and nothing is read, once the promise is settled. Throws DECLINED where input ends, INTERRUPTED after Ctrl-C. */
export function askLine(input: Readable, output: LineOutput, prompt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, output: streamTo(output), terminal: true, historySize: 0 })
    const onClose = (): void => {
      output.write('\n')
      reject(inputEnded())
    }
    const finish = (settle: () => void): void => {
      // The interface listens to its own end, too.
      lines.off('close', onClose)
      lines.close()
      settle()
    }
    lines.on('line', (line) => finish(() => resolve(line.trim())))
    lines.on('SIGINT', () => {
      output.write('\n')
      finish(() => reject(interrupted()))
    })
    lines.on('close', onClose)
    lines.setPrompt(prompt)
    lines.prompt()
  })
}

/** What the line editor wants: a stream that knows how wide it is. */
function streamTo(output: LineOutput): Writable {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      output.write(chunk.toString())
      done()
    },
  })
  return Object.defineProperty(stream, 'columns', { get: () => output.columns })
}

export const interrupted = (): CommandError => new CommandError('INTERRUPTED', 'Interrupted.')

export const inputEnded = (): CommandError => new CommandError('DECLINED', 'Input ended before the question was answered.')

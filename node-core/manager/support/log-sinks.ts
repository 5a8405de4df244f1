/**
 * Where log records go: the terminal, a rotating file (JSON lines by pino), and memory for the dashboard.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import { createStream } from 'rotating-file-stream'
import type { LogRecord, LogSink } from '../../base/logger.ts'
import { RingBuffer } from '../../base/ring-buffer.ts'

/** One line per record, for people: time, level, module, message, fields. */
export function terminalSink(write: (line: string) => void): LogSink {
  return (record) => write(`${formatRecord(record)}\n`)
}

export function formatRecord({ time, level, module, message, fields }: LogRecord): string {
  const stamp = new Date(time).toISOString().replace('T', ' ').slice(0, 23)
  const pairs = Object.entries(fields ?? {}).map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${stamp} ${level.toUpperCase().padEnd(5)} ${module.padEnd(8)} ${message}${pairs.join('')}`
}

/** Appends to `<folder>/nodestead.log`; begins a new file at 10 MB and keeps five old ones, compressed. */
export function fileSink(folder: string): { readonly sink: LogSink; close(): Promise<void> } {
  const stream = createStream('nodestead.log', { path: folder, size: '10M', maxFiles: 5, compress: 'gzip' })
  // A full disk must not end the node: what cannot be written is missing in the file and still in the window.
  stream.on('error', () => undefined)
  const logger = pino({ level: 'trace', base: null, timestamp: false }, stream)
  return {
    sink: ({ time, level, module, message, fields, network }) => logger[level]({ time, module, ...(network === undefined ? {} : { network }), ...(fields === undefined ? {} : { fields }) }, message),
    close: () =>
      new Promise((resolve) => {
        if (stream.destroyed) resolve()
        else stream.end(() => resolve())
      }),
  }
}

const TAIL_BYTES = 1_000_000

/** The end of what {@link fileSink} wrote last, from a whole line on; empty where there is none. */
export async function logTail(folder: string): Promise<string> {
  const file = await open(join(folder, 'nodestead.log'), 'r').catch(() => undefined)
  if (file === undefined) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, TAIL_BYTES)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
    const text = buffer.subarray(0, bytesRead).toString('utf8')
    return length === size ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await file.close()
  }
}

/** The newest records, for whoever opens the window later. */
export class LogMemory {
  readonly #records: RingBuffer<LogRecord>

  constructor(capacity: number) {
    this.#records = new RingBuffer(capacity)
  }

  readonly sink: LogSink = (record) => {
    this.#records.push(record)
  }

  /** Oldest first, `count` at the most. */
  recent(count: number): LogRecord[] {
    return this.#records.toArray().slice(-count)
  }
}

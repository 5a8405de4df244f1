/**
 * Logging, as the rest of the node sees it.
 *
 * A record is `(level, module, message, fields)`. Modules are the folder names of this tree. Fields are plain data;
 * secrets never go in. Where the records end up (terminal, file, window) is decided where the node is composed.
 */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogRecord {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly level: LogLevel
  readonly module: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>> | undefined
}

export type LogFields = Record<string, unknown>

export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger whose records carry another module name. */
  child(module: string): Logger
}

export type LogSink = (record: LogRecord) => void

/** `levels.default` applies to modules without an entry of their own. */
export type LogFilter = Readonly<{ default: LogLevel } & Record<string, LogLevel>>

/** Parses Substrate's `--log` syntax: `info`, `babe=trace`, `debug,rpc=warn`. Throws a RangeError that quotes the bad part. */
export function parseLogFilter(text: string): LogFilter {
  const filter: { default: LogLevel } & Record<string, LogLevel> = { default: 'info' }
  for (const part of text.split(',').map((p) => p.trim()).filter((p) => p !== '')) {
    const [module, level] = part.includes('=') ? (part.split('=', 2) as [string, string]) : ['default', part]
    if (!LOG_LEVELS.includes(level as LogLevel)) {
      throw new RangeError(`"${part}" is not a log filter: levels are ${LOG_LEVELS.join(', ')}`)
    }
    filter[module] = level as LogLevel
  }
  return filter
}

export function createLogger(sinks: readonly LogSink[], filter: LogFilter = { default: 'info' }, module = 'node'): Logger {
  const threshold = LOG_LEVELS.indexOf(filter[module] ?? filter.default)
  const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (LOG_LEVELS.indexOf(level) < threshold) return
    const record: LogRecord = { time: Date.now(), level, module, message, fields }
    for (const sink of sinks) sink(record)
  }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (name) => createLogger(sinks, filter, name),
  }
}

export const silentLogger: Logger = createLogger([])
